/* bench: what threads that increment a counter under one mutex */
/* bench: rust std parking_lot */
/* bench: flags -lm */
#define _GNU_SOURCE
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>

#include "../bench.h"

enum { MAX_THREADS = 64 };

/* What the lock guards shares its cache line, as in the Rust peers' `Mutex<u64>`; what all threads only read is in another:
   on the same one each look at `stop` would cost what the lock costs. */
enum { LINE = 64 };
static struct {
    pthread_mutex_t lock;
    volatile long counter;
} shared __attribute__((aligned(LINE))) = {PTHREAD_MUTEX_INITIALIZER, 0};
static struct {
    atomic_int stop;
    int inside, outside;
} setting __attribute__((aligned(LINE)));
static pthread_barrier_t start __attribute__((aligned(LINE)));
static struct {
    long count;
    double longest;
} __attribute__((aligned(LINE))) result[MAX_THREADS];

static void work(int n)
{
    for (int i = 0; i < n; i++)
        __asm__ volatile("" ::: "memory");
}

static void *run(void *arg)
{
    long id = (long)arg, count = 0;
    double longest = 0;
    pthread_barrier_wait(&start);
    const int inside = setting.inside, outside = setting.outside;
    double before = now_ns();
    while (!atomic_load_explicit(&setting.stop, memory_order_relaxed)) {
        pthread_mutex_lock(&shared.lock);
        shared.counter++;
        work(inside);
        pthread_mutex_unlock(&shared.lock);
        work(outside);
        /* The clock costs more than the lock: only every 64th round looks at it, and at its own round alone. */
        if (++count % 64 == 0) {
            double now = now_ns();
            if (now - before > longest) longest = now - before;
            before = now;
        }
    }
    result[id].count = count;
    result[id].longest = longest;
    return 0;
}

static void measure(int threads, const char *section, int work_each, double seconds)
{
    pthread_t ids[MAX_THREADS];
    char name[100];
    shared.counter = 0;
    setting.stop = 0;
    setting.inside = setting.outside = work_each;
    pthread_barrier_init(&start, 0, (unsigned)threads + 1);
    for (long i = 0; i < threads; i++)
        if (pthread_create(&ids[i], 0, run, (void *)i)) exit(1);
    pthread_barrier_wait(&start);
    double begin = now_ns();
    struct timespec nap = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    nanosleep(&nap, 0);
    setting.stop = 1;
    for (int i = 0; i < threads; i++)
        pthread_join(ids[i], 0);
    double elapsed = now_ns() - begin, mean, variance = 0, longest = 0;
    long total = 0;
    for (int i = 0; i < threads; i++) {
        total += result[i].count;
        if (result[i].longest > longest) longest = result[i].longest;
    }
    if (total != shared.counter) exit(2); /* the lock did not exclude */
    mean = (double)total / threads;
    for (int i = 0; i < threads; i++)
        variance += ((double)result[i].count - mean) * ((double)result[i].count - mean) / threads;
    snprintf(name, sizeof name, "contended, %s section, %02d threads", section, threads);
    report(name, (double)total / elapsed * 1e3, "Mops/s");
    snprintf(name, sizeof name, "longest wait, %s section, %02d threads", section, threads);
    report(name, longest / 1e6, "ms");
    snprintf(name, sizeof name, "unfairness (stddev/mean), %s section, %02d threads", section, threads);
    report(name, sqrt(variance) / mean, "ratio");
    pthread_barrier_destroy(&start);
}

int main(int argc, char **argv)
{
    int quick = argc > 1 && strcmp(argv[1], "quick") == 0;
    static const int counts[] = {2, 4, 8, 16, 64};
    double seconds = quick ? 0.03 : 0.2;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        if (quick && counts[i] > 8) break;
        measure(counts[i], "short", 0, seconds);
        measure(counts[i], "long", 500, seconds);
    }
    return 0;
}
