/* bench: what malloc and free by several threads */
/* bench: allocators */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "../bench.h"

enum { MOST = 64, LIVE = 1000, RING = 1024, APART = 256 };
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

/* What is handed over, and how. Who meets the other one waits until that is some way off: else both would be at the same
   cache line all the time, and the faster an allocator the more so. */
static _Atomic(void *) ring[RING];
static uint16_t sizes[4096];
static long handed;
static enum how { UNTOUCHED, USED, MIXED } how;

static void *consume(void *p)
{
    for (long i = 0; i < handed; i++) {
        if (!atomic_load_explicit(&ring[i % RING], memory_order_relaxed)) {
            long ahead = i + APART < handed ? i + APART : handed - 1;
            while (!atomic_load_explicit(&ring[ahead % RING], memory_order_relaxed)) sched_yield();
        }
        void *block = atomic_exchange(&ring[i % RING], 0);
        if (how != UNTOUCHED) (void)*(volatile long *)block;
        free(block);
    }
    return p;
}

static double handed_over(int which, long count)
{
    pthread_t thread;
    handed = count;
    how = which;
    double start = now_ns();
    pthread_create(&thread, 0, consume, 0);
    for (long i = 0; i < count; i++) {
        void *block = malloc(how == MIXED ? sizes[i % 4096] : 64);
        if (how != UNTOUCHED) *(volatile long *)block = i;
        if (atomic_load_explicit(&ring[i % RING], memory_order_relaxed))
            while (atomic_load_explicit(&ring[(i + APART) % RING], memory_order_relaxed)) sched_yield();
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

int main(int argc, char **argv)
{
    long n = scaled(2000000, argc, argv);
    report("random replace, 1 thread", best(with_threads, 1, n), "ns");
    report("random replace, 2 threads", best(with_threads, 2, n), "ns");
    report("random replace, 8 threads", best(with_threads, 8, n), "ns");
    report("random replace, 64 threads", best(with_threads, 64, n), "ns");
    uint64_t state = 88172645463325252ull;
    for (int i = 0; i < 4096; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        sizes[i] = 16 + (state >> 40) % 1009;
    }
    report("64 B made by one thread, freed by another", best(handed_over, UNTOUCHED, n / 2), "ns");
    report("64 B written by one thread, read and freed by another", best(handed_over, USED, n / 2), "ns");
    report("16-1024 B written by one thread, read and freed by another", best(handed_over, MIXED, n / 2), "ns");
    return 0;
}
