/* bench: what starting a tiny program that exits at once, and waiting for it */
/* bench: cpus 1 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../bench.h"

/* An ELF file that does exit(0), the same whatever libc this program has: 64 bytes of header, 56 of program header. */
static const unsigned char tiny[] = {
    0x7f, 'E', 'L', 'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 62, 0, 1, 0, 0, 0, 0x78, 0, 0x40, 0, 0, 0, 0, 0,
    64, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 64, 0, 56, 0, 1, 0, 0, 0, 0, 0, 0, 0,
    1, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0,
    0x84, 0, 0, 0, 0, 0, 0, 0, 0x84, 0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0,
    0xb8, 0x3c, 0, 0, 0, 0x31, 0xff, 0x0f, 0x05, 0x0f, 0x0b, 0x90, /* mov $60,%eax; xor %edi,%edi; syscall */
};
static char path[] = "/tmp/tidal-bench-XXXXXX";
static char *const argv_of_child[] = {path, 0};
extern char **environ;

static void reap(pid_t pid)
{
    int status;
    if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0) exit(1);
}

static void by_vfork(void)
{
    pid_t pid = vfork();
    if (pid == 0) {
        execve(path, argv_of_child, environ);
        _exit(127);
    }
    reap(pid);
}

static void by_posix_spawn(void)
{
    pid_t pid;
    if (posix_spawn(&pid, path, 0, 0, argv_of_child, environ)) exit(1);
    reap(pid);
}

static void by_fork(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        execve(path, argv_of_child, environ);
        _exit(127);
    }
    reap(pid);
}

static void vfork_alone(void)
{
    pid_t pid = vfork();
    if (pid == 0) _exit(0);
    reap(pid);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void measure(const char *name, void (*job)(void), int rounds)
{
    double *times = malloc((size_t)rounds * sizeof *times);
    for (int i = 0; i < rounds; i++) {
        double start = now_ns();
        job();
        times[i] = (now_ns() - start) / 1e3;
    }
    qsort(times, (size_t)rounds, sizeof *times, compare);
    report(name, times[rounds / 2], "us");
    free(times);
}

int main(int argc, char **argv)
{
    int rounds = (int)scaled(2000, argc, argv);
    int fd = mkstemp(path);
    if (fd < 0 || write(fd, tiny, sizeof tiny) != sizeof tiny || fchmod(fd, 0755) || close(fd)) return 1;
    measure("vfork, _exit, wait", vfork_alone, rounds);
    measure("vfork, exec, wait", by_vfork, rounds);
    measure("posix_spawn, wait", by_posix_spawn, rounds);
    measure("fork, exec, wait", by_fork, rounds);
    size_t size = 100 << 20;
    char *ballast = mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    madvise(ballast, size, MADV_NOHUGEPAGE);
    memset(ballast, 1, size);
    measure("vfork, exec, wait at 100 MiB", by_vfork, rounds / 4);
    measure("posix_spawn, wait at 100 MiB", by_posix_spawn, rounds / 4);
    measure("fork, exec, wait at 100 MiB", by_fork, rounds / 10);
    unlink(path);
    return 0;
}
