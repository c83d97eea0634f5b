/* Bytes that are no UTF-8, from strings and from a stream: EILSEQ, where it belongs, and the rest is read on. */
/* harness: glibc no */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

static void fail(int line, const char *what) {
    printf("line %d: %s (errno %d)\n", line, what, errno);
    exit(1);
}

#define CHECK(...) ((__VA_ARGS__) ? (void)0 : fail(__LINE__, #__VA_ARGS__))

/* Overlong, a surrogate, beyond the last character (which glibc takes), a byte that starts nothing, a wrong continuation. */
static const char *const invalid[] = {"\xc0\x80", "\xc1\xbf", "\xed\xa0\x80", "\xe0\x80\xaf", "\xe0\x9f\xbf", "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf",
    "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xf8\x88\x80\x80\x80", "\xfe", "\xff", "\x80", "\xbf", "\xc3\x28", "\xe2\x82\x28",
    "\xf0\x9f\x98\x28", "\xe2\x28\xa1"};
/* The beginning of a character. */
static const char *const incomplete[] = {"\xc3", "\xe2", "\xe2\x82", "\xf0", "\xf0\x9f", "\xf0\x9f\x98"};

static void strings(void) {
    wchar_t wide[20], one;
    for (size_t i = 0; i < sizeof invalid / sizeof *invalid; i++) {
        const char *s = invalid[i];
        mbstate_t state = {0};
        CHECK((errno = 0, mbrtowc(&one, s, strlen(s), &state)) == (size_t)-1 && errno == EILSEQ);
        CHECK((errno = 0, mbstowcs(wide, s, 20)) == (size_t)-1 && errno == EILSEQ);
        CHECK(mblen(s, strlen(s)) == -1);
        char text[40] = "good";
        strcat(text, s);
        const char *at = text;
        memset(&state, 0, sizeof state);
        CHECK((errno = 0, mbsrtowcs(wide, &at, 20, &state)) == (size_t)-1 && errno == EILSEQ && at == text + 4);
        CHECK(wide[3] == L'd');
        /* Copied as it is where nothing is converted. */
        char copy[40];
        CHECK(snprintf(copy, sizeof copy, "%s", text) == (int)strlen(text) && strcmp(copy, text) == 0);
        CHECK(sscanf(text, "%39s", copy) == 1 && strcmp(copy, text) == 0);
        CHECK(sscanf(text, "%l[a-z]", wide) <= 1);
    }
    for (size_t i = 0; i < sizeof incomplete / sizeof *incomplete; i++) {
        mbstate_t state = {0};
        CHECK(mbrtowc(&one, incomplete[i], strlen(incomplete[i]), &state) == (size_t)-2 && !mbsinit(&state));
        CHECK((errno = 0, mbstowcs(wide, incomplete[i], 20)) == (size_t)-1 && errno == EILSEQ);
    }
    static const wchar_t none[] = {0xd800, 0xdfff, 0x110000, 0x7fffffff, -1};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        char bytes[MB_LEN_MAX];
        mbstate_t state = {0};
        CHECK((errno = 0, wcrtomb(bytes, none[i], &state)) == (size_t)-1 && errno == EILSEQ);
        CHECK((errno = 0, snprintf(bytes, sizeof bytes, "%lc", none[i])) == -1 && errno == EILSEQ);
    }
}

static void streams(void) {
    for (size_t i = 0; i < sizeof invalid / sizeof *invalid; i++) {
        FILE *f = tmpfile();
        CHECK(f != NULL);
        fprintf(f, "a\xc3\xa9%s", invalid[i]);
        rewind(f);
        CHECK(fgetwc(f) == L'a' && fgetwc(f) == 0xe9);
        CHECK((errno = 0, fgetwc(f)) == WEOF && errno == EILSEQ && ferror(f) && !feof(f));
        fclose(f);
    }
    for (size_t i = 0; i < sizeof incomplete / sizeof *incomplete; i++) {
        FILE *f = tmpfile();
        fputs(incomplete[i], f);
        rewind(f);
        /* The file ends within a character. */
        CHECK((errno = 0, fgetwc(f)) == WEOF && errno == EILSEQ && ferror(f));
        fclose(f);
    }
    FILE *f = tmpfile();
    CHECK(fputwc(L'x', f) == L'x');
    CHECK((errno = 0, fputwc(0xd800, f)) == WEOF && errno == EILSEQ && ferror(f));
    clearerr(f);
    CHECK(fputwc(0x20ac, f) == 0x20ac);
    rewind(f);
    CHECK(fgetwc(f) == L'x' && fgetwc(f) == 0x20ac && fgetwc(f) == WEOF && feof(f));
    fclose(f);
}

int main(void) {
    CHECK(setlocale(LC_ALL, "C.UTF-8") != NULL);
    strings();
    streams();
    return 0;
}
