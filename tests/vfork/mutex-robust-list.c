/* The child's robust mutexes are on a list of its own: the parent thread's are marked when that thread ends. */
#include "mutex.h"

static pthread_mutex_t second;

static void *hold_and_end(void *unused)
{
    (void)unused;
    CHECK(pthread_mutex_lock(&mutex) == 0);
    CHILD_PASSES(CHECK(pthread_mutex_lock(&second) == 0); CHECK(pthread_mutex_unlock(&second) == 0));
    CHILD_PASSES(CHECK(pthread_mutex_lock(&second) == 0));
    int result = pthread_mutex_lock(&second);
    CHECK(result == EOWNERDEAD);
    CHECK(pthread_mutex_consistent(&second) == 0);
    return NULL;
}

int main(int argc, char **argv)
{
    for (int i = iterations(argc, argv) / 4 + 1; i > 0; i--) {
        pthread_t thread;
        make(PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_NONE, PTHREAD_MUTEX_ROBUST, PTHREAD_PROCESS_PRIVATE);
        second = mutex;
        CHECK(pthread_create(&thread, NULL, hold_and_end, NULL) == 0);
        CHECK(pthread_join(thread, NULL) == 0);
        CHECK(lock_soon() == EOWNERDEAD && pthread_mutex_consistent(&mutex) == 0);
        CHECK(pthread_mutex_unlock(&mutex) == 0);
        CHECK(pthread_mutex_lock(&second) == EOWNERDEAD && pthread_mutex_consistent(&second) == 0);
        CHECK(pthread_mutex_unlock(&second) == 0);
    }
    return 0;
}
