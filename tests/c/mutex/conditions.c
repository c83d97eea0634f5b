/* Conditions: no wake-up is lost, both clocks, cancellation with the mutex taken back, destruction right after a broadcast. */
#include "check.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t not_empty = PTHREAD_COND_INITIALIZER, not_full = PTHREAD_COND_INITIALIZER;
static int filled, cleaned;
static long produced, consumed;
enum { ITEMS = 20000, PRODUCERS = 3, CONSUMERS = 3, ROOM = 2 };

static void *produce(void *arg)
{
    (void)arg;
    for (int i = 0; i < ITEMS; i++) {
        pthread_mutex_lock(&m);
        while (filled == ROOM) pthread_cond_wait(&not_full, &m);
        filled++;
        produced++;
        pthread_cond_signal(&not_empty);
        pthread_mutex_unlock(&m);
    }
    return 0;
}

static void *consume(void *arg)
{
    (void)arg;
    for (int i = 0; i < ITEMS * PRODUCERS / CONSUMERS; i++) {
        pthread_mutex_lock(&m);
        while (!filled) pthread_cond_wait(&not_empty, &m);
        filled--;
        consumed++;
        pthread_mutex_unlock(&m);
        /* Without the mutex, which is allowed. */
        pthread_cond_signal(&not_full);
    }
    return 0;
}

static void clean(void *arg)
{
    (void)arg;
    cleaned++;
    /* Held here. */
    EQUAL(pthread_mutex_unlock(&m), 0);
}

static void *wait_for_cancellation(void *arg)
{
    EQUAL(pthread_mutex_lock(&m), 0);
    filled = 1;
    pthread_cleanup_push(clean, 0);
    for (;;) pthread_cond_wait(arg, &m);
    pthread_cleanup_pop(0);
    return 0;
}

struct meeting {
    pthread_mutex_t lock;
    pthread_cond_t cond;
    int waiting, go, left;
};

static void *meet(void *arg)
{
    struct meeting *x = arg;
    pthread_mutex_lock(&x->lock);
    x->waiting++;
    while (!x->go) pthread_cond_wait(&x->cond, &x->lock);
    x->left--;
    pthread_mutex_unlock(&x->lock);
    return 0;
}

static void broadcast_and_destroy(int shared)
{
    pthread_mutexattr_t ma;
    pthread_condattr_t ca;
    pthread_mutexattr_init(&ma);
    pthread_condattr_init(&ca);
    pthread_mutexattr_setpshared(&ma, shared);
    EQUAL(pthread_condattr_setpshared(&ca, shared), 0);
    for (int round = 0; round < 100; round++) {
        struct meeting *x = map_pages(sizeof *x);
        pthread_cond_t *c = map_pages(sizeof *c);
        pthread_t t[4];
        pthread_mutex_init(&x->lock, &ma);
        pthread_cond_init(&x->cond, &ca);
        x->left = 4;
        for (int i = 0; i < 4; i++) EQUAL(pthread_create(&t[i], 0, meet, x), 0);
        for (int all = 0; !all;) {
            pthread_mutex_lock(&x->lock);
            all = x->waiting == 4;
            if (all) {
                x->go = 1;
                pthread_cond_broadcast(&x->cond);
                /* Nobody waits any more; whoever is still on the way out must not need it. */
                EQUAL(pthread_cond_destroy(&x->cond), 0);
                memset(&x->cond, 0xa5, sizeof x->cond);
            }
            pthread_mutex_unlock(&x->lock);
        }
        for (int i = 0; i < 4; i++) EQUAL(pthread_join(t[i], 0), 0);
        EQUAL(x->left, 0);
        munmap(c, sizeof *c);
        munmap(x, sizeof *x);
    }
}

static void time_out(clockid_t clock, int shared)
{
    pthread_condattr_t a;
    pthread_cond_t c;
    pthread_condattr_init(&a);
    EQUAL(pthread_condattr_setclock(&a, clock), 0);
    EQUAL(pthread_condattr_setpshared(&a, shared), 0);
    EQUAL(pthread_cond_init(&c, &a), 0);
    EQUAL(pthread_mutex_lock(&m), 0);
    struct timespec t = in_ms(clock, 30), now;
    EQUAL(pthread_cond_timedwait(&c, &m, &t), ETIMEDOUT);
    clock_gettime(clock, &now);
    CHECK(now.tv_sec > t.tv_sec || (now.tv_sec == t.tv_sec && now.tv_nsec >= t.tv_nsec));
    t = in_ms(CLOCK_MONOTONIC, 10);
    EQUAL(pthread_cond_clockwait(&c, &m, CLOCK_MONOTONIC, &t), ETIMEDOUT);
    t.tv_nsec = -1;
    EQUAL(pthread_cond_timedwait(&c, &m, &t), EINVAL);
    EQUAL(pthread_mutex_unlock(&m), 0);
    EQUAL(pthread_cond_destroy(&c), 0);
}

int main(void)
{
    pthread_t t[PRODUCERS + CONSUMERS];
    for (int i = 0; i < PRODUCERS; i++) EQUAL(pthread_create(&t[i], 0, produce, 0), 0);
    for (int i = 0; i < CONSUMERS; i++) EQUAL(pthread_create(&t[PRODUCERS + i], 0, consume, 0), 0);
    for (int i = 0; i < PRODUCERS + CONSUMERS; i++) EQUAL(pthread_join(t[i], 0), 0);
    EQUAL(produced, consumed);
    EQUAL(filled, 0);
    errno = 77;
    for (int shared = 0; shared < 2; shared++) {
        time_out(CLOCK_REALTIME, shared);
        time_out(CLOCK_MONOTONIC, shared);
        broadcast_and_destroy(shared);
    }
    EQUAL(errno, 77);
    pthread_condattr_t a;
    pthread_condattr_init(&a);
    EQUAL(pthread_condattr_setclock(&a, CLOCK_PROCESS_CPUTIME_ID), EINVAL);
    for (int shared = 0; shared < 2; shared++) {
        pthread_cond_t c;
        void *result;
        pthread_condattr_setpshared(&a, shared);
        pthread_cond_init(&c, &a);
        filled = cleaned = 0;
        EQUAL(pthread_create(&t[0], 0, wait_for_cancellation, &c), 0);
        for (int there = 0; !there;) {
            pthread_mutex_lock(&m);
            there = filled;
            pthread_mutex_unlock(&m);
        }
        EQUAL(pthread_cancel(t[0]), 0);
        EQUAL(pthread_join(t[0], &result), 0);
        CHECK(result == PTHREAD_CANCELED);
        EQUAL(cleaned, 1);
        EQUAL(pthread_mutex_trylock(&m), 0);
        EQUAL(pthread_mutex_unlock(&m), 0);
        EQUAL(pthread_cond_destroy(&c), 0);
    }
    /* EPERM leaves nobody in the queue. */
    pthread_mutex_t checking = PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP;
    EQUAL(pthread_cond_wait(&not_empty, &checking), EPERM);
    EQUAL(pthread_cond_destroy(&not_empty), 0);
    return 0;
}
