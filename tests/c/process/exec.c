/* The exec family: lists, PATH, scripts without an interpreter line, errors; from a vfork child. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include "check.h"

extern char **environ;

static int finish(pid_t pid)
{
    int status;
    CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
    CHECK(WIFEXITED(status));
    return WEXITSTATUS(status);
}

#define CHILD(call) ({ pid_t pid_ = vfork(); if (!pid_) { call; _exit(errno); } finish(pid_); })

int main(void)
{
    char *argv[] = { "sh", "-c", "test \"$X\" = y && exit 41; exit 40", NULL };
    char *envp[] = { "X=y", NULL };
    CHECK(CHILD(execl("/bin/sh", "sh", "-c", "exit 42", (char *)NULL)) == 42);
    CHECK(CHILD(execl("/bin/sh", "sh", "-c", "test $#$1$2$3$4$5$6$7$8 = 812345678 && exit 43", "x", "1", "2", "3", "4",
                      "5", "6", "7", "8", (char *)NULL)) == 43);
    CHECK(CHILD(execle("/bin/sh", "sh", "-c", argv[2], (char *)NULL, envp)) == 41);
    CHECK(CHILD(execle("/bin/sh", "sh", "-c", argv[2], "a", "b", "c", "d", "e", (char *)NULL, envp)) == 41);
    CHECK(CHILD(execve("/bin/sh", argv, envp)) == 41);
    CHECK(CHILD(execv("/bin/sh", argv)) == 40);
    CHECK(CHILD(execvpe("sh", argv, envp)) == 41);
    int fd = open("/bin/sh", O_RDONLY | O_CLOEXEC);
    CHECK(CHILD(fexecve(fd, argv, envp)) == 41);
    CHECK(CHILD(execveat(fd, "", argv, envp, AT_EMPTY_PATH)) == 41);
    CHECK(CHILD(fexecve(-1, argv, envp)) == EINVAL);

    /* Without #!, the shell runs it. */
    char script[] = "/tmp/exec-XXXXXXXX";
    for (int i = 0, rest = getpid(); i < 8; i++, rest /= 10) script[10 + i] = '0' + rest % 10;
    fd = open(script, O_CREAT | O_WRONLY | O_TRUNC, 0755);
    CHECK(write(fd, "exit $((50 + $#))\n", 18) == 18);
    close(fd);
    CHECK(CHILD(execl(script, "x", "1", (char *)NULL)) == ENOEXEC);
    CHECK(CHILD(execlp(script, "x", "1", "2", (char *)NULL)) == 52);
    CHECK(CHILD(execlp(script, "x", (char *)NULL)) == 50);
    char *many[3001];
    for (int i = 0; i < 3000; i++) many[i] = "v";
    many[3000] = NULL;
    CHECK(CHILD(execvp(script, many)) == ((50 + 2999) & 255));

    CHECK(setenv("PATH", "/nonexistent:/etc/passwd:/tmp:", 1) == 0);
    CHECK(CHILD(execlp(script + 5, "x", (char *)NULL)) == 50);
    CHECK(CHILD(execlp("no-such-program", "x", (char *)NULL)) == ENOENT);
    CHECK(chmod(script, 0600) == 0);
    CHECK(CHILD(execlp(script + 5, "x", (char *)NULL)) == EACCES);
    CHECK(CHILD(execlp("", "x", (char *)NULL)) == ENOENT);
    CHECK(unsetenv("PATH") == 0);
    CHECK(CHILD(execlp("sh", "sh", "-c", "exit 9", (char *)NULL)) == 9);
    unlink(script);

    CHECK(system(NULL) == 1);
    CHECK(system("exit 3") == 3 << 8);
    CHECK(WTERMSIG(system("kill -KILL $$")) == 9);
    return 0;
}
