/* random, rand, rand_r and drand48: the same numbers as glibc's. */
/* harness: compare */
#define _GNU_SOURCE
#include <stdlib.h>
#include "../out.h"

static void out_fraction(double d) {
    unsigned long bits;
    memcpy(&bits, &d, 8);
    out_unsigned(bits);
}

int main(void) {
    static int arrays[6][70];
    for (int i = 0; i < 100; i++) out_int(random()), out_int(rand());
    for (unsigned s = 0; s < 200; s++) {
        srandom(s * 2654435761u), out_int(random()), srand(s), out_int(rand());
        unsigned state = s;
        out_int(rand_r(&state)), out_int(rand_r(&state)), out_unsigned(state), out_line();
    }
    static const int bytes[] = {8, 32, 64, 128, 256, 100};
    for (int k = 0; k < 6; k++) {
        initstate(7 + k, (char *)arrays[k], bytes[k]);
        for (int i = 0; i < 40; i++) out_int(random());
        out_line();
    }
    for (int k = 0; k < 20; k++) {
        setstate((char *)arrays[k * 7 % 6]);
        for (int i = 0; i < k; i++) out_int(random());
        out_line();
    }
    out_int(initstate(1, (char *)arrays[0], 7) == NULL);
    struct random_data data = {0};
    int result;
    initstate_r(5, (char *)arrays[1], 128, &data);
    for (int i = 0; i < 50; i++) random_r(&data, &result), out_int(result);
    srandom_r(9, &data), random_r(&data, &result), out_int(result), out_line();

    unsigned short x[3] = {1, 2, 3}, all[7] = {1, 2, 3, 4, 5, 6, 7};
    for (int i = 0; i < 50; i++) {
        out_fraction(drand48()), out_int(lrand48()), out_int(mrand48());
        out_fraction(erand48(x)), out_int(nrand48(x)), out_int(jrand48(x)), out_line();
        if (i == 10) srand48(-12345678);
        if (i == 20) out_int(seed48(x)[1]);
        if (i == 30) lcong48(all);
    }
    struct drand48_data d = {0};
    double f;
    long l;
    for (int i = 0; i < 9; i++) drand48_r(&d, &f), out_fraction(f), lrand48_r(&d, &l), out_int(l), mrand48_r(&d, &l), out_int(l);
    srand48_r(5, &d), erand48_r(x, &d, &f), out_fraction(f), jrand48_r(x, &d, &l), out_int(l);
    out_flush();
    return 0;
}
