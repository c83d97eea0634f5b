/* Join: results, EDEADLK of oneself and of each other, ESRCH of what is no thread, tryjoin, timeouts, detach. */
/* harness: glibc no */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>
#include "check.h"

static pthread_barrier_t meet;

static void *add(void *p) { return (char *)p + 1; }

static void *wait_for_word(void *p)
{
    while (!__atomic_load_n((int *)p, __ATOMIC_ACQUIRE)) usleep(100);
    return p;
}

static void *join_first(void *p)
{
    pthread_barrier_wait(&meet);
    return (void *)(intptr_t)pthread_join(*(pthread_t *)p, NULL);
}

int main(void)
{
    pthread_t t, self = pthread_self();
    void *result;
    errno = 77;
    CHECK(pthread_create(&t, NULL, add, (void *)41) == 0);
    CHECK(pthread_join(t, &result) == 0 && result == (void *)42);
    /* What was a thread is none any more, and what never was is none either. */
    CHECK(pthread_join(t, &result) == ESRCH);
    CHECK(pthread_detach(t) == ESRCH);
    CHECK(pthread_join(12345, NULL) == ESRCH && pthread_join(0, NULL) == ESRCH);
    CHECK(pthread_kill(12345, 0) == ESRCH && pthread_cancel(12345) == ESRCH);
    CHECK(pthread_join(self, NULL) == EDEADLK);

    int word = 0;
    CHECK(pthread_create(&t, NULL, wait_for_word, &word) == 0);
    CHECK(pthread_tryjoin_np(t, &result) == EBUSY);
    struct timespec past = {0, 0}, before_epoch = {-5, 0}, wrong = {0, 1000000000};
    CHECK(pthread_timedjoin_np(t, &result, &past) == ETIMEDOUT);
    CHECK(pthread_timedjoin_np(t, &result, &before_epoch) == ETIMEDOUT);
    CHECK(pthread_timedjoin_np(t, &result, &wrong) == EINVAL);
    CHECK(pthread_clockjoin_np(t, &result, CLOCK_MONOTONIC, &past) == ETIMEDOUT);
    CHECK(pthread_clockjoin_np(t, &result, CLOCK_PROCESS_CPUTIME_ID, &past) == EINVAL);
    __atomic_store_n(&word, 1, __ATOMIC_RELEASE);
    CHECK(pthread_join(t, &result) == 0 && result == &word);

    /* Two threads that join each other: the second is told. */
    CHECK(pthread_barrier_init(&meet, NULL, 2) == 0);
    CHECK(pthread_create(&t, NULL, join_first, &self) == 0);
    pthread_barrier_wait(&meet);
    usleep(20000);
    CHECK(pthread_join(t, &result) == EDEADLK);
    CHECK(pthread_cancel(t) == 0);
    CHECK(pthread_join(t, &result) == 0 && result == PTHREAD_CANCELED);

    word = 0;
    CHECK(pthread_create(&t, NULL, wait_for_word, &word) == 0);
    CHECK(pthread_detach(t) == 0);
    CHECK(pthread_detach(t) == EINVAL && pthread_join(t, NULL) == EINVAL);
    __atomic_store_n(&word, 1, __ATOMIC_RELEASE);
    CHECK(errno == 77);
    return 0;
}
