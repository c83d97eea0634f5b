/* Attributes, numbers, handles and keys that name nothing, and counts at their limit. */
/* harness: glibc no */
#include "invalid.h"

static void nothing(void) { abort(); }

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
    attributes();
    names();
    overflow();
    return 0;
}
