/* Wide streams and wide formatted input and output, in C.UTF-8 and in C. */
/* harness: compare */
#define _GNU_SOURCE
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static void memory(void) {
    wchar_t w[100];
    char buf[100];
    int r;
    errno = 0;
    r = swprintf(w, 100, L"%ls|%5ls|%-6.2ls|%lc|%d|%5.1f|%s|%10s|%.2s", L"wide", L"ab", L"xyz", L'q', -5, 3.14159, "narrow", "right", "cut");
    printf("%d %ls\n", r, w);
    r = swprintf(w, 100, L"\u00e9t\u00e9 %ls|%6ls|%.3ls|%lc", L"\u65e5\u672c", L"\u65e5\u672c", L"\u65e5\u672c\u8a9e\u5b57", L'\u20ac');
    printf("%d %d\n", r, r > 0 ? (int)w[7] : 0);
    r = swprintf(w, 5, L"%s", "too long");
    printf("%d\n", r);
    r = swprintf(w, 100, L"%s %.2s %8s|%c", "\xc3\xa9t\xc3\xa9", "\xc3\xa9t\xc3\xa9", "\xc3\xa9", 'c');
    printf("%d\n", r);
    if (r > 0)
        for (int i = 0; i < r; i++) printf("%x ", w[i]);
    r = snprintf(buf, 100, "%ls|%.3ls|%8ls|%lc|%C|%S", L"\u00e9t\u00e9", L"\u00e9\u00e9", L"\u00e9", L'\u20ac', L'x', L"big");
    printf("%d %s\n", r, r > 0 ? buf : "");
    int a = 0, b = 0;
    float f = 0;
    wchar_t ws[20] = L"";
    char s[20] = "";
    r = swscanf(L" 12 abc 3.5 \u00e9t\u00e9 tail", L"%d %s %f %ls%n", &a, s, &f, ws, &b);
    printf("%d %d %s %g %x %d\n", r, a, s, f, ws[0], b);
    r = swscanf(L"\u00e9\u00e8\u00e0x", L"%l[\u00e0-\u00e9]%c", ws, s);
    printf("%d %zu %x\n", r, wcslen(ws), s[0]);
    memset(ws, 0, sizeof ws);
    /* In the C locale the host gives 0 for bytes that are no characters, where POSIX asks for EOF; and its wide streams
       write a question mark for a character that there is none of, where POSIX asks for EILSEQ. */
    if (MB_CUR_MAX == 1) return;
    r = sscanf("\xc3\xa9t\xc3\xa9 \xe2\x82\xac", "%ls %lc", ws, ws + 10);
    printf("%d %x %x\n", r, ws[0], ws[10]);
    wchar_t *p = NULL;
    r = sscanf("word", "%mls", &p);
    printf("%d %ls\n", r, r == 1 ? p : L"");
    r = swscanf(L"x42y", L"x%dy%n", &a, &b);
    printf("%d %d %d\n", r, a, b);
}

static void streams(void) {
    FILE *f = tmpfile();
    printf("%d", fwide(f, 0));
    printf(" %d", fwide(f, 1));
    errno = 0;
    printf(" %d\n", fputws(L"\u00e9t\u00e9\nzwei\n", f));
    clearerr(f);
    int r = fwprintf(f, L"%d %ls\n", 42, L"zwei");
    printf("%d\n", r);
    rewind(f);
    wchar_t line[20];
    while (fgetws(line, 20, f)) printf("%zu %x %x\n", wcslen(line), line[0], line[1]);
    printf("%d %d\n", !!feof(f), !!ferror(f));
    rewind(f);
    wint_t c = fgetwc(f);
    printf("%x", c);
    printf(" %x", ungetwc(c, f));
    printf(" %x", ungetwc(L'!', f));
    printf(" %x", fgetwc(f));
    printf(" %x", fgetwc(f));
    printf(" %x\n", fgetwc(f));
    int n = 0;
    rewind(f);
    r = fwscanf(f, L"%ls %*ls %d", line, &n);
    printf("%d %d %x\n", r, n, line[0]);
    fclose(f);
}

int main(void) {
    for (int i = 0; i < 2; i++) {
        printf("== %s\n", setlocale(LC_ALL, i ? "C" : "C.UTF-8"));
        memory();
        if (i == 0) streams();
    }
}
