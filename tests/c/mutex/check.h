/* What the mutex tests share: a check that says where it failed, a random number, an object on pages of its own, a bias. */
#ifndef CHECK_H
#define CHECK_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define CHECK(condition)                                                        \
    do {                                                                        \
        if (!(condition)) {                                                     \
            printf("%s:%d: %s\n", __FILE__, __LINE__, #condition);              \
            fflush(stdout);                                                     \
            _exit(1);                                                           \
        }                                                                       \
    } while (0)

#define EQUAL(expression, expected)                                             \
    do {                                                                        \
        long got_ = (expression), want_ = (expected);                           \
        if (got_ != want_) {                                                    \
            printf("%s:%d: %s is %ld, not %ld\n", __FILE__, __LINE__, #expression, got_, want_); \
            fflush(stdout);                                                     \
            _exit(1);                                                           \
        }                                                                       \
    } while (0)

static inline unsigned next_random(unsigned *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static inline void *map_pages(size_t size)
{
    void *p = mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(p != MAP_FAILED);
    return p;
}

static inline struct timespec in_ms(clockid_t clock, long ms)
{
    struct timespec t;
    clock_gettime(clock, &t);
    t.tv_nsec += ms * 1000000;
    t.tv_sec += t.tv_nsec / 1000000000;
    t.tv_nsec %= 1000000000;
    return t;
}

/* Uses in a row that earn a new mutex its bias once there has been a second thread (pthread/src/mutex/policy.rs). */
enum { LONG_USE = 4097 };

static inline void *nothing(void *arg) { return arg; }

static inline void have_a_second_thread(void)
{
    pthread_t t;
    EQUAL(pthread_create(&t, 0, nothing, 0), 0);
    EQUAL(pthread_join(t, 0), 0);
}

static inline void use_long(pthread_mutex_t *m)
{
    for (int i = 0; i < LONG_USE; i++) {
        EQUAL(pthread_mutex_lock(m), 0);
        EQUAL(pthread_mutex_unlock(m), 0);
    }
}

/* Tidal's: the thread that a private mutex is biased to, 0 if it is to nobody. */
static inline unsigned bias_of(pthread_mutex_t *m) { return ((volatile unsigned *)m)[1]; }

/* Seconds that a stress test runs: a few, or what TIDAL_STRESS_SECONDS says. */
static inline double stress_seconds(double usual)
{
    const char *s = getenv("TIDAL_STRESS_SECONDS");
    return s ? (double)atoi(s) : usual;
}

#endif
