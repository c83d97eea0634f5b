/* What each kind of mutex does for its owner, for others, and with errno. */
#include "check.h"

#include <sched.h>

enum { NORMAL, RECURSIVE, ERRORCHECK, ADAPTIVE };

static pthread_mutex_t make(int type, int protocol, int robust, int shared)
{
    pthread_mutexattr_t a;
    pthread_mutex_t m;
    pthread_mutexattr_init(&a);
    EQUAL(pthread_mutexattr_settype(&a, type), 0);
    EQUAL(pthread_mutexattr_setprotocol(&a, protocol), 0);
    EQUAL(pthread_mutexattr_setrobust(&a, robust), 0);
    EQUAL(pthread_mutexattr_setpshared(&a, shared), 0);
    EQUAL(pthread_mutex_init(&m, &a), 0);
    pthread_mutexattr_destroy(&a);
    return m;
}

static pthread_mutex_t *subject;
static int subject_type, checked;

static void *stranger(void *arg)
{
    (void)arg;
    struct timespec t = in_ms(CLOCK_REALTIME, 20);
    EQUAL(pthread_mutex_trylock(subject), EBUSY);
    EQUAL(pthread_mutex_timedlock(subject, &t), ETIMEDOUT);
    t = in_ms(CLOCK_MONOTONIC, 20);
    EQUAL(pthread_mutex_clocklock(subject, CLOCK_MONOTONIC, &t), ETIMEDOUT);
    EQUAL(pthread_mutex_clocklock(subject, CLOCK_THREAD_CPUTIME_ID, &t), EINVAL);
    t.tv_nsec = 1000000000;
    EQUAL(pthread_mutex_timedlock(subject, &t), EINVAL);
    t.tv_nsec = 0;
    t.tv_sec = -1;
    /* Long past, or no time: glibc says either, by kind. */
    int error = pthread_mutex_timedlock(subject, &t);
    CHECK(error == ETIMEDOUT || error == EINVAL);
    if (checked) EQUAL(pthread_mutex_unlock(subject), EPERM);
    return 0;
}

static void *next_owner(void *arg)
{
    (void)arg;
    EQUAL(pthread_mutex_lock(subject), 0);
    EQUAL(pthread_mutex_unlock(subject), 0);
    return 0;
}

static void run(void *(*f)(void *))
{
    pthread_t t;
    EQUAL(pthread_create(&t, 0, f, 0), 0);
    EQUAL(pthread_join(t, 0), 0);
}

static void try_kind(int type, int protocol, int robust, int shared)
{
    pthread_mutex_t m = make(type, protocol, robust, shared);
    subject = &m;
    subject_type = type;
    checked = type == RECURSIVE || type == ERRORCHECK || robust || protocol == PTHREAD_PRIO_INHERIT;
    for (int round = 0; round < 4; round++) {
        /* New; with a bias, where the kind has one; with the second, which takes twice the uses; after both. */
        for (int i = 0; i < round % 3; i++) use_long(&m);
        if (checked) EQUAL(pthread_mutex_unlock(&m), EPERM);
        EQUAL(pthread_mutex_lock(&m), 0);
        if (type == RECURSIVE) {
            EQUAL(pthread_mutex_lock(&m), 0);
            EQUAL(pthread_mutex_trylock(&m), 0);
            run(stranger);
            EQUAL(pthread_mutex_unlock(&m), 0);
            EQUAL(pthread_mutex_unlock(&m), 0);
        } else if (type == ERRORCHECK) {
            EQUAL(pthread_mutex_lock(&m), EDEADLK);
            /* POSIX says EBUSY; glibc EDEADLK for some kinds. */
            int error = pthread_mutex_trylock(&m);
            CHECK(error == EBUSY || error == EDEADLK);
        } else {
            struct timespec t = in_ms(CLOCK_REALTIME, 20);
            EQUAL(pthread_mutex_trylock(&m), EBUSY);
            EQUAL(pthread_mutex_timedlock(&m, &t), ETIMEDOUT);
        }
        run(stranger);
        EQUAL(pthread_mutex_unlock(&m), 0);
        /* The next round begins with a mutex that another thread has used last. */
        run(next_owner);
    }
    EQUAL(pthread_mutex_consistent(&m), EINVAL);
    EQUAL(pthread_mutex_destroy(&m), 0);
}

int main(void)
{
    errno = 77;
    for (int type = NORMAL; type <= ADAPTIVE; type++)
        for (int protocol = PTHREAD_PRIO_NONE; protocol <= PTHREAD_PRIO_INHERIT; protocol++)
            for (int robust = 0; robust < 2; robust++)
                for (int shared = 0; shared < 2; shared++) {
                    /* The kernel takes a thread that waits for its own PI mutex for a deadlock; skip that round's wait. */
                    if (protocol == PTHREAD_PRIO_INHERIT && (type == NORMAL || type == ADAPTIVE)) continue;
                    try_kind(type, protocol, robust, shared);
                }
    EQUAL(errno, 77);
    pthread_mutexattr_t a;
    pthread_mutexattr_init(&a);
    EQUAL(pthread_mutexattr_settype(&a, 4), EINVAL);
    EQUAL(pthread_mutexattr_setprotocol(&a, 3), EINVAL);
    EQUAL(pthread_mutexattr_setpshared(&a, 2), EINVAL);
    EQUAL(pthread_mutexattr_setrobust(&a, 2), EINVAL);
    EQUAL(pthread_mutexattr_setprioceiling(&a, 100), EINVAL);
    static pthread_mutex_t statics[] = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP,
                                        PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP, PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP};
    EQUAL(pthread_mutex_lock(&statics[1]), 0);
    EQUAL(pthread_mutex_lock(&statics[1]), 0);
    EQUAL(pthread_mutex_lock(&statics[2]), 0);
    EQUAL(pthread_mutex_lock(&statics[2]), EDEADLK);
    EQUAL(pthread_mutex_lock(&statics[3]), 0);
    EQUAL(pthread_mutex_trylock(&statics[3]), EBUSY);
    EQUAL(pthread_mutex_destroy(&statics[3]), EBUSY);
    return 0;
}
