/* qsort, qsort_r and bsearch: against glibc, whose order of equal elements programs know. */
/* harness: compare */
/* harness: args 600 */
#define _GNU_SOURCE
#include <stdlib.h>
#include "../out.h"

static size_t size;

static int by_first(const void *a, const void *b) { return *(const unsigned char *)a - *(const unsigned char *)b; }

static int by_mask(const void *a, const void *b, void *mask) {
    return (*(const unsigned char *)a & *(unsigned char *)mask) - (*(const unsigned char *)b & *(unsigned char *)mask);
}

int main(int argc, char **argv) {
    int rounds = argc > 1 ? atoi(argv[1]) : 600;
    static unsigned char all[64 * 3000];
    static const size_t sizes[] = {1, 2, 3, 4, 7, 8, 12, 16, 24, 32, 33, 64};
    for (int round = 0; round < rounds; round++) {
        size = sizes[round % 12];
        size_t n = round < 48 ? round / 12 : round % 50 == 0 ? 3000 : below(200);
        for (size_t i = 0; i < n * size; i++) all[i] = i % size ? next_random() : below(round % 5 ? 200 : 4);
        qsort(all, n, size, by_first);
        unsigned char mask = next_random(), key = next_random();
        unsigned long sum = 0;
        for (size_t i = 0; i < n * size; i++) sum = sum * 31 + all[i];
        unsigned char *found = bsearch(&key, all, n, size, by_first);
        out_unsigned(sum), out_int(found ? *found : -1);
        qsort_r(all, n, size, by_mask, &mask);
        for (size_t i = 0; i < n * size; i++) sum = sum * 31 + all[i];
        out_unsigned(sum), out_line();
    }
    qsort(NULL, 0, 4, by_first);
    out_flush();
    return 0;
}
