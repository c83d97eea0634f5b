/* Repetitions of repetitions: a pattern that would fill the memory is REG_ESPACE, early; a smaller one still works. */
#define _GNU_SOURCE
#include <regex.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

/* harness: glibc no */

int main(void) {
    /* 400 MiB for all of it. */
    struct rlimit limit = {400 << 20, 400 << 20};
    setrlimit(RLIMIT_AS, &limit);
    static const char *const pieces[] = {"{1,2}", "{0,3}", "{2}", "{1,}", "{1,32767}", "+*"};
    for (int p = 0; p < 6; p++)
        for (int grouped = 0; grouped < 2; grouped++) {
            char pattern[3000] = "";
            for (int i = 0; grouped && i < 60; i++) strcat(pattern, "(");
            strcat(pattern, "ab");
            for (int i = 0; i < 60; i++) strcat(strcat(pattern, grouped ? ")" : ""), pieces[p]);
            regex_t r;
            int error = regcomp(&r, pattern, REG_EXTENDED);
            if (error == 0) regfree(&r);
            if (error != 0 && error != REG_ESPACE) return printf("%s: %d\n", pattern, error), 1;
            if (error == 0 && p < 3) return printf("%s is taken\n", pattern), 1;
        }
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    if (used.ru_maxrss > 300 << 10) return printf("%ld KiB were used\n", used.ru_maxrss), 1;
    regex_t r;
    regmatch_t m;
    char text[3000];
    memset(text, 'a', 2999), text[2999] = 0;
    if (regcomp(&r, "^(a{1,50}){1,60}$", REG_EXTENDED) || regexec(&r, text, 1, &m, 0) || m.rm_eo != 2999) return 1;
    regfree(&r);
    return 0;
}
