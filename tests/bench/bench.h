/* What the workloads share: a clock, repetition, and one line of output per metric: `metric value unit`. */
#ifndef BENCH_H
#define BENCH_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static inline double now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* `quick` on the command line asks for a tenth of the work. */
static inline long scaled(long n, int argc, char **argv)
{
    return argc > 1 && strcmp(argv[1], "quick") == 0 ? n / 10 + 1 : n;
}

static inline void report(const char *name, double value, const char *unit) { printf("%s %.4f %s\n", name, value, unit); }

/* The smallest time of several tries, in ns per operation: what disturbs a short loop only ever adds to it. Where one is
   slow, two must do. */
#define BEST_OF(tries, count, body)                        \
    ({                                                     \
        double best_ = 1e300, begin_ = now_ns();           \
        for (int try_ = 0; try_ < (tries); try_++) {       \
            double start_ = now_ns();                      \
            if (try_ > 1 && start_ - begin_ > 1e9) break;  \
            for (long i_ = 0; i_ < (count); i_++) { body; } \
            double each_ = (now_ns() - start_) / (double)(count); \
            if (each_ < best_) best_ = each_;              \
        }                                                  \
        best_;                                             \
    })

#define KEEP(value) __asm__ volatile("" : : "r"(value) : "memory")

#endif
