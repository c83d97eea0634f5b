/* CPython's subprocess: vfork with signals blocked, descriptors set up, each path tried, the error told in hex up a pipe. */
#include "common.h"
#include <fcntl.h>

static void child(int error_pipe, int output, char *const *paths, char *const argv[], const sigset_t *mask)
{
    char text[40] = "OSError:", *at = text + 8;
    CHECK(dup2(output, 1) == 1);
    CHECK(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
    CHECK(pthread_sigmask(SIG_SETMASK, mask, NULL) == 0);
    CHECK(setsid() == getpid());
    syscall(SYS_close_range, error_pipe + 1, ~0u, 0);
    int saved = ENOENT;
    for (; *paths; paths++) {
        execve(*paths, argv, environ);
        if (errno != ENOENT && errno != ENOTDIR) saved = errno;
    }
    for (int shift = 28; shift >= 0; shift -= 4)
        if (saved >> shift) *at++ = "0123456789abcdef"[saved >> shift & 15];
    *at++ = ':';
    (void)!write(error_pipe, text, (size_t)(at - text));
    _exit(255);
}

int main(int argc, char **argv)
{
    char *good[] = { "/nonexistent/true", "/usr/bin/true", NULL }, *bad[] = { "/nonexistent/x", "/etc/passwd", NULL };
    char *arguments[] = { "true", NULL };
    int null = open("/dev/null", O_WRONLY);
    start_hammers();
    for (int i = iterations(argc, argv); i > 0; i--) {
        int ends[2];
        char text[41] = { 0 };
        sigset_t all, old;
        CHECK(pipe2(ends, O_CLOEXEC) == 0);
        sigfillset(&all);
        CHECK(pthread_sigmask(SIG_BLOCK, &all, &old) == 0);
        pid_t pid = vfork();
        if (pid == 0) child(ends[1], null, i % 10 ? bad : good, arguments, &old);
        CHECK(pthread_sigmask(SIG_SETMASK, &old, NULL) == 0);
        close(ends[1]);
        ssize_t n = read(ends[0], text, 40);
        close(ends[0]);
        int status = wait_status(pid);
        if (i % 10)
            CHECK(strcmp(text, "OSError:d:") == 0 && WEXITSTATUS(status) == 255);
        else
            CHECK(n == 0 && status == 0);
    }
    stop_hammers();
    return 0;
}
