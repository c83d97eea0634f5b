/* pidfd_spawn and pidfd_spawnp give a descriptor of the child; errors leave none; a control group is where it starts. */
/* harness: glibc no */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include "check.h"

static int next_descriptor(void)
{
    int fd = dup(0);
    close(fd);
    return fd;
}

static int status_of(int pidfd)
{
    siginfo_t info = { 0 };
    CHECK(waitid(P_PIDFD, pidfd, &info, WEXITED) == 0);
    return info.si_code == CLD_EXITED ? info.si_status : -info.si_status;
}

int main(void)
{
    char *argv[] = { "sh", "-c", "exit 7", NULL }, *forever[] = { "sleep", "1000", NULL };
    int pidfd = -7, free_one = next_descriptor(), group;
    posix_spawnattr_t attributes;
    short flags;

    CHECK(pidfd_spawn(&pidfd, "/bin/sh", NULL, NULL, argv, environ) == 0);
    CHECK(pidfd == free_one && fcntl(pidfd, F_GETFD) == FD_CLOEXEC);
    CHECK(pidfd_getpid(pidfd) > 0);
    CHECK(status_of(pidfd) == 7);
    CHECK(pidfd_getpid(pidfd) == -1 && errno == ESRCH);
    close(pidfd);

    CHECK(pidfd_spawnp(&pidfd, "sleep", NULL, NULL, forever, environ) == 0);
    CHECK(pidfd_send_signal(pidfd, SIGTERM, NULL, 0) == 0);
    CHECK(status_of(pidfd) == -SIGTERM);
    close(pidfd);
    CHECK(pidfd_getpid(-1) == -1 && errno == EBADF);
    CHECK(pidfd_getpid(100) == -1 && errno == EBADF);
    int null = open("/dev/null", O_RDONLY);
    CHECK(pidfd_getpid(null) == -1 && errno == EINVAL);
    close(null);

    /* A failure leaves no child and no descriptor. */
    pidfd = -7;
    CHECK(pidfd_spawn(&pidfd, "/nonexistent", NULL, NULL, argv, environ) == ENOENT);
    CHECK(pidfd_spawnp(&pidfd, "no-such-program", NULL, NULL, argv, environ) == ENOENT);
    CHECK(pidfd == -7 && next_descriptor() == free_one);
    CHECK(waitpid(-1, NULL, 0) == -1 && errno == ECHILD);

    CHECK(posix_spawnattr_init(&attributes) == 0);
    CHECK(posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETCGROUP) == 0);
    CHECK(posix_spawnattr_getflags(&attributes, &flags) == 0 && flags == POSIX_SPAWN_SETCGROUP);
    CHECK(posix_spawnattr_getcgroup_np(&attributes, &group) == 0 && group == 0);
    int directory = open("/", O_RDONLY | O_DIRECTORY);
    CHECK(posix_spawnattr_setcgroup_np(&attributes, directory) == 0);
    CHECK(posix_spawnattr_getcgroup_np(&attributes, &group) == 0 && group == directory);
    /* That is no control group: EBADF, or ENOSYS without clone3. */
    int error = pidfd_spawn(&pidfd, "/bin/sh", NULL, &attributes, argv, environ);
    CHECK(error == EBADF || error == ENOSYS || error == EPERM);
    CHECK(waitpid(-1, NULL, 0) == -1 && errno == ECHILD);
    close(directory);

    /* Where this process may make one. */
    char name[64];
    snprintf(name, sizeof name, "/sys/fs/cgroup/tidal-test-%d", (int)getpid());
    if (mkdir(name, 0755) == 0) {
        directory = open(name, O_RDONLY | O_DIRECTORY);
        CHECK(posix_spawnattr_setcgroup_np(&attributes, directory) == 0);
        char script[160], *check[] = { "sh", "-c", script, NULL };
        snprintf(script, sizeof script, "read line </proc/$$/cgroup; test \"${line##*/}\" = %s", name + 15);
        error = pidfd_spawn(&pidfd, "/bin/sh", NULL, &attributes, check, environ);
        /* A version 1 hierarchy has no such thing. */
        if (error == 0) {
            CHECK(status_of(pidfd) == 0);
            close(pidfd);
        }
        close(directory);
        rmdir(name);
    }
    return 0;
}
