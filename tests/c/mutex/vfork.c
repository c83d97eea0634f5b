/* Mutexes in a vfork child: private ones belong to the same thread of control, kernel-visible ones of the parent are
   recognised, and what the child leaves locked is the parent's. */
/* harness: glibc no */
#include "check.h"

#include <sys/wait.h>

/* With a bias, where the kind has one, if it is used long enough. */
static pthread_mutex_t make(int type, int protocol, int robust, int used)
{
    pthread_mutexattr_t a;
    pthread_mutex_t m;
    pthread_mutexattr_init(&a);
    pthread_mutexattr_settype(&a, type);
    pthread_mutexattr_setprotocol(&a, protocol);
    pthread_mutexattr_setrobust(&a, robust);
    EQUAL(pthread_mutex_init(&m, &a), 0);
    if (used) use_long(&m);
    return m;
}

static volatile int stop;
static pthread_mutex_t busy = PTHREAD_MUTEX_INITIALIZER;
static volatile long count;
static long counted;

static void *other(void *arg)
{
    (void)arg;
    while (!stop) {
        pthread_mutex_lock(&busy);
        count++;
        counted++;
        pthread_mutex_unlock(&busy);
    }
    return 0;
}

static void wait_for(pid_t child)
{
    int status;
    CHECK(child > 0);
    EQUAL(waitpid(child, &status, 0), child);
    EQUAL(status, 0);
}

int main(void)
{
    have_a_second_thread();
    for (int protocol = 0; protocol < 2; protocol++)
        for (int flags = 0; flags < 4; flags++) {
            int robust = flags & 1, used = flags & 2;
            pthread_mutex_t normal = make(PTHREAD_MUTEX_NORMAL, protocol, robust, used),
                            recursive = make(PTHREAD_MUTEX_RECURSIVE, protocol, robust, used),
                            errorcheck = make(PTHREAD_MUTEX_ERRORCHECK, protocol, robust, used),
                            free_one = make(PTHREAD_MUTEX_NORMAL, protocol, robust, used);
            EQUAL(pthread_mutex_lock(&normal), 0);
            EQUAL(pthread_mutex_lock(&recursive), 0);
            EQUAL(pthread_mutex_lock(&errorcheck), 0);
            pid_t child = vfork();
            if (child == 0) {
                if (pthread_mutex_lock(&normal) != EDEADLK) _exit(1);
                if (pthread_mutex_trylock(&normal) != EBUSY) _exit(2);
                if (pthread_mutex_lock(&errorcheck) != EDEADLK) _exit(3);
                if (pthread_mutex_lock(&recursive) != 0) _exit(4);
                if (pthread_mutex_unlock(&recursive) != 0) _exit(5);
                if (pthread_mutex_lock(&free_one) != 0) _exit(6);
                if (pthread_mutex_unlock(&free_one) != 0) _exit(7);
                _exit(0);
            }
            wait_for(child);
            EQUAL(pthread_mutex_unlock(&normal), 0);
            EQUAL(pthread_mutex_unlock(&recursive), 0);
            EQUAL(pthread_mutex_unlock(&errorcheck), 0);
            EQUAL(pthread_mutex_lock(&free_one), 0);
            EQUAL(pthread_mutex_unlock(&free_one), 0);
        }
    /* A private one that the child leaves locked belongs to its parent. */
    pid_t child;
    for (int used = 0; used < 2; used++) {
        pthread_mutex_t left = make(PTHREAD_MUTEX_ERRORCHECK, 0, 0, used);
        EQUAL(pthread_mutex_lock(&left), 0);
        EQUAL(pthread_mutex_unlock(&left), 0);
        child = vfork();
        if (child == 0) _exit(pthread_mutex_lock(&left));
        wait_for(child);
        EQUAL(pthread_mutex_lock(&left), EDEADLK);
        EQUAL(pthread_mutex_unlock(&left), 0);
    }
    /* A robust one that it leaves locked is marked. */
    pthread_mutex_t robust = make(PTHREAD_MUTEX_NORMAL, 0, 1, 0);
    child = vfork();
    if (child == 0) _exit(pthread_mutex_lock(&robust));
    wait_for(child);
    EQUAL(pthread_mutex_lock(&robust), EOWNERDEAD);
    EQUAL(pthread_mutex_consistent(&robust), 0);
    EQUAL(pthread_mutex_unlock(&robust), 0);
    /* Children of a threaded process share a mutex with its other thread, by turns biased and not. */
    pthread_t t;
    EQUAL(pthread_create(&t, 0, other, 0), 0);
    long mine = 0;
    for (int i = 0; i < 300; i++) {
        for (int k = 0; k < 20; k++) {
            pthread_mutex_lock(&busy);
            count++;
            pthread_mutex_unlock(&busy);
            mine++;
        }
        child = vfork();
        if (child == 0) {
            for (int k = 0; k < 20; k++) {
                if (pthread_mutex_lock(&busy)) _exit(1);
                count++;
                if (pthread_mutex_unlock(&busy)) _exit(2);
            }
            _exit(0);
        }
        wait_for(child);
        mine += 20;
    }
    stop = 1;
    EQUAL(pthread_join(t, 0), 0);
    EQUAL(count, mine + counted);
    return 0;
}
