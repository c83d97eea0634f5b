/* What is no object: made of other memory, or destroyed. Each function says so; none hangs, and none touches what it was not
   given. */
/* harness: glibc no */
#include "invalid.h"

static void nothing(void) { abort(); }

static struct timespec soon(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    t.tv_sec += 1;
    return t;
}

static void no_mutex(pthread_mutex_t *m)
{
    struct timespec t = soon();
    int old;
    IS(pthread_mutex_lock(m), EINVAL);
    IS(pthread_mutex_trylock(m), EINVAL);
    IS(pthread_mutex_timedlock(m, &t), EINVAL);
    IS(pthread_mutex_clocklock(m, CLOCK_MONOTONIC, &t), EINVAL);
    IS(pthread_mutex_unlock(m), EINVAL);
    IS(pthread_mutex_consistent(m), EINVAL);
    IS(pthread_mutex_getprioceiling(m, &old), EINVAL);
    IS(pthread_mutex_setprioceiling(m, 5, &old), EINVAL);
    IS(pthread_mutex_destroy(m), EINVAL);
    mtx_t *c11 = (mtx_t *)m;
    CHECK(mtx_lock(c11) == thrd_error && mtx_trylock(c11) == thrd_error && mtx_unlock(c11) == thrd_error);
}

static void no_cond(pthread_cond_t *c)
{
    static pthread_mutex_t m = PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP;
    struct timespec t = soon();
    IS(pthread_mutex_lock(&m), 0);
    IS(pthread_cond_wait(c, &m), EINVAL);
    IS(pthread_cond_timedwait(c, &m, &t), EINVAL);
    IS(pthread_cond_clockwait(c, &m, CLOCK_MONOTONIC, &t), EINVAL);
    /* Held still. */
    IS(pthread_mutex_unlock(&m), 0);
    IS(pthread_cond_signal(c), EINVAL);
    IS(pthread_cond_broadcast(c), EINVAL);
    IS(pthread_cond_destroy(c), EINVAL);
}

static void no_rwlock(pthread_rwlock_t *l)
{
    struct timespec t = soon();
    IS(pthread_rwlock_tryrdlock(l), EINVAL);
    IS(pthread_rwlock_trywrlock(l), EINVAL);
    IS(pthread_rwlock_rdlock(l), EINVAL);
    IS(pthread_rwlock_wrlock(l), EINVAL);
    IS(pthread_rwlock_timedrdlock(l, &t), EINVAL);
    IS(pthread_rwlock_timedwrlock(l, &t), EINVAL);
    IS(pthread_rwlock_unlock(l), EINVAL);
    IS(pthread_rwlock_destroy(l), EINVAL);
}

static void no_semaphore(sem_t *s)
{
    struct timespec t = soon();
    int value;
    FAILS(sem_wait(s), EINVAL);
    FAILS(sem_trywait(s), EINVAL);
    FAILS(sem_timedwait(s, &t), EINVAL);
    FAILS(sem_clockwait(s, CLOCK_MONOTONIC, &t), EINVAL);
    FAILS(sem_post(s), EINVAL);
    FAILS(sem_getvalue(s, &value), EINVAL);
    FAILS(sem_destroy(s), EINVAL);
    FAILS(sem_close(s), EINVAL);
}

static void no_barrier(pthread_barrier_t *b)
{
    IS(pthread_barrier_wait(b), EINVAL);
    IS(pthread_barrier_destroy(b), EINVAL);
}

static void no_spin_lock(pthread_spinlock_t *l)
{
    IS(pthread_spin_lock(l), EINVAL);
    IS(pthread_spin_trylock(l), EINVAL);
    IS(pthread_spin_destroy(l), EINVAL);
}

/* An object of other memory lies between bytes that nobody changes. */
#define OF_OTHER_MEMORY(type, check)                                        \
    do {                                                                    \
        struct {                                                            \
            char before[16];                                                \
            type object;                                                    \
            char after[16];                                                 \
        } x;                                                                \
        for (size_t p_ = 0; p_ < sizeof patterns; p_++) {                   \
            memset(&x, patterns[p_], sizeof x);                             \
            check(&x.object);                                               \
            for (int i_ = 0; i_ < 16; i_++)                                 \
                CHECK((unsigned char)x.before[i_] == patterns[p_] && (unsigned char)x.after[i_] == patterns[p_]); \
        }                                                                   \
    } while (0)

static void of_other_memory(void)
{
    OF_OTHER_MEMORY(pthread_mutex_t, no_mutex);
    OF_OTHER_MEMORY(pthread_cond_t, no_cond);
    OF_OTHER_MEMORY(sem_t, no_semaphore);
    OF_OTHER_MEMORY(pthread_barrier_t, no_barrier);
    OF_OTHER_MEMORY(pthread_spinlock_t, no_spin_lock);
    pthread_once_t once;
    memset(&once, 0xa5, sizeof once);
    IS(pthread_once(&once, nothing), EINVAL);
    memset(&once, 0xff, sizeof once);
    IS(pthread_once(&once, nothing), EINVAL);
    /* A lock that looks free or read is entered without a look at the rest; no other is. */
    pthread_rwlock_t rwlock;
    memset(&rwlock, 0xff, sizeof rwlock);
    no_rwlock(&rwlock);
    memset(&rwlock, 0xa5, sizeof rwlock);
    IS(pthread_rwlock_wrlock(&rwlock), EINVAL);
    IS(pthread_rwlock_destroy(&rwlock), EINVAL);
}

static void destroyed(void)
{
    pthread_mutex_t m;
    pthread_cond_t c;
    pthread_rwlock_t l;
    sem_t s;
    pthread_barrier_t b;
    pthread_spinlock_t spin;
    /* Twice: an object may be made again where one was destroyed. */
    for (int round = 0; round < 2; round++)
        for (int shared = 0; shared < 2; shared++) {
            pthread_mutexattr_t ma;
            pthread_condattr_t ca;
            pthread_rwlockattr_t la;
            pthread_barrierattr_t ba;
            pthread_mutexattr_init(&ma), pthread_condattr_init(&ca), pthread_rwlockattr_init(&la), pthread_barrierattr_init(&ba);
            IS(pthread_mutexattr_setpshared(&ma, shared), 0);
            IS(pthread_condattr_setpshared(&ca, shared), 0);
            IS(pthread_rwlockattr_setpshared(&la, shared), 0);
            IS(pthread_barrierattr_setpshared(&ba, shared), 0);
            IS(pthread_mutex_init(&m, &ma), 0);
            IS(pthread_cond_init(&c, &ca), 0);
            IS(pthread_rwlock_init(&l, &la), 0);
            IS(pthread_barrier_init(&b, &ba, 1), 0);
            IS(sem_init(&s, shared, 1), 0);
            IS(pthread_spin_init(&spin, shared), 0);
            IS(pthread_mutex_lock(&m), 0);
            IS(pthread_mutex_destroy(&m), EBUSY);
            IS(pthread_mutex_unlock(&m), 0);
            IS(pthread_rwlock_wrlock(&l), 0);
            IS(pthread_rwlock_unlock(&l), 0);
            IS(pthread_barrier_wait(&b), PTHREAD_BARRIER_SERIAL_THREAD);
            IS(pthread_spin_lock(&spin), 0);
            IS(pthread_spin_destroy(&spin), EBUSY);
            IS(pthread_spin_unlock(&spin), 0);
            IS(sem_wait(&s), 0);
            IS(pthread_mutex_destroy(&m), 0);
            IS(pthread_cond_destroy(&c), 0);
            IS(pthread_rwlock_destroy(&l), 0);
            IS(pthread_barrier_destroy(&b), 0);
            IS(sem_destroy(&s), 0);
            IS(pthread_spin_destroy(&spin), 0);
            no_mutex(&m), no_cond(&c), no_rwlock(&l), no_barrier(&b), no_semaphore(&s), no_spin_lock(&spin);
        }
}

int main(void)
{
    /* A hang is a failure at once. */
    alarm(30);
    of_other_memory();
    destroyed();
    return 0;
}
