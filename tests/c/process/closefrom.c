/* closefrom closes what is open, in the process and in a spawned child; also with very many descriptors allowed. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include "check.h"

static int is_open(int fd) { return fcntl(fd, F_GETFD) != -1; }

int main(void)
{
    struct rlimit limit;
    CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    for (int fd = 10; fd < 300; fd++) CHECK(dup2(0, fd) == fd);
    CHECK(fcntl(0, F_DUPFD, 900) == 900);
    posix_spawn_file_actions_t actions;
    CHECK(posix_spawn_file_actions_init(&actions) == 0);
    CHECK(posix_spawn_file_actions_addclosefrom_np(&actions, 11) == 0);
    char *argv[] = { "sh", "-c", "test -e /proc/$$/fd/10 && test ! -e /proc/$$/fd/11 && test ! -e /proc/$$/fd/900", NULL };
    pid_t pid;
    int status;
    CHECK(posix_spawn(&pid, "/bin/sh", &actions, NULL, argv, environ) == 0);
    CHECK(waitpid(pid, &status, 0) == pid && status == 0);
    CHECK(posix_spawn_file_actions_destroy(&actions) == 0);
    CHECK(is_open(299) && is_open(900));
    closefrom(100);
    for (int fd = 10; fd < 1000; fd++) CHECK(is_open(fd) == (fd < 100));
    closefrom(-5);
    CHECK(!is_open(0) && !is_open(99));
    /* No descriptor is left for looking. */
    limit.rlim_cur = 3;
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    while (open("/", O_RDONLY) != -1) {}
    CHECK(errno == EMFILE);
    closefrom(1);
    CHECK(is_open(0) && !is_open(1) && !is_open(2));
    return 0;
}
