/* Children of children, twelve deep: each is true to itself, and so is each parent afterwards. */
#include "common.h"

static int descend(int depth)
{
    pid_t me = kernel_tid();
    check_identity();
    if (depth == 0) return 0;
    errno = depth;
    pid_t pid = vfork();
    if (pid == 0) _exit(descend(depth - 1));
    CHECK(errno == depth && kernel_tid() == me);
    check_identity();
    return WEXITSTATUS(wait_status(pid));
}

int main(int argc, char **argv)
{
    for (int i = iterations(argc, argv); i > 0; i--) CHECK(descend(12) == 0);
    return 0;
}
