/* Children of vfork and fork allocate, also the parent's blocks, while threads hammer and a signal handler allocates in
   the middle of that; then the heap is walked. An argument is for how many seconds, instead of for 150 children. */
/* harness: glibc no */
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int malloc_check(void);

enum { THREADS = 3, SLOTS = 400, CHILDREN = 150 };
static atomic_int stop, failed;
static _Atomic(uint64_t *) mailbox[SLOTS];

static uint64_t next(uint64_t *s)
{
    *s ^= *s << 13;
    *s ^= *s >> 7;
    *s ^= *s << 17;
    return *s;
}

static size_t size_of(uint64_t r) { return r % 50 ? 16 + r % 2000 : 16 + r % 700000; }

/* Every block says its size, its own address and ends with both. */
static uint64_t *make(size_t size)
{
    size = (size + 15) & ~15ul;
    uint64_t *p = malloc(size);
    if (!p)
        return 0;
    p[0] = size;
    p[1] = p[size / 8 - 1] = (uintptr_t)p ^ size;
    if (size == 16)
        p[0] = 16;
    return p;
}

static void drop(uint64_t *p)
{
    if (!p)
        return;
    size_t size = p[0];
    if (p[1] != ((uintptr_t)p ^ size) || p[size / 8 - 1] != p[1]) {
        static const char text[] = "a block was damaged\n";
        failed = 1;
        write(2, text, sizeof text - 1);
        _exit(3);
    }
    p[1] = 0;
    free(p);
}

static void churn(uint64_t *state, int steps)
{
    for (int i = 0; i < steps; i++) {
        uint64_t r = next(state);
        drop(atomic_exchange(&mailbox[r % SLOTS], make(size_of(r >> 20))));
    }
}

static void *run(void *argument)
{
    uint64_t state = 1234567 + (uintptr_t)argument * 99991;
    while (!stop)
        churn(&state, 100);
    return 0;
}

/* Whatever it interrupts begins anew: restartable sequences of malloc among it. */
static void on_alarm(int signal)
{
    static _Thread_local uint64_t state;
    state += 88172645463325252ull + (unsigned)signal;
    churn(&state, 2);
}

static void set_alarms(long microseconds)
{
    struct sigaction action = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };
    struct itimerval often = { { 0, microseconds }, { 0, microseconds } };
    sigaction(SIGALRM, &action, 0);
    setitimer(ITIMER_REAL, &often, 0);
}

static int judged(pid_t pid)
{
    int status;
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return 1;
    return status != 0;
}

int main(int argc, char **argv)
{
    pthread_t threads[THREADS];
    uint64_t state = 42;
    time_t end = argc > 1 ? time(0) + atoi(argv[1]) : 0;
    long children = 0;
    set_alarms(300);
    for (long i = 0; i < THREADS; i++)
        pthread_create(&threads[i], 0, run, (void *)i);
    for (long i = 0; (end ? time(0) < end : i < CHILDREN) && !failed; i++, children++) {
        pid_t pid = vfork();
        if (pid == 0) {
            churn(&state, 200);
            _exit(0);
        }
        if (judged(pid))
            return printf("vfork child %ld\n", i), 1;
        churn(&state, 100);
        if (i % 8 == 0) {
            pid = fork();
            if (pid == 0) {
                signal(SIGALRM, SIG_DFL);
                alarm(100);
                churn(&state, 1000);
                malloc_trim(0);
                if (!malloc_check())
                    _exit(4);
                churn(&state, 1000);
                _exit(0);
            }
            if (judged(pid))
                return printf("fork child %ld\n", i), 1;
        }
        if (i % 16 == 0)
            malloc_check();
    }
    set_alarms(0);
    stop = 1;
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], 0);
    for (int i = 0; i < SLOTS; i++)
        drop(mailbox[i]);
    malloc_check();
    malloc_trim(0);
    struct mallinfo2 m = mallinfo2();
    if (m.uordblks > 1 << 20 || m.hblks > 4)
        return printf("%zu bytes and %zu large blocks never came back\n", m.uordblks, m.hblks), 1;
    if (end)
        printf("%ld children, %zu bytes live\n", children, m.uordblks);
    return failed;
}
