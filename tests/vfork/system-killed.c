/* A child killed in system() leaves the parent's own calls as they were: SIGINT is ignored in them, and only in them. */
#include "common.h"
#include <stdio.h>

static int ignores_interrupt(void)
{
    struct sigaction now;
    CHECK(sigaction(SIGINT, NULL, &now) == 0);
    return now.sa_handler == SIG_IGN;
}

int main(int argc, char **argv)
{
    char command[64];
    int me = getpid();
    /* Who starts a program in the background may leave SIGINT ignored in it. */
    signal(SIGINT, SIG_DFL);
    /* The command sends SIGINT to the caller of system, as a terminal would. */
    snprintf(command, sizeof command, "kill -INT %d", me);
    for (int i = iterations(argc, argv) / 10 + 1; i > 0; i--) {
        CHECK(WTERMSIG(IN_CHILD(system("kill -KILL $PPID"))) == SIGKILL);
        CHECK(!ignores_interrupt());
        CHECK(system(command) == 0);
        CHECK(!ignores_interrupt());
        CHILD_PASSES(CHECK(system("exit 3") == 3 << 8); CHECK(!ignores_interrupt()));
    }
    return 0;
}
