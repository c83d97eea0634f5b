/* PI, robust and both: held by the suspended parent they give the child EDEADLK, EBUSY or the recursive count, no hang. */
#include "mutex.h"

int main(int argc, char **argv)
{
    int types[] = { PTHREAD_MUTEX_ERRORCHECK, PTHREAD_MUTEX_RECURSIVE, PTHREAD_MUTEX_NORMAL };
    for (int i = iterations(argc, argv) / 9 + 1; i > 0; i--)
        for (int kind = 1; kind < 4; kind++)
            for (int type = 0; type < 3; type++) {
                make(types[type],
                     kind & 1 ? PTHREAD_PRIO_INHERIT : PTHREAD_PRIO_NONE, kind >> 1, PTHREAD_PROCESS_SHARED);
                CHECK(pthread_mutex_lock(&mutex) == 0);
                CHILD_PASSES(if (types[type] == PTHREAD_MUTEX_RECURSIVE) {
                    CHECK(lock_soon() == 0);
                    CHECK(pthread_mutex_trylock(&mutex) == 0);
                    CHECK(pthread_mutex_unlock(&mutex) == 0);
                    CHECK(pthread_mutex_unlock(&mutex) == 0);
                } else {
                    CHECK(lock_soon() == EDEADLK);
                    CHECK(pthread_mutex_trylock(&mutex) == EBUSY);
                    /* Nor below a grandchild. */
                    CHILD_PASSES(CHECK(lock_soon() == EDEADLK));
                });
                CHECK(pthread_mutex_unlock(&mutex) == 0);
                if (i % 16 == 0) CHECK(from_thread() == 0);
                CHECK(pthread_mutex_destroy(&mutex) == 0);
            }
    return 0;
}
