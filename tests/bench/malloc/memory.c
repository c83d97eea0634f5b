/* bench: what resident memory of typical heaps */
/* bench: allocators */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../bench.h"

enum { THREADS = 200, MANY = 1000000 };
static pthread_barrier_t all_done;

/* KiB, from /proc/self/statm. */
static double resident(void)
{
    char text[200] = {0};
    int fd = open("/proc/self/statm", O_RDONLY);
    if (fd < 0 || read(fd, text, sizeof text - 1) <= 0) return 0;
    close(fd);
    return strtol(strchr(text, ' '), 0, 10) * 4.0;
}

static void *small_cache(void *argument)
{
    void *blocks[100];
    for (int i = 0; i < 100; i++) memset(blocks[i] = malloc(16 + i * 10), 1, 16 + i * 10);
    for (int i = 0; i < 100; i++) free(blocks[i]);
    pthread_barrier_wait(&all_done);
    pthread_barrier_wait(&all_done);
    return argument;
}

static double of_threads(void)
{
    pthread_t threads[THREADS];
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, 64 << 10);
    pthread_barrier_init(&all_done, 0, THREADS + 1);
    for (int i = 0; i < THREADS; i++) pthread_create(&threads[i], &attr, small_cache, 0);
    pthread_barrier_wait(&all_done);
    double result = resident();
    pthread_barrier_wait(&all_done);
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], 0);
    return result;
}

static double of_the_rest(void)
{
    static void *blocks[MANY];
    uint64_t state = 88172645463325252ull;
    for (int i = 0; i < MANY; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        size_t size = 16 + (state >> 40) % 500;
        memset(blocks[i] = malloc(size), 1, size);
    }
    for (int i = 0; i < MANY; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        if (state >> 20 & 15 || i % 2) free(blocks[i]);
    }
    return resident();
}

/* Each in a process of its own. */
static void apart(const char *name, double (*f)(void))
{
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        report(name, f(), "KiB");
        fflush(stdout);
        _exit(0);
    }
    waitpid(pid, 0, 0);
}

int main(void)
{
    apart("resident, 200 threads with small blocks", of_threads);
    apart("resident, a million blocks, 97 % freed", of_the_rest);
    return 0;
}
