/* Children nest sixteen deep, and in the seventeenth vfork fails with EAGAIN; posix_spawn and clone say the same. */
#include "common.h"
#include <spawn.h>

#define DEEPEST 16

static int entry(void *unused) { (void)unused; return 0; }

static void deepest(void)
{
    static char stack[16384] __attribute__((aligned(16)));
    char *arguments[] = { "true", NULL };
    pid_t pid;
    errno = 0;
    CHECK(vfork() == -1 && errno == EAGAIN);
    CHECK(posix_spawn(&pid, "/usr/bin/true", NULL, NULL, arguments, environ) == EAGAIN);
    CHECK(clone(entry, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, NULL) == -1 && errno == EAGAIN);
    check_identity();
    /* A copy of the process starts from the top. */
    pid = fork();
    if (pid == 0) CHILD_PASSES(check_identity());
    if (pid == 0) _exit(0);
    CHECK(wait_status(pid) == 0);
}

static void descend(int depth)
{
    if (depth == DEEPEST)
        deepest();
    else
        CHILD_PASSES(descend(depth + 1));
    check_identity();
}

int main(int argc, char **argv)
{
    for (int i = iterations(argc, argv) / 10 + 1; i > 0; i--) descend(0);
    return 0;
}
