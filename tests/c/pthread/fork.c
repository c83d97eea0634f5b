/* fork with threads: handlers in their order, one thread in the child, which makes and joins threads of its own. */
/* harness: glibc no */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "check.h"

static char order[16];
static void p1(void) { strcat(order, "1"); }
static void p2(void) { strcat(order, "2"); }
static void a1(void) { strcat(order, "a"); }
static void a2(void) { strcat(order, "b"); }
static void c1(void) { strcat(order, "x"); }
static void c2(void) { strcat(order, "y"); }
static void last(void) { strcat(order, "z"); }

static pthread_mutex_t recursive = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

static void *spin(void *stop)
{
    while (!__atomic_load_n((int *)stop, __ATOMIC_RELAXED)) sched_yield();
    return NULL;
}

static void *same(void *p) { return p; }

static void *forker(void *unused)
{
    int status;
    CHECK(pthread_mutex_lock(&recursive) == 0);
    for (int i = 0; i < 100; i++) {
        order[0] = 0;
        pid_t pid = fork();
        CHECK(pid >= 0);
        if (pid == 0) {
            void *result;
            pthread_t t;
            CHECK(strcmp(order, "21xyz") == 0);
            CHECK(gettid() == getpid());
            /* The forking thread's locks are the child's. */
            CHECK(pthread_mutex_lock(&recursive) == 0 && pthread_mutex_unlock(&recursive) == 0);
            for (int k = 0; k < 10; k++) {
                CHECK(pthread_create(&t, NULL, same, &t) == 0);
                CHECK(pthread_join(t, &result) == 0 && result == &t);
            }
            free(malloc(1000));
            CHECK(pthread_kill(pthread_self(), 0) == 0);
            _exit(7);
        }
        CHECK(strcmp(order, "21ab") == 0);
        CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 7);
    }
    CHECK(pthread_mutex_unlock(&recursive) == 0);
    return unused;
}

int main(void)
{
    int stop = 0;
    pthread_t t[3];
    CHECK(pthread_atfork(p1, a1, c1) == 0);
    CHECK(pthread_atfork(p2, a2, c2) == 0);
    CHECK(pthread_atfork(NULL, NULL, last) == 0);
    for (int i = 0; i < 2; i++) CHECK(pthread_create(&t[i], NULL, spin, &stop) == 0);
    CHECK(pthread_create(&t[2], NULL, forker, NULL) == 0);
    CHECK(pthread_join(t[2], NULL) == 0);
    __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
    for (int i = 0; i < 2; i++) CHECK(pthread_join(t[i], NULL) == 0);
    return 0;
}
