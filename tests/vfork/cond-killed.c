/* Condition variables and a child that waits: it sees what threads signal, and killed in a wait it takes no signal with it. */
#include "common.h"

static pthread_mutex_t mutex;
static pthread_cond_t cond;
static int flag, answer;

static void make(int shared)
{
    pthread_condattr_t attributes;
    pthread_mutexattr_t checked;
    CHECK(pthread_mutexattr_init(&checked) == 0);
    CHECK(pthread_mutexattr_settype(&checked, PTHREAD_MUTEX_ERRORCHECK) == 0);
    CHECK(pthread_mutex_init(&mutex, &checked) == 0);
    CHECK(pthread_condattr_init(&attributes) == 0);
    CHECK(pthread_condattr_setpshared(&attributes, shared) == 0);
    CHECK(pthread_cond_init(&cond, &attributes) == 0);
    flag = answer = 0;
}

static void wait_for(int *what)
{
    CHECK(pthread_mutex_lock(&mutex) == 0);
    while (!*what) CHECK(pthread_cond_wait(&cond, &mutex) == 0);
    CHECK(pthread_mutex_unlock(&mutex) == 0);
}

static void set(int *what)
{
    CHECK(pthread_mutex_lock(&mutex) == 0);
    *what = 1;
    CHECK(pthread_cond_broadcast(&cond) == 0);
    CHECK(pthread_mutex_unlock(&mutex) == 0);
}

static void *answer_flag(void *unused)
{
    (void)unused;
    wait_for(&flag);
    set(&answer);
    return NULL;
}

static void *kill_soon(void *pid)
{
    usleep(300);
    while (*(volatile pid_t *)pid == 0) sched_yield();
    kill(*(pid_t *)pid, SIGKILL);
    return NULL;
}

int main(int argc, char **argv)
{
    for (int i = iterations(argc, argv) / 2 + 1; i > 0; i--) {
        pthread_t thread, killer;
        volatile pid_t child = 0;
        make(i & 1);
        CHECK(pthread_create(&thread, NULL, answer_flag, NULL) == 0);
        CHILD_PASSES(set(&flag); wait_for(&answer));
        CHECK(pthread_join(thread, NULL) == 0);
        CHECK(pthread_cond_destroy(&cond) == 0);

        make(i & 1);
        CHECK(pthread_create(&thread, NULL, answer_flag, NULL) == 0);
        CHECK(pthread_create(&killer, NULL, kill_soon, (void *)&child) == 0);
        CHECK(WTERMSIG(IN_CHILD(child = getpid(); wait_for(&answer))) == SIGKILL);
        CHECK(pthread_join(killer, NULL) == 0);
        /* The child may have been killed with the mutex, which is the parent's then. */
        int held = pthread_mutex_lock(&mutex);
        CHECK(held == 0 || held == EDEADLK);
        flag = 1;
        CHECK(pthread_cond_signal(&cond) == 0);
        CHECK(pthread_mutex_unlock(&mutex) == 0);
        CHECK(pthread_join(thread, NULL) == 0);
        CHECK(answer == 1 && pthread_cond_destroy(&cond) == 0);
    }
    return 0;
}
