/* What the stress programs share. Each goes on for a moment, or for as many seconds as TIDAL_STRESS_SECONDS says. */
#ifndef STRESS_H
#define STRESS_H

#include "../mutex/check.h"

#include <signal.h>

static struct timespec stress_end;

/* Starts the clock; `share` of the time, for programs that go through several kinds. */
static inline void stress_begin(double share)
{
    stress_end = in_ms(CLOCK_MONOTONIC, (long)(stress_seconds(0.4) * 1000 * share));
}

static inline int stress_over(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec > stress_end.tv_sec || (now.tv_sec == stress_end.tv_sec && now.tv_nsec >= stress_end.tv_nsec);
}

/* A kind of mutex, as attributes. */
struct kind {
    int type, protocol, robust, shared;
};

static const struct kind kinds[] = {
    {PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_NONE, 0, 0},
    {PTHREAD_MUTEX_RECURSIVE, PTHREAD_PRIO_NONE, 0, 0},
    {PTHREAD_MUTEX_ERRORCHECK, PTHREAD_PRIO_NONE, 0, 0},
    {PTHREAD_MUTEX_ADAPTIVE_NP, PTHREAD_PRIO_NONE, 0, 0},
    {PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_NONE, 0, 1},
    {PTHREAD_MUTEX_RECURSIVE, PTHREAD_PRIO_NONE, 0, 1},
    {PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_NONE, 1, 0},
    {PTHREAD_MUTEX_ERRORCHECK, PTHREAD_PRIO_NONE, 1, 1},
    {PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_INHERIT, 0, 0},
    {PTHREAD_MUTEX_RECURSIVE, PTHREAD_PRIO_INHERIT, 0, 1},
    {PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_INHERIT, 1, 1},
    {PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_PROTECT, 0, 0},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static inline void make_mutex(pthread_mutex_t *m, const struct kind *k)
{
    pthread_mutexattr_t a;
    EQUAL(pthread_mutexattr_init(&a), 0);
    EQUAL(pthread_mutexattr_settype(&a, k->type), 0);
    EQUAL(pthread_mutexattr_setprotocol(&a, k->protocol), 0);
    if (k->protocol == PTHREAD_PRIO_PROTECT) EQUAL(pthread_mutexattr_setprioceiling(&a, 2), 0);
    EQUAL(pthread_mutexattr_setrobust(&a, k->robust ? PTHREAD_MUTEX_ROBUST : PTHREAD_MUTEX_STALLED), 0);
    EQUAL(pthread_mutexattr_setpshared(&a, k->shared), 0);
    EQUAL(pthread_mutex_init(m, &a), 0);
    EQUAL(pthread_mutexattr_destroy(&a), 0);
}

#endif
