/* Matches for which POSIX gives the rule and glibc does not follow it: longest parts first, from the left. */
/* harness: glibc no */
#include <locale.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

static void expect(const char *pattern, const char *text, const int *places, int n) {
    regex_t r;
    regmatch_t m[8];
    if (regcomp(&r, pattern, REG_EXTENDED) || regexec(&r, text, 8, m, 0)) abort();
    for (int i = 0; i < n; i++)
        if (m[i].rm_so != places[2 * i] || m[i].rm_eo != places[2 * i + 1]) abort();
    regfree(&r);
}

int main(void) {
    expect("(a|ab)(c|bcd)(d*)", "abcd", (int[]){0, 4, 0, 2, 2, 3, 3, 4}, 4);
    expect("(foo|foobar)(bar)?", "foobar", (int[]){0, 6, 0, 6, -1, -1}, 3);
    expect("(a|ab)(bcd|c)(d|.*)", "abcd", (int[]){0, 4, 0, 2, 2, 3, 3, 4}, 4);
    setlocale(LC_ALL, "C.UTF-8");
    expect("[\xc3\xa0-\xc3\xbf]", "x\xc3\xa9", (int[]){1, 3}, 1);
    /* Patterns that make backtracking matchers take for ever. */
    static char text[5001];
    memset(text, 'a', 5000);
    regex_t r;
    regmatch_t m[3];
    if (regcomp(&r, "^(a+)+$", REG_EXTENDED) || regexec(&r, text, 3, m, 0) || m[1].rm_so != 0) abort();
    regfree(&r);
    text[4999] = 'b';
    if (regcomp(&r, "^(a*)*(a|aa)*c$", REG_EXTENDED) || regexec(&r, text, 3, m, 0) != REG_NOMATCH) abort();
    regfree(&r);
    return 0;
}
