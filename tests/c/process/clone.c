/* clone: with memory shared the child has an errno and a TID of its own; as vfork; as fork; errors. */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "check.h"

static char stack[65536] __attribute__((aligned(16)));
static volatile int seen, go;

static int child(void *argument)
{
    if (gettid() != syscall(SYS_gettid)) return 2;
    if (getpid() != syscall(SYS_getpid)) return 3;
    errno = 77;
    seen = *(int *)argument;
    return 42;
}

static int run(int flags)
{
    int argument = 5, status;
    seen = 0;
    errno = 0;
    pid_t pid = clone(child, stack + sizeof stack, flags | SIGCHLD, &argument);
    CHECK(pid > 0);
    while (waitpid(pid, &status, 0) != pid) CHECK(errno == EINTR);
    CHECK(gettid() == syscall(SYS_gettid));
    CHECK(WIFEXITED(status));
    return WEXITSTATUS(status);
}

int main(void)
{
    CHECK(run(0) == 42 && seen == 0 && errno == 0);
    CHECK(run(CLONE_VM | CLONE_VFORK) == 42 && seen == 5);
    CHECK(run(CLONE_VM) == 42 && seen == 5);
#ifdef TIDAL
    CHECK(errno == 0);
#endif
    CHECK(clone(NULL, stack + sizeof stack, SIGCHLD, NULL) == -1 && errno == EINVAL);
    CHECK(clone(child, NULL, SIGCHLD, NULL) == -1 && errno == EINVAL);
    CHECK(clone(child, stack + sizeof stack, CLONE_THREAD, NULL) == -1 && errno == EINVAL);
    int parent_tid = 0, child_tid = 0, argument = 1, status;
    pid_t pid = clone(child, stack + sizeof stack, CLONE_VM | CLONE_VFORK | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | SIGCHLD,
                      &argument, &parent_tid, NULL, &child_tid);
    CHECK(waitpid(pid, &status, 0) == pid && status == 42 << 8);
    CHECK(parent_tid == pid && child_tid == pid);
    return 0;
}
