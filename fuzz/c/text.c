/* Encodings and options: mbrtowc in pieces and at once, iconv, wide streams, getopt. */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <iconv.h>
#include <locale.h>
#include <stdio.h>
#include <wchar.h>
#include "input.h"

/* A character is the same whether its bytes come together or one by one. */
static void pieces(struct input in) {
    mbstate_t whole = {0}, split = {0};
    while (in.at < in.end) {
        wchar_t a = -1, b = -1;
        size_t n = mbrtowc(&a, (const char *)in.at, in.end - in.at, &whole), m, taken = 0;
        do m = mbrtowc(&b, (const char *)in.at + taken, 1, &split), taken++;
        while (m == (size_t)-2 && in.at + taken < in.end);
        if (n == (size_t)-1 || n == (size_t)-2) {
            REQUIRE(m == n);
            return;
        }
        REQUIRE(m == 1 || a == 0);
        REQUIRE(a == b && taken == (n ? n : 1));
        char back[16];
        mbstate_t state = {0};
        REQUIRE(wcrtomb(back, a, &state) == taken && memcmp(back, in.at, taken) == 0);
        in.at += taken;
    }
}

static void convert(struct input in) {
    static const char *const names[] = {"UTF-8", "UTF-16", "UTF-16LE", "UTF-16BE", "UTF-32", "UTF-32LE", "UTF-32BE", "ISO-8859-1", "ASCII", "WCHAR_T", "UTF-8//IGNORE", "ASCII//TRANSLIT"};
    iconv_t cd = iconv_open(names[take(&in) % 12], names[take(&in) % 10]);
    if (cd == (iconv_t)-1) return;
    size_t room = take(&in) % 40, left = in.end - in.at;
    char *from = malloc(left + 1), *input = from, *into = malloc(room + 1);
    memcpy(from, in.at, left);
    for (int turns = 0; left > 0 && turns < 200; turns++) {
        char *output = into;
        size_t space = room;
        into[room] = 77;
        size_t before = left, n = iconv(cd, &input, &left, &output, &space);
        REQUIRE(output >= into && output == into + room - space && into[room] == 77 && left <= before);
        if (n != (size_t)-1) break;
        REQUIRE(errno == E2BIG || errno == EILSEQ || errno == EINVAL);
        if (errno != E2BIG || output == into) break;
    }
    iconv_close(cd);
    free(from), free(into);
}

static void streams(struct input in) {
    if (in.at == in.end) return;
    unsigned kind = take(&in);
    if (in.at == in.end) return;
    FILE *f = fmemopen((void *)in.at, in.end - in.at, "r");
    REQUIRE(f);
    char *line = NULL;
    size_t size = 0;
    wchar_t wide[20];
    switch (kind % 3) {
    case 0: while (getline(&line, &size, f) > 0) continue; break;
    case 1: while (fgetws(wide, 20, f)) REQUIRE(wcslen(wide) < 20); break;
    case 2: while (fwscanf(f, L"%19ls", wide) == 1) REQUIRE(wcslen(wide) < 20); break;
    }
    free(line);
    fclose(f);
}

static void options(struct input in) {
    unsigned kind = take(&in);
    char *shorts = take_string(&in), *argv[10] = {"program"};
    int argc = 1;
    while (argc < 9 && in.at < in.end) argv[argc++] = take_string(&in);
    static const struct option longs[] = {{"all", 0, NULL, 'a'}, {"alter", 1, NULL, 'l'}, {"maybe", 2, NULL, 'm'}, {0}};
    optind = 0, opterr = 0;
    int n = 0;
    while (((kind & 1) ? getopt_long(argc, argv, shorts, longs, NULL) : (kind & 2) ? getopt_long_only(argc, argv, shorts, longs, NULL) : getopt(argc, argv, shorts)) != -1)
        REQUIRE(n++ < 10000);
    REQUIRE(optind >= 1 && optind <= argc);
    for (int i = 1; i < argc; i++) free(argv[i]);
    free(shorts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct input in = {data, data + size};
    setlocale(LC_ALL, "C.UTF-8");
    switch (take(&in) % 4) {
    case 0: pieces(in); break;
    case 1: convert(in); break;
    case 2: streams(in); break;
    case 3: options(in); break;
    }
    return 0;
}
