/* clone with CLONE_VM: as vfork with CLONE_VFORK; without, a task beside its parent with a TID and an errno of its own,
 * which has children of its own. */
#include "common.h"

static char stack[1 << 18] __attribute__((aligned(16)));
static volatile int child_errno;

static int run(void *argument)
{
    check_identity();
    CHECK(errno != 71 || argument);
    errno = 5;
    for (int k = 0; k < 20; k++) free(malloc((size_t)k * 40));
    child_errno = errno;
    CHILD_PASSES(check_identity(); CHILD_PASSES(check_identity()); check_identity());
    check_identity();
    pid_t pid = fork();
    if (pid == 0) {
        check_identity();
        _exit(0);
    }
    CHECK(wait_status(pid) == 0);
    return 3;
}

int main(int argc, char **argv)
{
    for (int i = iterations(argc, argv) / 2 + 1; i > 0; i--) {
        errno = 71;
        pid_t pid = clone(run, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, argv);
        CHECK(pid > 0 && errno == 71 && child_errno == 5);
        CHECK(WEXITSTATUS(wait_status(pid)) == 3);
        check_identity();
        errno = 71;
        pid = clone(run, stack + sizeof stack, CLONE_VM | SIGCHLD, NULL);
        CHECK(pid > 0);
        for (int k = 0; k < 20; k++) free(malloc((size_t)k * 40));
        check_identity();
        CHECK(WEXITSTATUS(wait_status(pid)) == 3 && errno == 71);
    }
    return 0;
}
