/* Calls that _FORTIFY_SOURCE checks and that stay within their buffers do what they do without it. */
/* harness: flags -O2 -D_FORTIFY_SOURCE=2 */
/* harness: compare */
#define _GNU_SOURCE
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

int main(int argc, char **argv) {
    volatile int n = 30;
    char buf[64];
    int got = 0;
    printf("%d%n\n", n, &got);
    printf("%d\n", got);
    printf("%d", sprintf(buf, "%d", n));
    printf(" %d %s\n", snprintf(buf, n, "%*d", n, n), buf);
    char *p;
    printf("%d", asprintf(&p, "%d", n));
    printf(" %s\n", p);
    free(p);
    fprintf(stdout, "%s\n", strncpy(buf, "abc", n));
    fflush(stdout);
    dprintf(1, "%d\n", n);
    FILE *f = tmpfile();
    fputs("one\ntwo\nthree", f);
    rewind(f);
    printf("%s", fgets(buf, n, f));
    printf("%s", fgets(buf, 4, f));
    printf("%zu\n", fread(buf, 1, n, f));
    rewind(f);
    printf("%ld\n", (long)read(fileno(f), buf, n));
    printf("%d\n", getcwd(buf, n) != 0 || 1);
    struct pollfd none[2];
    printf("%d\n", poll(none, n - 30, 0));
    wchar_t wide[20];
    printf("%ld\n", (long)wcslen(wcscpy(wide, L"wide")));
    printf("%zu\n", mbstowcs(wide, "multibyte", n - 20));
}
