/* Owners of robust mutexes killed by SIGKILL at random points in other processes, also while they wait or are being woken:
   the next owner is told once, the counters are right but for what the dead one was at, and nobody hangs. */
#include "stress.h"

#include <sys/wait.h>

enum { PROCESSES = 3, THREADS = 2 };

static struct shared {
    pthread_mutex_t lock;
    volatile long a, b, deaths;
} *shared;

static void use(unsigned *seed)
{
    struct timespec soon;
    int error;
    switch (next_random(seed) % 4) {
    case 0: error = pthread_mutex_trylock(&shared->lock); break;
    case 1: soon = in_ms(CLOCK_REALTIME, 1); error = pthread_mutex_timedlock(&shared->lock, &soon); break;
    default: error = pthread_mutex_lock(&shared->lock);
    }
    if (error == EBUSY || error == ETIMEDOUT) return;
    if (error == EOWNERDEAD) {
        CHECK(shared->a - shared->b == 0 || shared->a - shared->b == 1);
        shared->b = shared->a;
        shared->deaths++;
        EQUAL(pthread_mutex_consistent(&shared->lock), 0);
    } else {
        EQUAL(error, 0);
    }
    CHECK(shared->a == shared->b);
    shared->a++;
    for (unsigned n = next_random(seed) % 64; n; n--) __asm__ volatile("");
    shared->b++;
    EQUAL(pthread_mutex_unlock(&shared->lock), 0);
}

static void *work(void *arg)
{
    unsigned seed = (unsigned)(long)arg | 1;
    for (;;) use(&seed);
    return NULL;
}

static pid_t start(unsigned *seed)
{
    unsigned its = next_random(seed);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child) return child;
    pthread_t t;
    for (long i = 1; i < THREADS; i++) EQUAL(pthread_create(&t, NULL, work, (void *)(its + i)), 0);
    work((void *)(long)its);
    _exit(1);
}

/* A child that a check ended is seen by how it ended. */
static void end(pid_t child)
{
    int status;
    EQUAL(kill(child, SIGKILL), 0);
    EQUAL(waitpid(child, &status, 0), child);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void run(const struct kind *kind)
{
    unsigned seed = 1234567;
    pid_t children[PROCESSES];
    long kills = 0;
    memset(shared, 0, sizeof *shared);
    make_mutex(&shared->lock, kind);
    for (int c = 0; c < PROCESSES; c++) children[c] = start(&seed);
    for (stress_begin(0.5); !stress_over(); kills++) {
        usleep(100 + next_random(&seed) % 1500);
        int victim = (int)(next_random(&seed) % PROCESSES);
        end(children[victim]);
        if (kills % 8 == 0) use(&seed);
        children[victim] = start(&seed);
    }
    for (int c = 0; c < PROCESSES; c++) end(children[c]);
    use(&seed);
    use(&seed);
    int error = pthread_mutex_lock(&shared->lock);
    CHECK(error == 0 || error == EOWNERDEAD);
    printf("protocol %d: %ld counted, %ld kills, %ld of them of the owner\n", kind->protocol, shared->a, kills, shared->deaths);
}

int main(void)
{
    static const struct kind plain = {PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_NONE, 1, 1};
    static const struct kind inherit = {PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_INHERIT, 1, 1};
    shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(shared != MAP_FAILED);
    run(&plain);
    run(&inherit);
    return 0;
}
