/* A process that holds robust mutexes is killed at random points: whoever comes next is told, and nobody hangs. */
/* harness: glibc no */
/* glibc hangs on a busy machine: a killed sleeper takes a wake-up with it (see pthread/src/mutex/tid_state.rs). */
#include "check.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static struct { pthread_mutex_t plain, inherit; volatile long a, b; } *shared;

static void use(pthread_mutex_t *m)
{
    int error = pthread_mutex_lock(m);
    if (error == EOWNERDEAD) {
        shared->b = shared->a;
        EQUAL(pthread_mutex_consistent(m), 0);
    } else {
        EQUAL(error, 0);
    }
    CHECK(shared->a == shared->b);
    shared->a++;
    shared->b++;
    EQUAL(pthread_mutex_unlock(m), 0);
}

int main(void)
{
    shared = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(shared != MAP_FAILED);
    pthread_mutexattr_t a;
    pthread_mutexattr_init(&a);
    pthread_mutexattr_setrobust(&a, PTHREAD_MUTEX_ROBUST);
    pthread_mutexattr_setpshared(&a, PTHREAD_PROCESS_SHARED);
    EQUAL(pthread_mutex_init(&shared->plain, &a), 0);
    pthread_mutexattr_setprotocol(&a, PTHREAD_PRIO_INHERIT);
    EQUAL(pthread_mutex_init(&shared->inherit, &a), 0);
    unsigned seed = 1234567;
    for (int round = 0; round < 60; round++) {
        pthread_mutex_t *m = round % 2 ? &shared->inherit : &shared->plain;
        pid_t children[2];
        for (int c = 0; c < 2; c++) {
            children[c] = fork();
            CHECK(children[c] >= 0);
            if (children[c] == 0) {
                prctl(PR_SET_PDEATHSIG, SIGKILL);
                for (;;) use(m);
            }
        }
        usleep(500 + next_random(&seed) % 3000);
        kill(children[0], SIGKILL);
        use(m);
        usleep(200);
        kill(children[1], SIGKILL);
        use(m);
        for (int c = 0; c < 2; c++) waitpid(children[c], 0, 0);
        use(m);
    }
    /* Not made consistent: lost for ever. */
    if (fork() == 0) {
        pthread_mutex_lock(&shared->plain);
        _exit(0);
    }
    wait(0);
    EQUAL(pthread_mutex_lock(&shared->plain), EOWNERDEAD);
    EQUAL(pthread_mutex_unlock(&shared->plain), 0);
    EQUAL(pthread_mutex_lock(&shared->plain), ENOTRECOVERABLE);
    EQUAL(pthread_mutex_trylock(&shared->plain), ENOTRECOVERABLE);
    EQUAL(pthread_mutex_destroy(&shared->plain), 0);
    return 0;
}
