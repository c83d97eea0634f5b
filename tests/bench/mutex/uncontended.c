/* bench: what a lock and unlock that nobody else wants, by kind of mutex */
/* bench: cpus 1 */
/* bench: rust std parking_lot spin */
#define _GNU_SOURCE
#include <pthread.h>
#include <semaphore.h>

#include "../bench.h"

static const struct {
    const char *name;
    int type, robust, protocol;
} kinds[] = {
    {"normal", PTHREAD_MUTEX_NORMAL, 0, 0},       {"recursive", PTHREAD_MUTEX_RECURSIVE, 0, 0},
    {"errorcheck", PTHREAD_MUTEX_ERRORCHECK, 0, 0}, {"robust", PTHREAD_MUTEX_NORMAL, 1, 0},
    {"PI", PTHREAD_MUTEX_NORMAL, 0, 1},
};

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

/* A second thread, asleep: from now on locks cannot be elided. */
static void *sleeper(void *unused)
{
    pthread_mutex_lock(&gate);
    pthread_mutex_unlock(&gate);
    return unused;
}

static void measure(const char *threads, long n)
{
    char name[100];
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        pthread_mutexattr_t attributes;
        pthread_mutex_t m;
        pthread_mutexattr_init(&attributes);
        pthread_mutexattr_settype(&attributes, kinds[i].type);
        if (kinds[i].robust) pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
        if (kinds[i].protocol && pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT)) continue;
        if (pthread_mutex_init(&m, &attributes)) continue;
        snprintf(name, sizeof name, "%s lock+unlock, %s", kinds[i].name, threads);
        report(name, BEST_OF(7, n, pthread_mutex_lock(&m); pthread_mutex_unlock(&m)), "ns");
        if (i == 0) {
            snprintf(name, sizeof name, "normal trylock+unlock, %s", threads);
            report(name, BEST_OF(7, n, pthread_mutex_trylock(&m); pthread_mutex_unlock(&m)), "ns");
        }
        pthread_mutex_destroy(&m);
    }
    pthread_rwlock_t rw = PTHREAD_RWLOCK_INITIALIZER;
    snprintf(name, sizeof name, "rwlock read+unlock, %s", threads);
    report(name, BEST_OF(7, n, pthread_rwlock_rdlock(&rw); pthread_rwlock_unlock(&rw)), "ns");
    snprintf(name, sizeof name, "rwlock write+unlock, %s", threads);
    report(name, BEST_OF(7, n, pthread_rwlock_wrlock(&rw); pthread_rwlock_unlock(&rw)), "ns");
    sem_t sem;
    sem_init(&sem, 0, 1);
    snprintf(name, sizeof name, "semaphore wait+post, %s", threads);
    report(name, BEST_OF(7, n, sem_wait(&sem); sem_post(&sem)), "ns");
}

static void initialise(void) {}

int main(int argc, char **argv)
{
    long n = scaled(2000000, argc, argv);
    measure("one thread", n);
    pthread_t t;
    pthread_mutex_lock(&gate);
    if (pthread_create(&t, 0, sleeper, 0)) return 1;
    measure("two threads", n);
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    report("once, done", BEST_OF(7, n, pthread_once(&once, initialise)), "ns");
    pthread_mutex_unlock(&gate);
    return pthread_join(t, 0);
}
