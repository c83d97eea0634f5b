/* Shell patterns and regular expressions: whatever they are, over whatever text, they end, and matches lie in the text. */
#define _GNU_SOURCE
#include <fnmatch.h>
#include <glob.h>
#include <locale.h>
#include <regex.h>
#include <sys/stat.h>
#include "input.h"

static void expression(const char *pattern, const char *text, unsigned flags) {
    regex_t regex;
    int error = regcomp(&regex, pattern, flags & (REG_EXTENDED | REG_ICASE | REG_NEWLINE | REG_NOSUB));
    if (error) {
        char why[100];
        REQUIRE(regerror(error, &regex, why, sizeof why) > 1);
        return;
    }
    regmatch_t found[12];
    memset(found, 0x55, sizeof found);
    regoff_t length = strlen(text);
    if (regexec(&regex, text, 10, found, flags >> 4 & (REG_NOTBOL | REG_NOTEOL)) == 0 && !(flags & REG_NOSUB)) {
        REQUIRE(0 <= found[0].rm_so && found[0].rm_so <= found[0].rm_eo && found[0].rm_eo <= length);
        for (int i = 1; i < 10; i++) {
            REQUIRE(found[i].rm_so >= -1 && found[i].rm_so <= found[i].rm_eo && found[i].rm_eo <= length);
            REQUIRE((found[i].rm_so == -1) == (found[i].rm_eo == -1));
        }
    }
    REQUIRE(found[10].rm_so == 0x55555555 && found[11].rm_eo == 0x55555555);
    regfree(&regex);
}

static int count(const char *text, const char *part) {
    int n = 0;
    while ((text = strstr(text, part))) n++, text++;
    return n;
}

static int has_back_reference(const char *pattern) {
    for (; (pattern = strchr(pattern, '\\')); pattern++)
        if (pattern[1] >= '1' && pattern[1] <= '9') return 1;
    return 0;
}

static struct dirent *no_entry(void *p) { return (void)p, NULL; }
static void *open_nothing(const char *p) { return (void)p, NULL; }
static void close_nothing(void *p) { (void)p; }
static int no_such_file(const char *p, struct stat *s) { return (void)p, (void)s, -1; }

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    /* Matching may take time that grows with the product of both, and worse with back references. */
    if (size > 150) return 0;
    struct input in = {data, data + size};
    unsigned kind = take(&in), flags = take(&in);
    setlocale(LC_ALL, kind & 4 ? "C.UTF-8" : "C");
    char *pattern = take_string(&in), *text = take_string(&in);
    switch (kind % 4) {
    case 0:
        /* What is not to match is tried at each place. */
        if (count(pattern, "!(") < 4) fnmatch(pattern, text, flags & 63);
        break;
    case 1: {
        glob_t g = {.gl_closedir = close_nothing, .gl_readdir = no_entry, .gl_opendir = open_nothing,
            .gl_lstat = no_such_file, .gl_stat = no_such_file};
        static const int choices[] = {GLOB_BRACE, GLOB_TILDE, GLOB_NOESCAPE, GLOB_NOCHECK, GLOB_MARK, GLOB_NOMAGIC, GLOB_PERIOD, GLOB_ONLYDIR};
        int chosen = GLOB_ALTDIRFUNC;
        for (int i = 0; i < 8; i++)
            if (flags >> i & 1) chosen |= choices[i];
        /* Braces multiply. */
        int braces = 0;
        for (char *p = pattern; *p; p++) braces += *p == '{' || *p == ',';
        if (braces < 12 && glob(pattern, chosen, NULL, &g) == 0) globfree(&g);
        break;
    }
    default:
        /* Repetitions multiply; with a back-reference they are tried one by one. */
        if (strlen(pattern) < (has_back_reference(pattern) ? 16 : 60)) expression(pattern, text, flags);
    }
    free(pattern), free(text);
    return 0;
}
