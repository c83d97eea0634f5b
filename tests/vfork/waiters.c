/* Children that are killed while they wait for a lock or a semaphore take nobody's turn: the threads that wait all come through. */
#include "common.h"
#include <semaphore.h>

static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_mutex_t mutex, shared;
static sem_t semaphore;
static volatile pid_t child;

static void *run(void *kind)
{
    switch ((int)(size_t)kind) {
    case 0: CHECK(pthread_rwlock_wrlock(&rwlock) == 0 && pthread_rwlock_unlock(&rwlock) == 0); break;
    case 1: CHECK(pthread_mutex_lock(&mutex) == 0 && pthread_mutex_unlock(&mutex) == 0); break;
    case 2: CHECK(pthread_mutex_lock(&shared) == 0 && pthread_mutex_unlock(&shared) == 0); break;
    default: CHECK(sem_wait(&semaphore) == 0 && sem_post(&semaphore) == 0);
    }
    return NULL;
}

static void take(int kind) { run((void *)(size_t)kind); }

static void release(int kind)
{
    CHECK((kind == 0 ? pthread_rwlock_unlock(&rwlock) : kind == 1 ? pthread_mutex_unlock(&mutex)
           : kind == 2 ? pthread_mutex_unlock(&shared) : sem_post(&semaphore)) == 0);
}

/* Holds what the child and the others want, lets go, and kills the child at about that moment. */
static void *hold_and_kill(void *kind)
{
    int k = (int)(size_t)kind;
    CHECK((k == 0 ? pthread_rwlock_wrlock(&rwlock) : k == 1 ? pthread_mutex_lock(&mutex)
           : k == 2 ? pthread_mutex_lock(&shared) : sem_wait(&semaphore)) == 0);
    child = -1;
    while (child == -1) sched_yield();
    usleep(100);
    pid_t target = child;
    /* Nobody could tell whether a dead child had just entered as the writer, so that one dies waiting. */
    if (k == 0) kill(target, SIGKILL);
    release(k);
    kill(target, SIGKILL);
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_mutexattr_t attributes;
    CHECK(pthread_mutexattr_init(&attributes) == 0);
    CHECK(pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK) == 0);
    CHECK(pthread_mutex_init(&mutex, &attributes) == 0);
    CHECK(pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED) == 0);
    CHECK(pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST) == 0);
    CHECK(pthread_mutex_init(&shared, &attributes) == 0);
    CHECK(sem_init(&semaphore, 0, 1) == 0);
    for (int i = iterations(argc, argv); i > 0; i--) {
        int kind = i % 4;
        pthread_t holder, threads[2];
        child = 0;
        CHECK(pthread_create(&holder, NULL, hold_and_kill, (void *)(size_t)kind) == 0);
        while (child != -1) sched_yield();
        for (int t = 0; t < 2; t++) CHECK(pthread_create(&threads[t], NULL, run, (void *)(size_t)kind) == 0);
        int status = IN_CHILD(child = getpid(); for (;;) take(kind));
        CHECK(WTERMSIG(status) == SIGKILL);
        CHECK(pthread_join(holder, NULL) == 0);
        /* What the child held when it was killed is the parent's, or marked; the semaphore's one is lost with it. */
        if (kind == 1) {
            int result = pthread_mutex_unlock(&mutex);
            CHECK(result == 0 || result == EPERM);
        }
        if (kind == 2) {
            int result = pthread_mutex_lock(&shared);
            if (result == EOWNERDEAD) result = pthread_mutex_consistent(&shared);
            CHECK(result == 0 && pthread_mutex_unlock(&shared) == 0);
        }
        if (kind == 3) CHECK(sem_post(&semaphore) == 0);
        for (int t = 0; t < 2; t++) CHECK(pthread_join(threads[t], NULL) == 0);
        if (kind == 3) CHECK(sem_destroy(&semaphore) == 0 && sem_init(&semaphore, 0, 1) == 0);
    }
    return 0;
}
