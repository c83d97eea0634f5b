/* A counter that is not atomic under contended mutexes of every kind, with locks that give up among the others. */
#include "stress.h"

#include <sched.h>

enum { THREADS = 4 };
static pthread_mutex_t lock;
static const struct kind *kind;
static volatile long count, again;
static long counted[THREADS];

static int take(unsigned how)
{
    struct timespec soon;
    switch (how % 8) {
    case 0: return pthread_mutex_trylock(&lock);
    case 1: soon = in_ms(CLOCK_REALTIME, 0); return pthread_mutex_timedlock(&lock, &soon);
    case 2: soon = in_ms(CLOCK_REALTIME, 2); return pthread_mutex_timedlock(&lock, &soon);
    case 3: soon = in_ms(CLOCK_MONOTONIC, 1); return pthread_mutex_clocklock(&lock, CLOCK_MONOTONIC, &soon);
    default: return pthread_mutex_lock(&lock);
    }
}

static void *work(void *arg)
{
    long id = (long)arg;
    unsigned seed = 7 + (unsigned)id * 131;
    while (!stress_over())
        for (int i = 0; i < 64; i++) {
            int error = take(next_random(&seed));
            if (error) {
                CHECK(error == EBUSY || error == ETIMEDOUT);
                continue;
            }
            if (kind->type == PTHREAD_MUTEX_RECURSIVE) EQUAL(pthread_mutex_lock(&lock), 0);
            if (kind->type == PTHREAD_MUTEX_ERRORCHECK) EQUAL(pthread_mutex_lock(&lock), EDEADLK);
            CHECK(count == again);
            count++;
            counted[id]++;
            for (unsigned n = next_random(&seed) % 32; n; n--) __asm__ volatile("");
            again++;
            if (kind->type == PTHREAD_MUTEX_RECURSIVE) EQUAL(pthread_mutex_unlock(&lock), 0);
            EQUAL(pthread_mutex_unlock(&lock), 0);
        }
    return NULL;
}

/* Ceilings are for real-time threads, which a program may not be allowed to make. */
static int start(pthread_t *t, long id)
{
    struct sched_param priority = {.sched_priority = 1};
    pthread_attr_t a;
    EQUAL(pthread_attr_init(&a), 0);
    if (kind->protocol == PTHREAD_PRIO_PROTECT) {
        EQUAL(pthread_attr_setinheritsched(&a, PTHREAD_EXPLICIT_SCHED), 0);
        EQUAL(pthread_attr_setschedpolicy(&a, SCHED_FIFO), 0);
        EQUAL(pthread_attr_setschedparam(&a, &priority), 0);
    }
    int error = pthread_create(t, &a, work, (void *)id);
    EQUAL(pthread_attr_destroy(&a), 0);
    return error;
}

int main(void)
{
    pthread_t t[THREADS];
    for (kind = kinds; kind < kinds + KINDS; kind++) {
        make_mutex(&lock, kind);
        count = again = 0;
        memset(counted, 0, sizeof counted);
        stress_begin(1.0 / KINDS);
        long started = 0, sum = 0;
        while (started < THREADS && start(&t[started], started) == 0) started++;
        CHECK(started == THREADS || kind->protocol == PTHREAD_PRIO_PROTECT);
        for (int i = 0; i < started; i++) {
            EQUAL(pthread_join(t[i], NULL), 0);
            sum += counted[i];
        }
        EQUAL(count, sum);
        EQUAL(pthread_mutex_destroy(&lock), 0);
        printf("type %d protocol %d robust %d shared %d: %ld\n", kind->type, kind->protocol, kind->robust, kind->shared, sum);
    }
    return 0;
}
