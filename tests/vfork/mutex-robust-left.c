/* A robust mutex that a dead child leaves is EOWNERDEAD for the parent, and usable again; the parent's own stay held. */
#include "mutex.h"

int main(int argc, char **argv)
{
    pthread_mutex_t own;
    for (int i = iterations(argc, argv) / 2 + 1; i > 0; i--) {
        make(PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_NONE, PTHREAD_MUTEX_ROBUST, PTHREAD_PROCESS_SHARED);
        own = mutex;
        CHECK(pthread_mutex_lock(&own) == 0);
        CHECK(WTERMSIG(IN_CHILD(CHECK(lock_soon() == 0); kill(getpid(), SIGKILL))) == SIGKILL);
        CHECK(lock_soon() == EOWNERDEAD);
        CHECK(pthread_mutex_consistent(&mutex) == 0);
        CHECK(pthread_mutex_unlock(&mutex) == 0);
        CHILD_PASSES(CHECK(lock_soon() == 0));
        CHECK((i & 15 ? lock_soon() : from_thread()) == EOWNERDEAD);
        if (i & 15) {
            CHECK(pthread_mutex_consistent(&mutex) == 0);
            CHECK(pthread_mutex_unlock(&mutex) == 0);
        }
        CHECK(pthread_mutex_trylock(&own) == EBUSY);
        CHECK(pthread_mutex_unlock(&own) == 0);
    }
    return 0;
}
