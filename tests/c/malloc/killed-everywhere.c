/* A vfork child is killed after instruction k of an allocation, for many k; its parent and another thread go on. */
/* harness: glibc no */
/* harness: seconds 240 */
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

int malloc_check(void);

/* What tracer and program share. */
static struct shared {
    atomic_int inside, scenario, rounds, failed, finished;
    atomic_long lost;
} *shared;

enum { BLOCKS = 10 };
static void *blocks[BLOCKS];
static atomic_int stop;

static void small(void)
{
    for (int i = 0; i < 3; i++) {
        void *volatile p = malloc(64), *volatile q = malloc(64);
        free(p);
        free(q);
    }
}

static void parents(void)
{
    for (int i = 0; i < BLOCKS; i++) {
        free(blocks[i]);
        blocks[i] = 0;
        if (i % 4 == 3)
            blocks[i] = malloc(200);
    }
}

static void fresh(void)
{
    for (int i = 0; i < 4; i++)
        free(malloc(i % 2 ? 30000 : 100000));
}

static void growing(void)
{
    /* From small to small, and from pages to more pages. What copies much takes too many steps. */
    char *volatile p = realloc(0, 10), *volatile q = malloc(300000);
    p = realloc(p, 100);
    p = realloc(p, 300);
    q = realloc(q, 900000);
    q = realloc(q, 400000);
    free(p);
    free(q);
}

static void large(void)
{
    void *volatile a = malloc(900000), *volatile b = malloc(400000);
    free(a);
    a = calloc(1, 5000);
    free(b);
    b = memalign(1 << 20, 300000);
    free(a);
    free(b);
}

static const struct {
    const char *name;
    void (*run)(void);
    int blocks;
} scenarios[] = {
    { "small", small, 0 }, { "the parent's blocks", parents, 200 }, { "fresh spans", fresh, 0 },
    { "realloc", growing, 0 }, { "large", large, 0 },
};
enum { SCENARIOS = sizeof scenarios / sizeof *scenarios };

static void *hammer(void *argument)
{
    void *own[64] = { 0 };
    for (unsigned i = 0; !stop; i++) {
        unsigned slot = i * 7 % 64;
        free(own[slot]);
        own[slot] = malloc(i * 37 % 3000 + (i % 100 == 0) * 300000);
        *(volatile char *)own[slot] = 1;
        if (i % 64 == 0)
            usleep(50);
    }
    for (int i = 0; i < 64; i++)
        free(own[i]);
    return argument;
}

/* The program: one vfork child after another, as long as the tracer wants. */
static int program(void)
{
    pthread_t thread;
    pthread_create(&thread, 0, hammer, 0);
    raise(SIGSTOP);
    size_t before = mallinfo2().uordblks;
    for (; !shared->finished; shared->rounds++) {
        int scenario = shared->scenario;
        for (int i = 0; i < BLOCKS; i++)
            blocks[i] = scenarios[scenario].blocks ? malloc(scenarios[scenario].blocks) : 0;
        pid_t pid = vfork();
        if (pid == 0) {
            shared->inside = 1;
            scenarios[scenario].run();
            shared->inside = 0;
            _exit(0);
        }
        int status;
        waitpid(pid, &status, 0);
        void *again[100];
        for (int i = 0; i < 100; i++)
            memset(again[i] = malloc(i * 50), 1, i * 50);
        for (int i = 0; i < 100; i++)
            free(again[i]);
        if (shared->rounds % 8 == 0)
            malloc_check();
    }
    stop = 1;
    pthread_join(thread, 0);
    malloc_check();
    shared->lost = mallinfo2().uordblks - before;
    return 0;
}

static int fail(const char *what, long k)
{
    printf("%s: %s after instruction %ld\n", scenarios[shared->scenario].name, what, k);
    return 1;
}

static void too_long(int signal)
{
    (void)signal;
    static const char text[] = "hang\n";
    write(1, text, sizeof text - 1);
    _exit(9);
}

/* Runs the program to its next vfork and steps the child; 1 if it finished by itself, 0 if it was killed. */
static int one_child(pid_t parent, long k, int *failed)
{
    int status;
    unsigned long child = 0;
    for (;;) {
        if (waitpid(parent, &status, __WALL) != parent || !WIFSTOPPED(status)) {
            *failed = fail("the program ended", k);
            return 1;
        }
        if (status >> 8 == (SIGTRAP | PTRACE_EVENT_VFORK << 8)) {
            ptrace(PTRACE_GETEVENTMSG, parent, 0, &child);
            ptrace(PTRACE_CONT, parent, 0, 0);
            break;
        }
        ptrace(PTRACE_CONT, parent, 0, WSTOPSIG(status) == SIGTRAP || WSTOPSIG(status) == SIGSTOP ? 0 : WSTOPSIG(status));
    }
    waitpid(child, &status, __WALL);
    shared->inside = 0;
    for (long n = 0;;) {
        if (shared->inside && n++ == k) {
            kill(child, SIGKILL);
            waitpid(child, &status, __WALL);
            return 0;
        }
        ptrace(PTRACE_SINGLESTEP, child, 0, 0);
        waitpid(child, &status, __WALL);
        if (!WIFSTOPPED(status)) {
            if (!WIFEXITED(status))
                *failed = fail("the child died of its own", k);
            return 1;
        }
        if (n && !shared->inside) {
            ptrace(PTRACE_DETACH, child, 0, 0);
            return 1;
        }
    }
}

int main(int argc, char **argv)
{
    /* Every how many-th instruction; `killed-everywhere 1` tries them all. */
    long stride = argc > 1 ? atol(argv[1]) : 23;
    shared = mmap(0, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t pid = fork();
    if (pid == 0)
        _exit(program());
    int status, failed = 0;
    waitpid(pid, &status, WUNTRACED);
    if (ptrace(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACEVFORK | PTRACE_O_EXITKILL)) {
        puts("no ptrace here: not checked");
        kill(pid, SIGKILL);
        return 0;
    }
    kill(pid, SIGCONT);
    signal(SIGALRM, too_long);
    long points = 0;
    for (int s = 0; s < SCENARIOS && !failed; s++) {
        shared->scenario = s;
        /* The child on its way still runs the scenario before. */
        alarm(100);
        one_child(pid, 1, &failed);
        for (long k = s; !failed; k += stride, points++) {
            alarm(100);
            if (one_child(pid, k, &failed))
                break;
        }
    }
    shared->finished = 1;
    while (!failed && waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status)) {
        if (status >> 8 == (SIGTRAP | PTRACE_EVENT_VFORK << 8)) {
            unsigned long child;
            ptrace(PTRACE_GETEVENTMSG, pid, 0, &child);
            int child_status;
            waitpid(child, &child_status, __WALL);
            ptrace(PTRACE_DETACH, child, 0, 0);
        }
        ptrace(PTRACE_CONT, pid, 0, 0);
    }
    if (!failed && (!WIFEXITED(status) || WEXITSTATUS(status)))
        failed = fail("the program failed", -1);
    printf("%ld points, %ld bytes lost\n", points, shared->lost);
    return failed;
}
