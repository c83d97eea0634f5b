/* A PI mutex that a dead child leaves hangs nobody: not the parent, not another thread. */
#include "mutex.h"

static int answers(int result)
{
    return result == 0 || result == EOWNERDEAD || result == EDEADLK || result == ESRCH || result == ENOTRECOVERABLE;
}

int main(int argc, char **argv)
{
    for (int i = iterations(argc, argv) / 2 + 1; i > 0; i--) {
        make(PTHREAD_MUTEX_ERRORCHECK, PTHREAD_PRIO_INHERIT, PTHREAD_MUTEX_STALLED, PTHREAD_PROCESS_PRIVATE);
        CHECK(WTERMSIG(IN_CHILD(CHECK(lock_soon() == 0); kill(getpid(), SIGKILL))) == SIGKILL);
        CHECK(answers(lock_soon()));
        make(PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_INHERIT, PTHREAD_MUTEX_ROBUST, PTHREAD_PROCESS_PRIVATE);
        CHILD_PASSES(CHECK(lock_soon() == 0));
        CHECK((i & 15 ? lock_soon() : from_thread()) == EOWNERDEAD);
    }
    return 0;
}
