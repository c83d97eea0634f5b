/* Mutexes of every kind that the child locks and unlocks are free for parent and threads afterwards. */
#include "mutex.h"

static void cycle(void)
{
    CHECK(lock_soon() == 0);
    CHECK(pthread_mutex_unlock(&mutex) == 0);
    CHECK(pthread_mutex_trylock(&mutex) == 0);
    CHECK(pthread_mutex_unlock(&mutex) == 0);
}

int main(int argc, char **argv)
{
    int types[] = { PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_RECURSIVE, PTHREAD_MUTEX_ERRORCHECK };
    for (int i = iterations(argc, argv) / 24 + 1; i > 0; i--)
        for (int kind = 0; kind < 24; kind++) {
            make(types[kind % 3], kind / 3 & 1 ? PTHREAD_PRIO_INHERIT : PTHREAD_PRIO_NONE, kind / 6 & 1, kind / 12 & 1);
            if (i & 1) cycle();
            CHILD_PASSES(cycle());
            cycle();
            if (i % 16 == 0) CHECK(from_thread() == 0);
            CHECK(pthread_mutex_destroy(&mutex) == 0);
        }
    return 0;
}
