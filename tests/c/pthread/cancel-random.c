/* Threads cancelled at random points, deferred and asynchronous, keep the counts of what they hold right. */
/* harness: seconds 120 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include "check.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static sem_t semaphore;
static long guarded_a, guarded_b;

static void unlock(void *unused)
{
    (void)unused;
    guarded_b = guarded_a;
    pthread_mutex_unlock(&mutex);
}

static void post(void *unused)
{
    (void)unused;
    sem_post(&semaphore);
}

static void *work(void *unused)
{
    for (;;) {
        pthread_mutex_lock(&mutex);
        pthread_cleanup_push(unlock, NULL);
        CHECK(guarded_a == guarded_b);
        guarded_a++;
        pthread_testcancel();
        guarded_b = guarded_a;
        struct timespec soon;
        clock_gettime(CLOCK_REALTIME, &soon);
        soon.tv_nsec += 50000;
        if (soon.tv_nsec >= 1000000000) soon.tv_nsec -= 1000000000, soon.tv_sec++;
        pthread_cond_timedwait(&cond, &mutex, &soon);
        pthread_cleanup_pop(1);
        if (sem_wait(&semaphore) == 0) {
            pthread_cleanup_push(post, NULL);
            pthread_testcancel();
            usleep(10);
            pthread_cleanup_pop(1);
        }
    }
    return unused;
}

static void *spin(void *unused)
{
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
    for (;;) __asm__ volatile("");
    return unused;
}

int main(void)
{
    CHECK(sem_init(&semaphore, 0, 2) == 0);
    srand(1);
    for (int round = 0; round < 500; round++) {
        pthread_t threads[4], spinner;
        void *result;
        for (int i = 0; i < 4; i++) CHECK(pthread_create(&threads[i], NULL, work, NULL) == 0);
        CHECK(pthread_create(&spinner, NULL, spin, NULL) == 0);
        usleep(rand() % 500);
        for (int i = 0; i < 4; i++) {
            CHECK(pthread_cancel(threads[i]) == 0);
            if (rand() % 2) pthread_cond_signal(&cond);
        }
        CHECK(pthread_cancel(spinner) == 0);
        for (int i = 0; i < 4; i++) CHECK(pthread_join(threads[i], &result) == 0 && result == PTHREAD_CANCELED);
        CHECK(pthread_join(spinner, &result) == 0 && result == PTHREAD_CANCELED);
        int value;
        CHECK(sem_getvalue(&semaphore, &value) == 0 && value == 2);
        CHECK(pthread_mutex_trylock(&mutex) == 0 && guarded_a == guarded_b);
        CHECK(pthread_mutex_unlock(&mutex) == 0);
    }
    return 0;
}
