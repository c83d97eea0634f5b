/* Threads that wait for a PI mutex get it, whatever way the child that holds it ends: by unlock, _exit, SIGKILL or exec. */
#include "mutex.h"

static atomic_int running = 1;

static void *want(void *unused)
{
    (void)unused;
    for (unsigned turn = 0; atomic_load(&running); turn++) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        if (turn % 4 == 0) {
            /* One that gives up leaves a waiter's mark behind. */
            until.tv_nsec += 50000;
            until.tv_sec += until.tv_nsec / 1000000000;
            until.tv_nsec %= 1000000000;
        } else {
            until.tv_sec += 20;
        }
        int result = pthread_mutex_timedlock(&mutex, &until);
        CHECK(result == 0 || (turn % 4 == 0 && result == ETIMEDOUT));
        if (result == 0) CHECK(pthread_mutex_unlock(&mutex) == 0);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    char *arguments[] = { "true", NULL };
    pthread_t threads[3];
    make(PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_INHERIT, PTHREAD_MUTEX_STALLED, PTHREAD_PROCESS_PRIVATE);
    for (int i = 0; i < 3; i++) CHECK(pthread_create(&threads[i], NULL, want, NULL) == 0);
    for (int i = iterations(argc, argv); i > 0; i--) {
        /* The program takes its time, and nobody waits for its end. */
        int way = i % 8 == 0 ? 3 : i % 3;
        int status = IN_CHILD({
            CHECK(pthread_mutex_lock(&mutex) == 0);
            if (i % 5 == 0) usleep(100);
            if (way == 0) CHECK(pthread_mutex_unlock(&mutex) == 0);
            if (way == 2) kill(getpid(), SIGKILL);
            if (way == 3) execv("/usr/bin/true", arguments);
        });
        CHECK(way == 2 ? WTERMSIG(status) == SIGKILL : status == 0);
        CHECK(lock_soon() == 0 && pthread_mutex_unlock(&mutex) == 0);
    }
    atomic_store(&running, 0);
    for (int i = 0; i < 3; i++) CHECK(pthread_join(threads[i], NULL) == 0);
    return 0;
}
