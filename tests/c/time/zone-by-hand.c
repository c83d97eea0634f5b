/* %Z of a struct tm that was filled in by hand: the name that TZ has for its tm_isdst, as glibc. */
/* harness: compare */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int main(void)
{
    static const char *const zones[] = {"EST5EDT", "CET-1", "UTC0"};
    for (int i = 0; i < 3; i++) {
        setenv("TZ", zones[i], 1);
        tzset();
        for (int summer = -1; summer <= 1; summer++) {
            struct tm t = {.tm_year = 124, .tm_mday = 1, .tm_isdst = summer};
            char text[40];
            strftime(text, sizeof text, "%Z|%z|%#Z", &t);
            printf("%s %d: %s\n", zones[i], summer, text);
        }
    }
    return 0;
}
