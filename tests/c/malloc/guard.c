/* TIDAL_MALLOC=guard: what is written behind a block or after its end of life ends the program there; the rest works. */
/* harness: glibc no */
/* harness: flags -O1 -w -fno-builtin */
#include <malloc.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int malloc_check(void);

static void behind(void) { volatile char *volatile p = malloc(64); p[64] = 1; }
static void far_behind(void) { volatile char *volatile p = malloc(4000); p[4000 + 4095] = 1; }
static void in_the_slack(void) { volatile char *volatile p = malloc(61); p[61] = 1; free((void *)p); }
static void after_free(void) { volatile char *volatile p = malloc(64); free((void *)p); p[0] = 1; }
static void read_after_free(void) { volatile char *volatile p = malloc(300000); free((void *)p); exit(p[5]); }
static void twice(void) { volatile char *volatile p = malloc(64); free((void *)p); free((void *)p); }
static void inside(void) { volatile char *volatile p = malloc(64); free((void *)(p + 16)); }

static void ordinary(void)
{
    static char *blocks[400];
    for (int i = 0; i < 6000; i++) {
        int at = i * 7919 % 400;
        size_t size = i * 104729ul % (i % 50 ? 5000 : 700000);
        if (i % 3 == 0)
            blocks[at] = realloc(blocks[at], size + 1);
        else if (i % 3 == 1) {
            free(blocks[at]);
            blocks[at] = aligned_alloc(16 << i % 9, size);
            if ((uintptr_t)blocks[at] % (16 << i % 9))
                exit(3);
        } else {
            free(blocks[at]);
            blocks[at] = calloc(size, 1);
            for (size_t k = 0; k < size; k++)
                if (blocks[at][k])
                    exit(4);
        }
        if (malloc_usable_size(blocks[at]) < size)
            exit(5);
        memset(blocks[at], i, size);
    }
    if (!malloc_check())
        exit(6);
    pid_t pid = vfork();
    if (!pid) {
        free(malloc(100));
        _exit(0);
    }
    int status;
    if (waitpid(pid, &status, 0) != pid || status)
        exit(7);
}

/* More blocks than the kernel has mappings for. */
static void many(void)
{
    static void *blocks[36000];
    for (int i = 0; i < 36000; i++)
        if (!(blocks[i] = malloc(40)))
            exit(3);
    for (int i = 0; i < 36000; i++)
        free(blocks[i]);
}

static const struct {
    const char *name;
    void (*run)(void);
    int signal;
} cases[] = {
    { "ordinary", ordinary, 0 },
    { "many", many, 0 },
    { "behind", behind, SIGSEGV },
    { "far behind", far_behind, SIGSEGV },
    { "in the slack", in_the_slack, SIGABRT },
    { "after free", after_free, SIGSEGV },
    { "read after free", read_after_free, SIGSEGV },
    { "twice", twice, SIGABRT },
    { "inside", inside, SIGABRT },
};

int main(int argc, char **argv)
{
    if (argc == 2) {
        cases[atoi(argv[1])].run();
        return 0;
    }
    int failed = 0;
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        pid_t pid = fork();
        if (!pid) {
            char number[4] = { (char)('0' + i) };
            char *arguments[] = { argv[0], number, 0 }, *environment[] = { "TIDAL_MALLOC=guard", 0 };
            execve("/proc/self/exe", arguments, environment);
            _exit(99);
        }
        int status;
        waitpid(pid, &status, 0);
        int right = cases[i].signal ? WIFSIGNALED(status) && WTERMSIG(status) == cases[i].signal : status == 0;
        if (!right)
            printf("%s: status %x\n", cases[i].name, status), failed = 1;
    }
    return failed;
}
