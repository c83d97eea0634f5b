/* Numbers in a table of file systems, as far as an int goes; what is beyond is 0. */
/* harness: glibc no */
#include <limits.h>
#include <mntent.h>
#include <stdio.h>

int main(void) {
    static const struct { const char *text; int number; } of[] = {
        {"2147483647", INT_MAX}, {"-2147483648", INT_MIN}, {"2147483648", 0}, {"-2147483649", 0}, {"4294967297", 0},
        {"-4294967295", 0}, {"9223372036854775808", 0}, {"99999999999999999999", 0}, {"-0", 0}, {"--1", 0}, {"-", 0},
    };
    FILE *f = tmpfile();
    int n = sizeof of / sizeof *of, wrong = 0;
    for (int i = 0; i < n; i++) fprintf(f, "d /d k o %s %s\n", of[i].text, of[i].text);
    rewind(f);
    for (int i = 0; i < n; i++) {
        struct mntent *m = getmntent(f);
        if (!m || m->mnt_freq != of[i].number || m->mnt_passno != of[i].number) wrong = printf("%s is not %d\n", of[i].text, of[i].number);
    }
    return wrong != 0;
}
