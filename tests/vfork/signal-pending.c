/* A signal that comes while the parent sleeps in vfork runs its handler afterwards, with the parent's TID. */
#include "common.h"

static volatile sig_atomic_t runs;

static void handler(int signal)
{
    (void)signal;
    check_identity();
    runs++;
}

int main(int argc, char **argv)
{
    struct sigaction action = { .sa_handler = handler };
    CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
    for (int i = iterations(argc, argv); i > 0; i--) {
        runs = 0;
        pid_t parent = getpid();
        CHILD_PASSES(CHECK(kill(parent, SIGUSR1) == 0); CHECK(raise(SIGUSR1) == 0); CHECK(runs == 1));
        while (runs < 2) sched_yield();
        check_identity();
    }
    return 0;
}
