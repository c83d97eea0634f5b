/* What is no object: never made, made of other memory, or destroyed. Each function says so, or succeeds; none hangs, and none
   touches what it was not given. */
/* harness: glibc no */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <threads.h>
#include <unistd.h>
#include "check.h"

#define IS(expression, error) CHECK((expression) == (error))
#define FAILS(expression, error) (errno = 0, CHECK((expression) == -1 && errno == (error)))

static const unsigned char patterns[] = {0xa5, 0xff, 0x5a, 0x81};

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
    CHECK(mtx_lock(m) == thrd_error && mtx_trylock(m) == thrd_error && mtx_unlock(m) == thrd_error);
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

static void attributes(void)
{
    for (size_t p = 0; p < sizeof patterns; p++) {
        union {
            pthread_attr_t thread;
            pthread_mutexattr_t mutex;
            pthread_condattr_t cond;
            pthread_rwlockattr_t rwlock;
            pthread_barrierattr_t barrier;
        } a;
        pthread_t t;
        pthread_mutex_t m;
        pthread_cond_t c;
        pthread_rwlock_t l;
        pthread_barrier_t b;
        memset(&a, patterns[p], sizeof a);
        IS(pthread_create(&t, &a.thread, (void *(*)(void *))nothing, NULL), EINVAL);
        IS(pthread_mutex_init(&m, &a.mutex), EINVAL);
        IS(pthread_cond_init(&c, &a.cond), EINVAL);
        IS(pthread_rwlock_init(&l, &a.rwlock), EINVAL);
        IS(pthread_barrier_init(&b, &a.barrier, 1), EINVAL);
    }
    pthread_attr_t a;
    pthread_mutexattr_t ma;
    pthread_condattr_t ca;
    pthread_rwlockattr_t la;
    pthread_barrierattr_t ba;
    mtx_t m;
    sem_t s;
    pthread_attr_init(&a), pthread_mutexattr_init(&ma), pthread_condattr_init(&ca), pthread_rwlockattr_init(&la);
    pthread_barrierattr_init(&ba);
    for (int i = 0; i < 4; i++) {
        int value = (int[]){-1, 99, INT_MAX, INT_MIN}[i];
        IS(pthread_attr_setdetachstate(&a, value), EINVAL);
        IS(pthread_attr_setinheritsched(&a, value), EINVAL);
        IS(pthread_attr_setschedpolicy(&a, value), EINVAL);
        IS(pthread_attr_setscope(&a, value), EINVAL);
        IS(pthread_mutexattr_settype(&ma, value), EINVAL);
        IS(pthread_mutexattr_setprotocol(&ma, value), EINVAL);
        IS(pthread_mutexattr_setrobust(&ma, value), EINVAL);
        IS(pthread_mutexattr_setpshared(&ma, value), EINVAL);
        IS(pthread_mutexattr_setprioceiling(&ma, value == 99 ? 100 : value), EINVAL);
        IS(pthread_condattr_setpshared(&ca, value), EINVAL);
        IS(pthread_condattr_setclock(&ca, value), EINVAL);
        IS(pthread_rwlockattr_setpshared(&la, value), EINVAL);
        IS(pthread_rwlockattr_setkind_np(&la, value), EINVAL);
        IS(pthread_barrierattr_setpshared(&ba, value), EINVAL);
        IS(pthread_setcancelstate(value, NULL), EINVAL);
        IS(pthread_setcanceltype(value, NULL), EINVAL);
        IS(pthread_setconcurrency(value), value < 0 ? EINVAL : 0);
        IS(mtx_init(&m, value), thrd_error);
        FAILS(sem_init(&s, 0, value < 0 ? (unsigned)value : (unsigned)INT_MAX + 1), EINVAL);
    }
}

/* Handles and keys that name nothing, numbers that are no signal. */
static void names(void)
{
    pthread_t wrong[] = {0, 12345, (pthread_t)&wrong, (pthread_t)-64, pthread_self() + 1};
    for (int i = 0; i < 5; i++) {
        pthread_t t = wrong[i];
        pthread_attr_t a;
        struct sched_param priority = {0};
        cpu_set_t cpus;
        char name[16];
        clockid_t clock;
        int policy;
        union sigval value = {0};
        IS(pthread_join(t, NULL), ESRCH);
        IS(pthread_tryjoin_np(t, NULL), ESRCH);
        IS(pthread_detach(t), ESRCH);
        IS(pthread_cancel(t), ESRCH);
        IS(pthread_kill(t, 0), ESRCH);
        IS(pthread_sigqueue(t, SIGUSR1, value), ESRCH);
        IS(pthread_getattr_np(t, &a), ESRCH);
        IS(pthread_getname_np(t, name, sizeof name), ESRCH);
        IS(pthread_setname_np(t, "x"), ESRCH);
        IS(pthread_getschedparam(t, &policy, &priority), ESRCH);
        IS(pthread_setschedparam(t, SCHED_OTHER, &priority), ESRCH);
        IS(pthread_setschedprio(t, 0), ESRCH);
        IS(pthread_getaffinity_np(t, sizeof cpus, &cpus), ESRCH);
        IS(pthread_getcpuclockid(t, &clock), ESRCH);
    }
    IS(pthread_join(pthread_self(), NULL), EDEADLK);
    IS(pthread_kill(pthread_self(), 65), EINVAL);
    IS(pthread_kill(pthread_self(), -1), EINVAL);
    /* Those of the runtime's own. */
    IS(pthread_kill(pthread_self(), 32), EINVAL);
    IS(pthread_kill(pthread_self(), 33), EINVAL);
    sigset_t set;
    sigemptyset(&set);
    IS(pthread_sigmask(77, &set, NULL), EINVAL);
    IS(pthread_setspecific(5, &set), EINVAL);
    IS(pthread_setspecific(1024, &set), EINVAL);
    IS(pthread_setspecific(UINT_MAX, &set), EINVAL);
    CHECK(pthread_getspecific(UINT_MAX) == NULL && pthread_getspecific(1024) == NULL);
    IS(pthread_key_delete(5), EINVAL);
    IS(pthread_key_delete(UINT_MAX), EINVAL);
}

/* The deepest recursion and the most readers, by their place in the objects: counting there takes too long. */
static void overflow(void)
{
    enum { COUNT = 5, WORD = 0, MOST_READERS = (1 << 30) - 2 };
    for (int shared = 0; shared < 2; shared++)
        for (int robust = 0; robust < 2; robust++)
            for (int protocol = PTHREAD_PRIO_NONE; protocol <= PTHREAD_PRIO_INHERIT; protocol++) {
                pthread_mutexattr_t a;
                pthread_mutex_t m;
                IS(pthread_mutexattr_init(&a), 0);
                IS(pthread_mutexattr_settype(&a, PTHREAD_MUTEX_RECURSIVE), 0);
                IS(pthread_mutexattr_setpshared(&a, shared), 0);
                IS(pthread_mutexattr_setrobust(&a, robust), 0);
                IS(pthread_mutexattr_setprotocol(&a, protocol), 0);
                IS(pthread_mutex_init(&m, &a), 0);
                IS(pthread_mutex_lock(&m), 0);
                IS(pthread_mutex_lock(&m), 0);
                ((unsigned *)&m)[COUNT] = UINT_MAX;
                IS(pthread_mutex_lock(&m), EAGAIN);
                IS(pthread_mutex_trylock(&m), EAGAIN);
                ((unsigned *)&m)[COUNT] = 1;
                IS(pthread_mutex_unlock(&m), 0);
                IS(pthread_mutex_unlock(&m), 0);
                IS(pthread_mutex_unlock(&m), EPERM);
                IS(pthread_mutex_destroy(&m), 0);
            }
    pthread_rwlock_t l = PTHREAD_RWLOCK_INITIALIZER;
    IS(pthread_rwlock_rdlock(&l), 0);
    ((unsigned *)&l)[WORD] = MOST_READERS;
    IS(pthread_rwlock_rdlock(&l), EAGAIN);
    IS(pthread_rwlock_tryrdlock(&l), EAGAIN);
    ((unsigned *)&l)[WORD] = 1;
    IS(pthread_rwlock_unlock(&l), 0);
}

int main(void)
{
    /* A hang is a failure at once. */
    alarm(30);
    of_other_memory();
    destroyed();
    attributes();
    names();
    overflow();
    return 0;
}
