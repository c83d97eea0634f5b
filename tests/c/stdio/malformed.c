/* Formats that are no formats: printf says EINVAL or EOVERFLOW or prints them, scanf stops; nobody writes where nothing is. */
/* harness: flags -w */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fail(const char *what, const char *format) {
    printf("%s: %s (errno %d)\n", format, what, errno);
    exit(1);
}

static void print(const char *format) {
    char text[300];
    memset(text, '#', sizeof text);
    errno = 0;
    int n = snprintf(text, 100, format, 1L, 2L, 3L, 4L);
    if (n < 0 && errno != EINVAL && errno != EOVERFLOW) fail("no such error", format);
    if (n >= 0 && strnlen(text, 100) != (size_t)(n < 100 ? n : 99)) fail("another length", format);
    for (int i = 100; i < 300; i++)
        if (text[i] != '#') fail("writes beyond", format);
}

static void scan(const char *format, const char *text) {
    long places[8];
    memset(places, '#', sizeof places);
    int n = sscanf(text, format, &places[0], &places[4], &places[5], &places[6]);
    if (n < -1 || n > 2) fail("more than there is", format);
    if (places[7] != 0x2323232323232323) fail("writes beyond", format);
    int unclosed = strchr(format, '[') && (strlen(format) < 3 || !strchr(strchr(format, '[') + 2 + (format[2] == '^'), ']'));
    if (unclosed && (n > 0 || places[0] != 0x2323232323232323)) fail("takes text by half a set", format);
}

int main(void) {
    static const char *const formats[] = {"%", "a%", "%5", "%-", "%l", "%ll", "%lll", "%hhhd", "%5.", "%.", "%$", "%0$d", "%1$", "%k", "%y", "%!",
        "%5y|", "%-+ #0y", "%.*", "%*", "%l%", "%5%|", "%-5%|", "%\x80", "\xff%d", "%9999999999d", "%.9999999999d", "%2147483648d", "%99999999999999999999d",
        "%1$9999999999d", "%1$d %3$d", "%2$d %1$d", "%1$*2$d", "%1$.*2$d", "%1$ld%%", "%1$d%",
        "%q", "%w", "%wd", "%H", "%#", "%\n", "% %", "%1", "%1.2", "%1.2l", "%ly", "%Ly", "%jd%jy", "%td|%zd|%jd", "%'d", "%Id", "%hhd|%hd", "%-010d|"};
    for (unsigned i = 0; i < sizeof formats / sizeof *formats; i++) print(formats[i]);
    static const char *const patterns[] = {"%", "%5", "%l", "%k", "%y", "%[", "%[]", "%[^", "%[^]", "%[a", "%[z-a]", "%[a-", "%*", "%*d", "%0d", "%0s", "%00c",
        "%9999999999d", "%99999999999999999999d", "%$", "%0$d", "%1$", "%1$d", "%2$d %1$d", "%d%", "%d%%", "%d %% %d", "%hhhd", "%lld%n", "%*n", "%5n", "%!", "%\x80", "%m", "%md",
        "%l[", "%Lx", "%jx", "%tx%zx", "%i", "%3i", "%x", "%o", "%u"};
    static const char *const texts[] = {"", "12", "0x1f%", "12 % 34", "abc", "]", "-", "\x80\xff", "99999999999999999999"};
    for (unsigned i = 0; i < sizeof patterns / sizeof *patterns; i++)
        for (unsigned k = 0; k < sizeof texts / sizeof *texts; k++) scan(patterns[i], texts[k]);
    return 0;
}
