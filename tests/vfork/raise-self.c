/* raise, pthread_kill(pthread_self()), kill(getpid()) and abort in the child end the child and not the parent. */
#include "common.h"

int main(int argc, char **argv)
{
    for (int i = iterations(argc, argv) / 4 + 1; i > 0; i--) {
        CHECK(WTERMSIG(IN_CHILD(raise(SIGTERM))) == SIGTERM);
        CHECK(WTERMSIG(IN_CHILD(pthread_kill(pthread_self(), SIGTERM))) == SIGTERM);
        CHECK(WTERMSIG(IN_CHILD(kill(getpid(), SIGKILL))) == SIGKILL);
        CHECK(WTERMSIG(IN_CHILD(abort())) == SIGABRT);
        check_identity();
    }
    return 0;
}
