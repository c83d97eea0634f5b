/* Mutexes of every private kind under 8 threads: lock, trylock, timedlock, nesting, conditions, destruction with the memory
   unmapped at once, reuse, signals, migrations, and restarts forced in the sequences where the runtime has injection points
   (feature `rseq-inject`). Mutual exclusion is checked by counters that are not atomic.
   TIDAL_STRESS_SECONDS=600 makes it the long run. */
#include "check.h"

#include <sched.h>
#include <signal.h>

enum { THREADS = 8, FIXED = 4, SLOTS = 6 };

struct object {
    pthread_mutex_t lock;
    pthread_cond_t cond;
    int kind;
    volatile long a, b;
    int references;
};

static struct { pthread_mutex_t lock; struct object *object; } slots[SLOTS];
static struct { pthread_mutex_t lock; volatile long count; } fixed[FIXED];
static pthread_mutex_t shared_first = PTHREAD_MUTEX_INITIALIZER;
static volatile int stop;
static volatile sig_atomic_t signals;
static long tally[THREADS][FIXED];
static long operations[THREADS], biased[THREADS];

/* The next sequence to reach this step begins again. */
extern volatile unsigned __tidal_rseq_inject_step __attribute__((weak));
extern volatile unsigned __tidal_rseq_inject_restarts __attribute__((weak));

static void restart_a_sequence(unsigned *seed)
{
    if (&__tidal_rseq_inject_step) __tidal_rseq_inject_step = 1 + next_random(seed) % 2;
}

static void init(pthread_mutex_t *m, int kind)
{
    pthread_mutexattr_t a;
    pthread_mutexattr_init(&a);
    EQUAL(pthread_mutexattr_settype(&a, kind), 0);
    EQUAL(pthread_mutex_init(m, &a), 0);
    pthread_mutexattr_destroy(&a);
}

static struct object *make(int kind)
{
    struct object *o = map_pages(4096);
    init(&o->lock, kind);
    pthread_cond_init(&o->cond, 0);
    o->kind = kind;
    o->references = 1;
    return o;
}

static void drop(struct object *o)
{
    EQUAL(pthread_mutex_lock(&o->lock), 0);
    int left = --o->references;
    EQUAL(pthread_mutex_unlock(&o->lock), 0);
    if (left == 0) {
        EQUAL(pthread_mutex_destroy(&o->lock), 0);
        pthread_cond_destroy(&o->cond);
        munmap(o, 4096);
    }
}

static struct object *take(int slot)
{
    pthread_mutex_lock(&slots[slot].lock);
    struct object *o = slots[slot].object;
    pthread_mutex_lock(&o->lock);
    o->references++;
    pthread_mutex_unlock(&o->lock);
    pthread_mutex_unlock(&slots[slot].lock);
    return o;
}

static int lock_somehow(pthread_mutex_t *m, unsigned how)
{
    struct timespec t;
    switch (how % 4) {
    case 0: return pthread_mutex_trylock(m);
    case 1: t = in_ms(CLOCK_REALTIME, how % 3); return pthread_mutex_timedlock(m, &t);
    case 2: t = in_ms(CLOCK_MONOTONIC, how % 3); return pthread_mutex_clocklock(m, CLOCK_MONOTONIC, &t);
    default: return pthread_mutex_lock(m);
    }
}

static void use(struct object *o, unsigned *seed)
{
    int error = lock_somehow(&o->lock, next_random(seed));
    if (error) {
        CHECK(error == EBUSY || error == ETIMEDOUT);
        return;
    }
    CHECK(o->a == o->b);
    o->a++;
    if (o->kind == PTHREAD_MUTEX_RECURSIVE) {
        EQUAL(pthread_mutex_lock(&o->lock), 0);
        EQUAL(pthread_mutex_trylock(&o->lock), 0);
        EQUAL(pthread_mutex_unlock(&o->lock), 0);
        EQUAL(pthread_mutex_unlock(&o->lock), 0);
    } else if (o->kind == PTHREAD_MUTEX_ERRORCHECK) {
        EQUAL(pthread_mutex_lock(&o->lock), EDEADLK);
    }
    for (unsigned i = next_random(seed) % 64; i; i--)
        __asm__ volatile("");
    o->b++;
    switch (next_random(seed) % 64) {
    case 0: {
        struct timespec t = in_ms(CLOCK_REALTIME, 1);
        error = pthread_cond_timedwait(&o->cond, &o->lock, &t);
        CHECK(error == 0 || error == ETIMEDOUT);
        CHECK(o->a == o->b);
        break;
    }
    case 1: pthread_cond_signal(&o->cond); break;
    case 2: pthread_cond_broadcast(&o->cond); break;
    case 3: sched_yield(); break;
    }
    EQUAL(pthread_mutex_unlock(&o->lock), 0);
}

static void *work(void *arg)
{
    long id = (long)arg;
    unsigned seed = 2463534242u + (unsigned)id * 7919;
    while (!stop) {
        operations[id]++;
        restart_a_sequence(&seed);
        unsigned what = next_random(&seed) % 100;
        int slot = (int)(next_random(&seed) % SLOTS);
        if (what < 60) {
            struct object *o = take(slot);
            use(o, &seed);
            drop(o);
        } else if (what < 70) {
            struct object *fresh = make((int)(next_random(&seed) % 4));
            use(fresh, &seed);
            /* Every other one has a bias when the others find it. */
            if (what % 2 == 0) {
                use_long(&fresh->lock);
                biased[id] += bias_of(&fresh->lock) != 0;
            }
            pthread_mutex_lock(&slots[slot].lock);
            struct object *old = slots[slot].object;
            slots[slot].object = fresh;
            pthread_mutex_unlock(&slots[slot].lock);
            drop(old);
        } else if (what < 99) {
            int f = (int)(next_random(&seed) % FIXED);
            if (lock_somehow(&fixed[f].lock, next_random(&seed)) == 0) {
                fixed[f].count++;
                tally[id][f]++;
                EQUAL(pthread_mutex_unlock(&fixed[f].lock), 0);
            }
        } else {
            /* Long enough in one thread for a bias to be earned. */
            pthread_mutex_t *m = &fixed[slot % FIXED].lock;
            for (int i = 0; i < 6000 && !stop; i++) {
                EQUAL(pthread_mutex_lock(m), 0);
                fixed[slot % FIXED].count++;
                tally[id][slot % FIXED]++;
                EQUAL(pthread_mutex_unlock(m), 0);
            }
        }
    }
    return 0;
}

static void on_signal(int signal)
{
    (void)signal;
    signals++;
}

int main(void)
{
    pthread_t t[THREADS];
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    unsigned seed = 88172645;
    sigaction(SIGUSR1, &action, 0);
    pthread_mutex_lock(&shared_first);
    pthread_mutex_unlock(&shared_first);
    for (int i = 0; i < SLOTS; i++) slots[i].object = make(i % 4);
    for (int i = 0; i < FIXED; i++) init(&fixed[i].lock, i);
    for (long i = 0; i < THREADS; i++) EQUAL(pthread_create(&t[i], 0, work, (void *)i), 0);
    struct timespec end = in_ms(CLOCK_MONOTONIC, (long)(stress_seconds(2) * 1000)), now;
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    do {
        usleep(300);
        int victim = (int)(next_random(&seed) % THREADS);
        pthread_kill(t[victim], SIGUSR1);
        if (cpus > 1 && next_random(&seed) % 4 == 0) {
            cpu_set_t set;
            CPU_ZERO(&set);
            for (int c = 0; c < cpus; c++) CPU_SET(c, &set);
            if (next_random(&seed) % 2) CPU_CLR((int)(next_random(&seed) % (unsigned)cpus), &set);
            pthread_setaffinity_np(t[victim], sizeof set, &set);
        }
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while (now.tv_sec < end.tv_sec || (now.tv_sec == end.tv_sec && now.tv_nsec < end.tv_nsec));
    stop = 1;
    long all = 0, biases = 0;
    for (int i = 0; i < THREADS; i++) {
        EQUAL(pthread_join(t[i], 0), 0);
        all += operations[i];
        biases += biased[i];
    }
    for (int f = 0; f < FIXED; f++) {
        long sum = 0;
        for (int i = 0; i < THREADS; i++) sum += tally[i][f];
        EQUAL(fixed[f].count, sum);
    }
    printf("%ld operations, %d signals, %ld biases", all, (int)signals, biases);
    if (&__tidal_rseq_inject_restarts) printf(", %u restarts", __tidal_rseq_inject_restarts);
    puts("");
    return 0;
}
