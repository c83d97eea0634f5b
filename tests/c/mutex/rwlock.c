/* Read-write locks: exclusion under every preference, timeouts, deadlock of the writer with itself. */
#include "check.h"

enum { THREADS = 6 };
static pthread_rwlock_t lock;
static volatile long a, b;
static volatile int stop;
static long writes[THREADS];

static void *work(void *arg)
{
    long id = (long)arg;
    unsigned seed = 99 + (unsigned)id * 31;
    while (!stop) {
        struct timespec t;
        int error, how = (int)(next_random(&seed) % 3);
        if (next_random(&seed) % 4 == 0) {
            t = in_ms(CLOCK_REALTIME, 1);
            error = how == 0   ? pthread_rwlock_trywrlock(&lock)
                    : how == 1 ? pthread_rwlock_timedwrlock(&lock, &t)
                               : pthread_rwlock_wrlock(&lock);
            if (!error) {
                a++;
                b++;
                writes[id]++;
            }
        } else {
            t = in_ms(CLOCK_MONOTONIC, 1);
            error = how == 0   ? pthread_rwlock_tryrdlock(&lock)
                    : how == 1 ? pthread_rwlock_clockrdlock(&lock, CLOCK_MONOTONIC, &t)
                               : pthread_rwlock_rdlock(&lock);
            if (!error) CHECK(a == b);
        }
        if (error)
            CHECK(error == EBUSY || error == ETIMEDOUT);
        else
            EQUAL(pthread_rwlock_unlock(&lock), 0);
    }
    return 0;
}

static void stress(int preference, int shared)
{
    pthread_rwlockattr_t attributes;
    pthread_t t[THREADS];
    pthread_rwlockattr_init(&attributes);
    EQUAL(pthread_rwlockattr_setkind_np(&attributes, preference), 0);
    EQUAL(pthread_rwlockattr_setpshared(&attributes, shared), 0);
    EQUAL(pthread_rwlock_init(&lock, &attributes), 0);
    a = b = stop = 0;
    memset(writes, 0, sizeof writes);
    for (long i = 0; i < THREADS; i++) EQUAL(pthread_create(&t[i], 0, work, (void *)i), 0);
    usleep((useconds_t)(stress_seconds(1.5) * 1e6 / 6));
    stop = 1;
    long sum = 0;
    for (int i = 0; i < THREADS; i++) {
        EQUAL(pthread_join(t[i], 0), 0);
        sum += writes[i];
    }
    EQUAL(a, sum);
    EQUAL(pthread_rwlock_destroy(&lock), 0);
}

int main(void)
{
    for (int preference = 0; preference < 3; preference++)
        for (int shared = 0; shared < 2; shared++) stress(preference, shared);
    pthread_rwlock_t l = PTHREAD_RWLOCK_INITIALIZER, w = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;
    EQUAL(pthread_rwlock_wrlock(&l), 0);
    EQUAL(pthread_rwlock_wrlock(&l), EDEADLK);
    EQUAL(pthread_rwlock_rdlock(&l), EDEADLK);
    EQUAL(pthread_rwlock_tryrdlock(&l), EBUSY);
    EQUAL(pthread_rwlock_unlock(&l), 0);
    EQUAL(pthread_rwlock_rdlock(&l), 0);
    EQUAL(pthread_rwlock_tryrdlock(&l), 0);
    EQUAL(pthread_rwlock_trywrlock(&l), EBUSY);
    EQUAL(pthread_rwlock_unlock(&l), 0);
    EQUAL(pthread_rwlock_unlock(&l), 0);
    EQUAL(pthread_rwlock_rdlock(&w), 0);
    struct timespec t = in_ms(CLOCK_REALTIME, 10);
    EQUAL(pthread_rwlock_timedwrlock(&w, &t), ETIMEDOUT);
    /* The writer is gone: readers may enter again. */
    EQUAL(pthread_rwlock_rdlock(&w), 0);
    EQUAL(pthread_rwlock_unlock(&w), 0);
    EQUAL(pthread_rwlock_unlock(&w), 0);
    return 0;
}
