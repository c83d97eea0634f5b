/* A private normal mutex: held by the parent it is busy for the child; left by the child it belongs to the parent. */
#include "mutex.h"

int main(int argc, char **argv)
{
    for (int i = iterations(argc, argv); i > 0; i--) {
        make(PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_NONE, PTHREAD_MUTEX_STALLED, PTHREAD_PROCESS_PRIVATE);
        CHECK(pthread_mutex_lock(&mutex) == 0);
        CHILD_PASSES(CHECK(pthread_mutex_trylock(&mutex) == EBUSY));
        CHECK(pthread_mutex_unlock(&mutex) == 0);
        CHILD_PASSES(CHECK(pthread_mutex_lock(&mutex) == 0));
        CHECK(pthread_mutex_trylock(&mutex) == EBUSY);
        CHECK(pthread_mutex_unlock(&mutex) == 0);
        CHECK(pthread_mutex_trylock(&mutex) == 0);
        CHECK(pthread_mutex_unlock(&mutex) == 0);
        if (i % 16 == 0) CHECK(from_thread() == 0);
    }
    return 0;
}
