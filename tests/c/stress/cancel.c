/* Threads cancelled at random points of whatever can wait: locks are left free, counts right, descriptors intact. */
/* harness: glibc no */
#include "stress.h"

#include <semaphore.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER, shared_lock;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER, shared_cond;
static sem_t semaphore;
static int ends[2];
static long written, read_back;

static void unlock(void *m)
{
    EQUAL(pthread_mutex_unlock(m), 0);
}

static void post(void *unused)
{
    (void)unused;
    EQUAL(sem_post(&semaphore), 0);
}

static void wait_on(pthread_mutex_t *m, pthread_cond_t *c, int with_time)
{
    EQUAL(pthread_mutex_lock(m), 0);
    pthread_cleanup_push(unlock, m);
    if (with_time) {
        struct timespec soon = in_ms(CLOCK_REALTIME, 1);
        int error = pthread_cond_timedwait(c, m, &soon);
        CHECK(error == 0 || error == ETIMEDOUT);
    } else {
        EQUAL(pthread_cond_wait(c, m), 0);
    }
    pthread_cleanup_pop(1);
}

static void take_and_post(void)
{
    if (sem_wait(&semaphore)) return;
    pthread_cleanup_push(post, NULL);
    usleep(10);
    pthread_cleanup_pop(1);
}

/* A byte that was read or written is counted before the next cancellation point. */
static void pass_byte(int write_it)
{
    char byte = 'x';
    if (write_it) {
        if (write(ends[1], &byte, 1) == 1) __atomic_add_fetch(&written, 1, __ATOMIC_RELAXED);
    } else {
        if (read(ends[0], &byte, 1) == 1) __atomic_add_fetch(&read_back, 1, __ATOMIC_RELAXED);
    }
}

static void join_one(void)
{
    pthread_t t;
    int state;
    EQUAL(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state), 0);
    EQUAL(pthread_create(&t, NULL, nothing, NULL), 0);
    EQUAL(pthread_join(t, NULL), 0);
    EQUAL(pthread_setcancelstate(state, NULL), 0);
}

static void *work(void *arg)
{
    unsigned seed = 3 + (unsigned)(long)arg * 997;
    for (;;) {
        switch (next_random(&seed) % 8) {
        case 0: wait_on(&lock, &cond, 1); break;
        case 1: wait_on(&shared_lock, &shared_cond, 1); break;
        case 2: wait_on(&lock, &cond, 0); break;
        case 3: take_and_post(); break;
        case 4: pass_byte(1); break;
        case 5: pass_byte(0); break;
        case 6: join_one(); break;
        default: pthread_testcancel();
        }
    }
    return NULL;
}

static void *spin(void *unused)
{
    EQUAL(pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL), 0);
    for (;;) __asm__ volatile("");
    return unused;
}

static void cancel_and_join(pthread_t t)
{
    void *result;
    EQUAL(pthread_cancel(t), 0);
    EQUAL(pthread_join(t, &result), 0);
    CHECK(result == PTHREAD_CANCELED);
}

int main(void)
{
    enum { THREADS = 5 };
    unsigned seed = 11;
    long rounds = 0;
    pthread_condattr_t ca;
    EQUAL(pthread_condattr_init(&ca), 0);
    EQUAL(pthread_condattr_setpshared(&ca, 1), 0);
    EQUAL(pthread_cond_init(&shared_cond, &ca), 0);
    make_mutex(&shared_lock, &kinds[4]);
    EQUAL(sem_init(&semaphore, 0, 2), 0);
    EQUAL(pipe(ends), 0);
    for (stress_begin(1); !stress_over(); rounds++) {
        pthread_t t[THREADS], spinner;
        int value;
        for (long i = 0; i < THREADS; i++) EQUAL(pthread_create(&t[i], NULL, work, (void *)(i + rounds * THREADS)), 0);
        EQUAL(pthread_create(&spinner, NULL, spin, NULL), 0);
        for (unsigned n = next_random(&seed) % 6; n; n--) {
            usleep(next_random(&seed) % 150);
            pthread_cond_signal(&cond);
            pthread_cond_broadcast(&shared_cond);
        }
        cancel_and_join(spinner);
        for (int i = 0; i < THREADS; i++) cancel_and_join(t[i]);
        EQUAL(sem_getvalue(&semaphore, &value), 0);
        EQUAL(value, 2);
        EQUAL(pthread_mutex_trylock(&lock), 0);
        EQUAL(pthread_mutex_unlock(&lock), 0);
        EQUAL(pthread_mutex_trylock(&shared_lock), 0);
        EQUAL(pthread_mutex_unlock(&shared_lock), 0);
        /* A cancelled read or write had no effect: what is in the pipe is what the counts say. */
        while (read_back < written) {
            char byte;
            EQUAL(read(ends[0], &byte, 1), 1);
            read_back++;
        }
        CHECK(read_back == written);
    }
    EQUAL(pthread_cond_destroy(&cond), 0);
    EQUAL(pthread_cond_destroy(&shared_cond), 0);
    printf("%ld rounds, %ld bytes\n", rounds, written);
    return 0;
}
