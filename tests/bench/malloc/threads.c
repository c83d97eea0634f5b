/* bench: what malloc and free by several threads */
/* bench: allocators */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "../bench.h"

enum { MOST = 64, LIVE = 1000, RING = 1024 };
static long per_thread;

static void *replace(void *argument)
{
    uint64_t state = 88172645463325252ull + (uintptr_t)argument * 7919;
    void *live[LIVE] = {0};
    for (long i = 0; i < per_thread; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        unsigned at = (state >> 8) % LIVE;
        free(live[at]);
        live[at] = malloc(16 + (state >> 40) % 1009);
        *(volatile char *)live[at] = 1;
    }
    for (int i = 0; i < LIVE; i++) free(live[i]);
    return 0;
}

static double with_threads(int count, long total)
{
    pthread_t threads[MOST];
    per_thread = total / count;
    double start = now_ns();
    for (long i = 0; i < count; i++) pthread_create(&threads[i], 0, replace, (void *)i);
    for (int i = 0; i < count; i++) pthread_join(threads[i], 0);
    return (now_ns() - start) / (double)(per_thread * count);
}

static _Atomic(void *) ring[RING];
static long handed;

static void *consume(void *p)
{
    for (long i = 0; i < handed; i++) {
        void *block;
        while (!(block = atomic_exchange(&ring[i % RING], 0))) sched_yield();
        free(block);
    }
    return p;
}

static double handed_over(long count)
{
    pthread_t thread;
    handed = count;
    double start = now_ns();
    pthread_create(&thread, 0, consume, 0);
    for (long i = 0; i < count; i++) {
        void *block = malloc(64);
        while (atomic_load_explicit(&ring[i % RING], memory_order_relaxed)) sched_yield();
        atomic_store(&ring[i % RING], block);
    }
    pthread_join(thread, 0);
    return (now_ns() - start) / (double)count;
}

static double best(double (*f)(int, long), int a, long b)
{
    double least = 1e300;
    for (int i = 0; i < 5; i++) {
        double t = f(a, b);
        if (t < least) least = t;
    }
    return least;
}

static double handed_over_again(int unused, long count)
{
    (void)unused;
    return handed_over(count);
}

int main(int argc, char **argv)
{
    long n = scaled(2000000, argc, argv);
    report("random replace, 1 thread", best(with_threads, 1, n), "ns");
    report("random replace, 2 threads", best(with_threads, 2, n), "ns");
    report("random replace, 8 threads", best(with_threads, 8, n), "ns");
    report("random replace, 64 threads", best(with_threads, 64, n), "ns");
    report("made by one thread, freed by another", best(handed_over_again, 0, n / 2), "ns");
    return 0;
}
