/* A private errorcheck mutex held by the parent is EDEADLK in the child; left by the child it is EDEADLK in the parent. */
#include "mutex.h"

int main(int argc, char **argv)
{
    for (int i = iterations(argc, argv); i > 0; i--) {
        make(PTHREAD_MUTEX_ERRORCHECK, PTHREAD_PRIO_NONE, PTHREAD_MUTEX_STALLED, PTHREAD_PROCESS_PRIVATE);
        CHECK(pthread_mutex_lock(&mutex) == 0);
        CHILD_PASSES(CHECK(lock_soon() == EDEADLK); CHECK(pthread_mutex_trylock(&mutex) == EBUSY));
        CHECK(pthread_mutex_unlock(&mutex) == 0);
        CHILD_PASSES(CHECK(pthread_mutex_lock(&mutex) == 0));
        CHECK(lock_soon() == EDEADLK);
        CHECK(pthread_mutex_unlock(&mutex) == 0);
        CHECK(pthread_mutex_unlock(&mutex) == EPERM);
        if (i % 16 == 0) CHECK(from_thread() == 0);
    }
    return 0;
}
