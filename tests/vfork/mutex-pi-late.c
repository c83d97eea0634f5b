/* A thread comes for a PI mutex after its child's exec and before the parent is back: the parent does not wait, and the thread gets it. */
#include "mutex.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <time.h>

/* What three processes see. */
static struct shared {
    atomic_int traced, exec_done, thread;
} *shared;

/* Gives up after so many seconds. */
static long lock_in_kernel(int *word, int seconds)
{
    enum { LOCK_PI_PRIVATE = 6 | 128 };
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += seconds;
    return syscall(SYS_futex, word, LOCK_PI_PRIVATE, 0, &until);
}

/* Another program, and what holds it back from its end. */
struct other {
    pid_t pid;
    int hold;
};

static struct other start_other(void)
{
    int pipes[2];
    char end;
    CHECK(pipe(pipes) == 0);
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) {
        close(pipes[1]);
        _exit(read(pipes[0], &end, 1) == 0 ? 0 : 1);
    }
    close(pipes[0]);
    return (struct other){pid, pipes[1]};
}

static void end_other(struct other other)
{
    close(other.hold);
    CHECK(wait_status(other.pid) == 0);
}

/* Whether the kernel refuses a PI futex whose owner is in another program. One that does not lets the thread sleep until
   that program ends: see "What does not hold" in docs/vfork.md. */
static int kernel_refuses(void)
{
    struct other other = start_other();
    int word = other.pid, refuses = lock_in_kernel(&word, 0) == -1 && errno == EPERM;
    end_other(other);
    return refuses;
}

/* As if it had looked at the mutex before the child took it, and been preempted. */
static void *late(void *unused)
{
    (void)unused;
    atomic_store(&shared->thread, (int)kernel_tid());
    while (!atomic_load(&shared->exec_done)) sched_yield();
    CHECK(lock_in_kernel((int *)&mutex, 5) == -1 && errno == EPERM);
    atomic_store(&shared->exec_done, 2);
    CHECK(lock_soon() == 0 && pthread_mutex_unlock(&mutex) == 0);
    return NULL;
}

/* Stops the parent where the kernel has let it go and it has not yet run. */
static pid_t start_tracer(pid_t parent)
{
    pid_t pid = fork();
    if (pid != 0) return pid;
    int seized = ptrace(PTRACE_SEIZE, parent, 0, PTRACE_O_TRACEVFORKDONE) == 0;
    atomic_store(&shared->traced, seized ? 1 : -1);
    if (!seized) _exit(0);
    for (;;) {
        int status;
        CHECK(waitpid(parent, &status, __WALL) == parent && WIFSTOPPED(status));
        if (status >> 8 == (SIGTRAP | PTRACE_EVENT_VFORK_DONE << 8)) break;
        CHECK(ptrace(PTRACE_CONT, parent, 0, WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status)) == 0);
    }
    atomic_store(&shared->exec_done, 1);
    while (atomic_load(&shared->exec_done) == 1) sched_yield();
    CHECK(ptrace(PTRACE_DETACH, parent, 0, 0) == 0);
    _exit(0);
}

static int try_once(void)
{
    pthread_t thread;
    atomic_store(&shared->traced, 0);
    atomic_store(&shared->exec_done, 0);
    pid_t tracer = start_tracer(kernel_pid());
    while (!atomic_load(&shared->traced)) sched_yield();
    if (atomic_load(&shared->traced) < 0) {
        puts("skipped: ptrace is forbidden");
        return wait_status(tracer);
    }
    CHECK(pthread_create(&thread, NULL, late, NULL) == 0);
    pid_t child = vfork();
    if (child == 0) {
        CHECK(pthread_mutex_lock(&mutex) == 0);
        execl("/bin/sleep", "sleep", "100", (char *)NULL);
        _exit(1);
    }
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(kill(child, SIGKILL) == 0 && wait_status(child) == SIGKILL);
    return wait_status(tracer);
}

/* The kernel's refusal is not the caller's: it comes for a mutex whose word names another program, and gets it when the word
   is cleared, as the parent clears it. */
static void named_after_another_program(void)
{
    pthread_t thread;
    void *result;
    struct other other = start_other();
    __atomic_store_n((int *)&mutex, other.pid, __ATOMIC_SEQ_CST);
    CHECK(pthread_create(&thread, NULL, lock_in_thread, NULL) == 0);
    usleep(3000);
    __atomic_store_n((int *)&mutex, 0, __ATOMIC_SEQ_CST);
    CHECK(pthread_join(thread, &result) == 0 && result == NULL);
    end_other(other);
}

int main(int argc, char **argv)
{
    /* Each takes some milliseconds. */
    int count = iterations(argc, argv) / 20 + 1;
    shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(shared != MAP_FAILED);
    if (!kernel_refuses()) {
        puts("skipped: this kernel lets a thread wait for a PI mutex of another program's");
        return 0;
    }
    prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
    make(PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_INHERIT, PTHREAD_MUTEX_STALLED, PTHREAD_PROCESS_PRIVATE);
    for (int i = 0; i < count; i++) {
        CHECK(try_once() == 0);
        named_after_another_program();
    }
    return 0;
}
