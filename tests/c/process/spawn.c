/* posix_spawn: attributes, file actions in order, errors as numbers without a child left behind. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include "check.h"

extern char **environ;
static posix_spawn_file_actions_t actions;
static posix_spawnattr_t attributes;

static int sh(const char *script)
{
    char *argv[] = { "sh", "-c", (char *)script, NULL };
    pid_t pid = -7;
    int error = posix_spawn(&pid, "/bin/sh", &actions, &attributes, argv, environ);
    CHECK(error == 0 && pid > 0);
    int status;
    CHECK(waitpid(pid, &status, 0) == pid);
    return status;
}

static void fresh(void)
{
    posix_spawn_file_actions_destroy(&actions);
    CHECK(posix_spawn_file_actions_init(&actions) == 0);
    CHECK(posix_spawnattr_init(&attributes) == 0);
}

static void handler(int signal) { (void)signal; _exit(99); }

int main(void)
{
    char *argv[] = { "sh", "-c", "exit 7", NULL };
    pid_t pid = -7;
    int status;
    char directory[] = "/tmp/spawnXXXXXX";

    CHECK(posix_spawn(&pid, "/bin/sh", NULL, NULL, argv, environ) == 0);
    CHECK(waitpid(pid, &status, 0) == pid && status == 7 << 8);
    CHECK(posix_spawnp(&pid, "sh", NULL, NULL, argv, environ) == 0);
    CHECK(waitpid(pid, &status, 0) == pid && status == 7 << 8);

    /* Errors. */
    pid = -7;
    CHECK(posix_spawn(&pid, "/nonexistent", NULL, NULL, argv, environ) == ENOENT);
    CHECK(posix_spawn(&pid, "/etc/passwd", NULL, NULL, argv, environ) == EACCES);
    CHECK(posix_spawnp(&pid, "nonexistent-program", NULL, NULL, argv, environ) == ENOENT);
    CHECK(posix_spawnp(&pid, "", NULL, NULL, argv, environ) == ENOENT);
    CHECK(waitpid(-1, &status, 0) == -1 && errno == ECHILD);

    fresh();
    CHECK(posix_spawn_file_actions_addopen(&actions, -1, "/dev/null", O_RDONLY, 0) == EBADF);
    CHECK(posix_spawn_file_actions_adddup2(&actions, 1, -1) == EBADF);
    CHECK(posix_spawn_file_actions_addclose(&actions, 1 << 30) == EBADF);
    CHECK(posix_spawn_file_actions_addopen(&actions, 5, "/nonexistent/x", O_RDONLY, 0) == 0);
    CHECK(posix_spawn(&pid, "/bin/sh", &actions, NULL, argv, environ) == ENOENT);
    CHECK(waitpid(-1, &status, 0) == -1 && errno == ECHILD);

    /* File actions in order. */
    for (int i = 0, rest = getpid(); i < 6; i++, rest /= 10) directory[10 + i] = '0' + rest % 10;
    mkdir(directory, 0700);
    fresh();
    CHECK(posix_spawn_file_actions_addchdir_np(&actions, directory) == 0);
    CHECK(posix_spawn_file_actions_addopen(&actions, 1, "out", O_WRONLY | O_CREAT | O_TRUNC, 0600) == 0);
    CHECK(posix_spawn_file_actions_adddup2(&actions, 1, 7) == 0);
    CHECK(posix_spawn_file_actions_addclose(&actions, 0) == 0);
    CHECK(posix_spawn_file_actions_addclose(&actions, 300) == 0);
    CHECK(sh("echo a; echo b >&7; test ! -e /proc/$$/fd/0") == 0);
    int fd = open(directory, O_RDONLY | O_DIRECTORY);
    CHECK(fd >= 0);
    int out = openat(fd, "out", O_RDONLY);
    char text[8];
    CHECK(read(out, text, sizeof text) == 4 && memcmp(text, "a\nb\n", 4) == 0);
    fresh();
    CHECK(posix_spawn_file_actions_addfchdir_np(&actions, fd) == 0);
    CHECK(sh("test -f out && rm out") == 0);
    rmdir(directory);

    fresh();
    int high = fcntl(fd, F_DUPFD, 50);
    int kept = fcntl(fd, F_DUPFD_CLOEXEC, 20);
    CHECK(posix_spawn_file_actions_adddup2(&actions, kept, kept) == 0);
    CHECK(posix_spawn_file_actions_addclosefrom_np(&actions, 30) == 0);
    CHECK(high == 50 && kept == 20);
    CHECK(sh("test ! -e /proc/self/fd/50 && test -e /proc/self/fd/20") == 0);

    /* A terminal that is none. */
    fresh();
    CHECK(posix_spawn_file_actions_addtcsetpgrp_np(&actions, fd) == 0);
    CHECK(posix_spawn(&pid, "/bin/sh", &actions, NULL, argv, environ) == ENOTTY);

    /* Attributes. */
    sigset_t set;
    short flags;
    struct sched_param parameter = { .sched_priority = 0 };
    fresh();
    CHECK(posix_spawnattr_setflags(&attributes, 0x4000) == EINVAL);
    CHECK(posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK) == 0);
    CHECK(posix_spawnattr_getflags(&attributes, &flags) == 0);
    CHECK(flags == (POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK));
    signal(SIGUSR1, SIG_IGN);
    signal(SIGUSR2, handler);
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    posix_spawnattr_setsigdefault(&attributes, &set);
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    posix_spawnattr_setsigmask(&attributes, &set);
    CHECK(WTERMSIG(sh("kill -USR1 $$; exit 1")) == SIGUSR1);
    CHECK(WTERMSIG(sh("kill -USR2 $$; exit 1")) == SIGUSR2);
    CHECK(sh("kill -PIPE $$; kill -TERM $$; exit 5") == 5 << 8);

    fresh();
    CHECK(posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID) == 0);
    CHECK(sh("set -- $(cat /proc/$$/stat); test $5 = $$ && test $6 = $$") == 0);
    CHECK(posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_USEVFORK) == 0);
    CHECK(posix_spawnattr_setpgroup(&attributes, 0) == 0);
    CHECK(sh("set -- $(cat /proc/$$/stat); test $5 = $$ && test $6 != $$") == 0);
    CHECK(posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP) == 0);
    CHECK(posix_spawnattr_setpgroup(&attributes, 1 << 30) == 0);
    CHECK(posix_spawn(&pid, "/bin/sh", NULL, &attributes, argv, environ) != 0);
    CHECK(posix_spawnattr_setflags(&attributes, POSIX_SPAWN_RESETIDS) == 0);
    CHECK(sh("exit 0") == 0);
    CHECK(posix_spawnattr_setschedpolicy(&attributes, 77) == EINVAL);
    CHECK(posix_spawnattr_setschedpolicy(&attributes, SCHED_OTHER) == 0);
    CHECK(posix_spawnattr_setschedparam(&attributes, &parameter) == 0);
    CHECK(posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSCHEDULER) == 0);
    CHECK(sh("exit 0") == 0);
    CHECK(posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSCHEDPARAM) == 0);
    CHECK(sh("exit 0") == 0);

    CHECK(waitpid(-1, &status, 0) == -1 && errno == ECHILD);
    CHECK(posix_spawn_file_actions_destroy(&actions) == 0);
    CHECK(posix_spawnattr_destroy(&attributes) == 0);
    return 0;
}
