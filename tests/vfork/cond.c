/* Condition variables: the child wakes the parent's threads by signal and broadcast, and waits with a deadline. */
#include "common.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static int turn, woken;

static void *wait_turns(void *rounds)
{
    CHECK(pthread_mutex_lock(&mutex) == 0);
    for (int i = 1; i <= (int)(size_t)rounds; i++) {
        while (turn < i) CHECK(pthread_cond_wait(&cond, &mutex) == 0);
        woken++;
    }
    CHECK(pthread_mutex_unlock(&mutex) == 0);
    return NULL;
}

int main(int argc, char **argv)
{
    int rounds = iterations(argc, argv);
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) CHECK(pthread_create(&threads[i], NULL, wait_turns, (void *)(size_t)rounds) == 0);
    for (int i = 1; i <= rounds; i++) {
        CHILD_PASSES(CHECK(pthread_mutex_lock(&mutex) == 0); turn = i; CHECK(pthread_mutex_unlock(&mutex) == 0);
                     CHECK((i & 1 ? pthread_cond_broadcast(&cond)
                                  : pthread_cond_signal(&cond) | pthread_cond_signal(&cond)) == 0));
        if (i % 100 == 0)
            CHILD_PASSES(struct timespec past = { .tv_sec = 1 }; CHECK(pthread_mutex_lock(&mutex) == 0);
                         CHECK(pthread_cond_timedwait(&cond, &mutex, &past) == ETIMEDOUT);
                         CHECK(pthread_mutex_unlock(&mutex) == 0));
    }
    for (int i = 0; i < 2; i++) CHECK(pthread_join(threads[i], NULL) == 0);
    CHECK(woken == 2 * rounds);
    return 0;
}
