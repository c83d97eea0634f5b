/* Parent's threads and children fight for one mutex; children that unlock never lose a wake-up. */
#include "mutex.h"

static int counter;

static void *run(void *rounds)
{
    for (int i = (int)(size_t)rounds; i > 0; i--) {
        CHECK(pthread_mutex_lock(&mutex) == 0);
        counter++;
        CHECK(pthread_mutex_unlock(&mutex) == 0);
        /* On a busy machine a yield takes milliseconds. */
        if (i % 16 == 0) sched_yield();
    }
    return NULL;
}

int main(int argc, char **argv)
{
    int rounds = iterations(argc, argv);
    int protocols[] = { PTHREAD_PRIO_NONE, PTHREAD_PRIO_INHERIT };
    for (int protocol = 0; protocol < 2; protocol++) {
        pthread_t threads[2];
        counter = 0;
        make(PTHREAD_MUTEX_NORMAL, protocols[protocol], PTHREAD_MUTEX_STALLED, PTHREAD_PROCESS_PRIVATE);
        for (int i = 0; i < 2; i++) CHECK(pthread_create(&threads[i], NULL, run, (void *)(size_t)(rounds * 5)) == 0);
        for (int i = 0; i < rounds / 2; i++)
            CHILD_PASSES(for (int k = 0; k < 5; k++) {
                CHECK(pthread_mutex_lock(&mutex) == 0);
                counter++;
                CHECK(pthread_mutex_unlock(&mutex) == 0);
            });
        for (int i = 0; i < 2; i++) CHECK(pthread_join(threads[i], NULL) == 0);
        CHECK(counter == rounds * 10 + rounds / 2 * 5);
    }
    return 0;
}
