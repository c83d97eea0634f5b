/* Mutexes of every kind, for the matrices: held by the parent, taken by the child, left by the child. */
#include "common.h"

static pthread_mutex_t mutex;
static int made;

/* Every fifth is one that its owner has used so long that Tidal has a bias to it (tests/c/mutex/check.h). */
static inline void make(int type, int protocol, int robust, int shared)
{
    pthread_mutexattr_t attributes;
    CHECK(pthread_mutexattr_init(&attributes) == 0);
    CHECK(pthread_mutexattr_settype(&attributes, type) == 0);
    CHECK(pthread_mutexattr_setprotocol(&attributes, protocol) == 0);
    CHECK(pthread_mutexattr_setrobust(&attributes, robust) == 0);
    CHECK(pthread_mutexattr_setpshared(&attributes, shared) == 0);
    CHECK(pthread_mutex_init(&mutex, &attributes) == 0);
    pthread_mutexattr_destroy(&attributes);
    if (++made % 5 == 0)
        for (int i = 0; i < 4097; i++) CHECK(pthread_mutex_lock(&mutex) == 0 && pthread_mutex_unlock(&mutex) == 0);
}

/* Never waits for ever: a lock that would makes the check fail. */
static inline int lock_soon(void)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 5;
    return pthread_mutex_timedlock(&mutex, &until);
}

static void *lock_in_thread(void *unused)
{
    (void)unused;
    int result = lock_soon();
    if (result == EOWNERDEAD) pthread_mutex_consistent(&mutex);
    if (result == 0 || result == EOWNERDEAD) CHECK(pthread_mutex_unlock(&mutex) == 0);
    return (void *)(size_t)result;
}

/* What another thread gets when it wants the mutex. */
static inline int from_thread(void)
{
    pthread_t thread;
    void *result;
    CHECK(pthread_create(&thread, NULL, lock_in_thread, NULL) == 0);
    CHECK(pthread_join(thread, &result) == 0);
    return (int)(size_t)result;
}
