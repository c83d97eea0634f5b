/* What the programs of the vfork suite share. Each takes a number of iterations and exits with 0 if all went well. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* No stdio: the child may be the one that fails. */
static inline void fail(const char *file, int line, const char *what)
{
    char digits[12], *at = digits + sizeof digits;
    do *--at = (char)('0' + line % 10);
    while (line /= 10);
    (void)!write(2, file, strlen(file));
    (void)!write(2, ":", 1);
    (void)!write(2, at, (size_t)(digits + sizeof digits - at));
    (void)!write(2, ": ", 2);
    (void)!write(2, what, strlen(what));
    (void)!write(2, "\n", 1);
    _exit(1);
}

#define CHECK(condition) ((condition) ? (void)0 : fail(__FILE__, __LINE__, #condition))

static inline int iterations(int argc, char **argv)
{
    return argc > 1 ? atoi(argv[1]) : 100;
}

/* The kernel's own words for who is running. */
static inline pid_t kernel_tid(void) { return (pid_t)syscall(SYS_gettid); }
static inline pid_t kernel_pid(void) { return (pid_t)syscall(SYS_getpid); }

/* What libc says is what the kernel says. */
static inline void check_identity(void)
{
    CHECK(getpid() == kernel_pid());
    CHECK(gettid() == kernel_tid());
}

static inline int wait_status(pid_t pid)
{
    int status;
    CHECK(pid > 0);
    while (waitpid(pid, &status, 0) != pid) CHECK(errno == EINTR);
    return status;
}

/* Runs a block in a vfork child, which exits with 0 after it; gives the wait status. */
#define IN_CHILD(...)                                                                                                  \
    ({                                                                                                                 \
        pid_t in_child_pid = vfork();                                                                                  \
        if (in_child_pid == 0) {                                                                                       \
            __VA_ARGS__;                                                                                               \
            _exit(0);                                                                                                  \
        }                                                                                                              \
        wait_status(in_child_pid);                                                                                     \
    })

#define CHILD_PASSES(...) CHECK(IN_CHILD(__VA_ARGS__) == 0)

/* Threads that malloc, realloc and free as fast as they can, and free what others (a vfork child) put up. */
#define HAMMERS 4
#define SHELF 64
static _Atomic(void *) shelf[SHELF];
static atomic_int hammering;
static pthread_t hammer_threads[HAMMERS];

static inline void exchange(unsigned slot, size_t size)
{
    unsigned char *mine = malloc(size);
    CHECK(mine);
    mine[0] = (unsigned char)size;
    mine[size - 1] = (unsigned char)size;
    free(atomic_exchange(&shelf[slot % SHELF], mine));
}

static void *hammer(void *argument)
{
    unsigned seed = (unsigned)(size_t)argument * 7919u + 1;
    while (atomic_load_explicit(&hammering, memory_order_relaxed)) {
        seed = seed * 1664525u + 1013904223u;
        exchange(seed >> 16, 1 + (seed >> 8) % 2000);
        char *p = malloc(1 + (seed >> 4) % 300);
        CHECK(p);
        p[0] = 1;
        p = realloc(p, 1 + (seed >> 12) % 3000);
        CHECK(p && p[0] == 1);
        free(p);
    }
    return NULL;
}

static inline void start_hammers(void)
{
    atomic_store(&hammering, 1);
    for (size_t i = 0; i < HAMMERS; i++) CHECK(pthread_create(&hammer_threads[i], NULL, hammer, (void *)(i + 1)) == 0);
}

static inline void stop_hammers(void)
{
    atomic_store(&hammering, 0);
    for (int i = 0; i < HAMMERS; i++) CHECK(pthread_join(hammer_threads[i], NULL) == 0);
}
