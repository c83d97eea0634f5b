/* Barriers: one serial thread a round, EBUSY while threads wait, destroyed and unmapped as soon as let through. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>
#include "check.h"

enum { THREADS = 4, ROUNDS = 2000 };
static pthread_barrier_t barrier;
static int serial, arrived[ROUNDS];

static void *go_round(void *unused)
{
    for (int r = 0; r < ROUNDS; r++) {
        __atomic_add_fetch(&arrived[r], 1, __ATOMIC_RELAXED);
        int result = pthread_barrier_wait(&barrier);
        CHECK(result == 0 || result == PTHREAD_BARRIER_SERIAL_THREAD);
        CHECK(__atomic_load_n(&arrived[r], __ATOMIC_RELAXED) == THREADS);
        if (result) __atomic_add_fetch(&serial, 1, __ATOMIC_RELAXED);
    }
    return unused;
}

static void *meet(void *b)
{
    pthread_barrier_wait(b);
    return NULL;
}

int main(void)
{
    pthread_t t[THREADS];
    CHECK(pthread_barrier_init(&barrier, NULL, 0) == EINVAL);
    CHECK(pthread_barrier_init(&barrier, NULL, THREADS) == 0);
    for (int i = 0; i < THREADS; i++) CHECK(pthread_create(&t[i], NULL, go_round, NULL) == 0);
    for (int i = 0; i < THREADS; i++) CHECK(pthread_join(t[i], NULL) == 0);
    CHECK(serial == ROUNDS);
    CHECK(pthread_barrier_destroy(&barrier) == 0);
    for (int i = 0; i < 2000; i++) {
        void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        CHECK(page != MAP_FAILED && pthread_barrier_init(page, NULL, 2) == 0);
        CHECK(pthread_create(&t[0], NULL, meet, page) == 0);
        pthread_barrier_wait(page);
        CHECK(pthread_barrier_destroy(page) == 0 && munmap(page, 4096) == 0);
        CHECK(pthread_join(t[0], NULL) == 0);
    }
    return 0;
}
