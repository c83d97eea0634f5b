/* The child starts with the parent's signal mask, changes its own, and the parent's is as it was. */
#include "common.h"

static sigset_t current_mask(void)
{
    sigset_t mask;
    CHECK(pthread_sigmask(SIG_SETMASK, NULL, &mask) == 0);
    return mask;
}

int main(int argc, char **argv)
{
    sigset_t one, all;
    sigemptyset(&one);
    sigaddset(&one, SIGUSR2);
    sigfillset(&all);
    CHECK(pthread_sigmask(SIG_SETMASK, &one, NULL) == 0);
    for (int i = iterations(argc, argv); i > 0; i--) {
        CHILD_PASSES(sigset_t mask = current_mask(); CHECK(sigismember(&mask, SIGUSR2) == 1);
                     CHECK(sigismember(&mask, SIGTERM) == 0); CHECK(sigismember(&mask, SIGCHLD) == 0);
                     CHECK(pthread_sigmask(SIG_SETMASK, &all, NULL) == 0));
        sigset_t mask = current_mask();
        CHECK(sigismember(&mask, SIGUSR2) == 1 && sigismember(&mask, SIGTERM) == 0);
    }
    return 0;
}
