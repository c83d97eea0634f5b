/* pthread_once: one run among many callers, and a run that is cancelled is made up for. */
#define _GNU_SOURCE
#include <pthread.h>
#include <unistd.h>
#include "check.h"

static pthread_once_t once = PTHREAD_ONCE_INIT, interrupted = PTHREAD_ONCE_INIT;
static int runs, attempts;

static void routine(void)
{
    usleep(1000);
    runs++;
}

static void sleeps_at_first(void)
{
    if (__atomic_fetch_add(&attempts, 1, __ATOMIC_RELEASE) == 0) pause();
}

static void *call(void *unused)
{
    CHECK(pthread_once(&once, routine) == 0 && runs == 1);
    return unused;
}

static void *call_interrupted(void *unused)
{
    pthread_once(&interrupted, sleeps_at_first);
    return unused;
}

int main(void)
{
    pthread_t t[8];
    void *result;
    for (int i = 0; i < 8; i++) CHECK(pthread_create(&t[i], NULL, call, NULL) == 0);
    for (int i = 0; i < 8; i++) CHECK(pthread_join(t[i], NULL) == 0);
    CHECK(runs == 1);
    for (int i = 0; i < 3; i++) {
        CHECK(pthread_create(&t[i], NULL, call_interrupted, NULL) == 0);
        /* The first is in the routine before there are others. */
        while (!__atomic_load_n(&attempts, __ATOMIC_ACQUIRE)) usleep(1000);
    }
    usleep(5000);
    CHECK(pthread_cancel(t[0]) == 0);
    CHECK(pthread_join(t[0], &result) == 0 && result == PTHREAD_CANCELED);
    for (int i = 1; i < 3; i++) CHECK(pthread_join(t[i], &result) == 0 && result == NULL);
    CHECK(attempts == 2);
    return 0;
}
