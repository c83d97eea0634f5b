/* OpenJDK's child: close descriptors by opendir/readdir, chdir, execvp, report failure up a pipe; malloc is hammered. */
#include "common.h"
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>

static void close_descriptors(int from)
{
    /* The directory's own descriptor is among those closed, so one is spared for it. */
    close(from);
    DIR *directory = opendir("/proc/self/fd");
    CHECK(directory);
    struct dirent *entry;
    while ((entry = readdir(directory)))
        if (isdigit((unsigned char)entry->d_name[0])) {
            long fd = strtol(entry->d_name, NULL, 10);
            if (fd >= from + 2) close((int)fd);
        }
    closedir(directory);
}

static void child(int report, const char *const *command)
{
    if (dup2(report, 3) == -1) _exit(9);
    close_descriptors(4);
    if (chdir("/") == -1) _exit(8);
    fcntl(3, F_SETFD, FD_CLOEXEC);
    execvp(command[0], (char *const *)command);
    int error = errno;
    (void)!write(3, &error, sizeof error);
    _exit(-1);
}

int main(int argc, char **argv)
{
    const char *good[] = { "true", NULL }, *bad[] = { "no-such-program-anywhere", NULL };
    start_hammers();
    for (int i = iterations(argc, argv); i > 0; i--) {
        int ends[2], error = 0;
        /* The executed program costs the most; every tenth is enough of them. */
        const char *const *command = i % 10 ? bad : good;
        CHECK(pipe(ends) == 0);
        pid_t pid = vfork();
        if (pid == 0) child(ends[1], command);
        close(ends[1]);
        ssize_t n = read(ends[0], &error, sizeof error);
        close(ends[0]);
        int status = wait_status(pid);
        if (command == good)
            CHECK(n == 0 && status == 0);
        else
            CHECK(n == sizeof error && error == ENOENT && WEXITSTATUS(status) == 255);
    }
    stop_hammers();
    return 0;
}
