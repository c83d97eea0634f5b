/* Read-write locks: what the parent holds is held in the child, and what the child leaves belongs to the parent. */
#include "common.h"

int main(int argc, char **argv)
{
    for (int i = iterations(argc, argv); i > 0; i--) {
        pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
        CHILD_PASSES(CHECK(pthread_rwlock_wrlock(&lock) == 0); CHECK(pthread_rwlock_unlock(&lock) == 0);
                     CHECK(pthread_rwlock_rdlock(&lock) == 0); CHECK(pthread_rwlock_unlock(&lock) == 0));
        CHECK(pthread_rwlock_wrlock(&lock) == 0);
        CHILD_PASSES(CHECK(pthread_rwlock_trywrlock(&lock) == EBUSY); CHECK(pthread_rwlock_tryrdlock(&lock) == EBUSY);
                     CHECK(pthread_rwlock_wrlock(&lock) == EDEADLK); CHECK(pthread_rwlock_rdlock(&lock) == EDEADLK));
        CHECK(pthread_rwlock_unlock(&lock) == 0);
        CHILD_PASSES(CHECK(pthread_rwlock_wrlock(&lock) == 0));
        CHECK(pthread_rwlock_tryrdlock(&lock) == EBUSY && pthread_rwlock_unlock(&lock) == 0);
        CHILD_PASSES(CHECK(pthread_rwlock_rdlock(&lock) == 0));
        CHECK(pthread_rwlock_trywrlock(&lock) == EBUSY && pthread_rwlock_unlock(&lock) == 0);
        CHECK(pthread_rwlock_trywrlock(&lock) == 0 && pthread_rwlock_unlock(&lock) == 0);
    }
    return 0;
}
