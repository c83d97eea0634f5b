/* bench: what mutexes made and used by one thread, then used by another for good */
#include <pthread.h>
#include <semaphore.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../bench.h"

enum { COUNT = 2000, FEW = 6 };

static struct {
    pthread_mutex_t lock;
    long value;
} *objects;
static sem_t ready, done;
static int how_many, uses_after, runs_on;
static double after;

static double use(int from, int count, int uses)
{
    double start = now_ns();
    for (int i = from; i < from + count; i++)
        for (int k = 0; k < uses; k++) {
            pthread_mutex_lock(&objects[i].lock);
            objects[i].value++;
            pthread_mutex_unlock(&objects[i].lock);
        }
    return (now_ns() - start) / count;
}

static void *consumer(void *unused)
{
    for (;;) {
        sem_wait(&ready);
        if (how_many == 0) return unused;
        after = use(0, how_many, uses_after);
        sem_post(&done);
    }
}

/* Gives the time per mutex of its maker's uses; `after` is the other thread's. */
static double hand_over(int count, int before_uses, int after_uses)
{
    for (int i = 0; i < count; i++) {
        pthread_mutex_init(&objects[i].lock, 0);
        objects[i].value = 0;
    }
    double before = use(0, count, before_uses);
    how_many = count;
    uses_after = after_uses;
    sem_post(&ready);
    if (runs_on)
        while (sem_trywait(&done)) __asm__ volatile("pause");
    else
        sem_wait(&done);
    for (int i = 0; i < count; i++)
        pthread_mutex_destroy(&objects[i].lock);
    return before;
}

static void start(pthread_t *t)
{
    sem_init(&ready, 0, 0);
    sem_init(&done, 0, 0);
    if (pthread_create(t, 0, consumer, 0)) exit(1);
    hand_over(1, 1, 1);
}

static void finish(pthread_t t)
{
    how_many = 0;
    sem_post(&ready);
    pthread_join(t, 0);
}

static void of_few(const char *maker, int uses)
{
    char name[100];
    double before = hand_over(FEW, uses, 10);
    snprintf(name, sizeof name, "the first mutexes, maker %s: %05d uses, hand-over, ten uses, per mutex", maker, uses);
    report(name, before + after, "ns");
}

/* The first mutexes of a process: where a lock has a bias to lose, these do. Tidal's get one at the 4097th use. To end it
   costs more while its owner runs. */
static void few(void)
{
    static const int uses[] = {1, 10, 100, 1000, 4096, 4097, 10000};
    for (size_t i = 0; i < sizeof uses / sizeof *uses; i++)
        of_few("asleep", uses[i]);
    runs_on = 1;
    of_few("running", 1);
    of_few("running", 4096);
    of_few("running", 4097);
    runs_on = 0;
}

static void many(void)
{
    double best = 1e300, before = hand_over(COUNT, 2, 10);
    report("a new process, many mutexes: two uses, hand-over, ten uses, per mutex", before + after, "ns");
    for (int r = 0; r < 4; r++) {
        hand_over(COUNT, 2, 10);
        if (after < best) best = after;
    }
    report("many mutexes: hand-over, then ten uses, per mutex", best, "ns");
}

int main(void)
{
    pthread_t t;
    int status;
    objects = malloc(COUNT * sizeof *objects);
    if (!objects) return 1;
    memset(objects, 0, COUNT * sizeof *objects);
    pid_t child = fork();
    if (child != 0 && (waitpid(child, &status, 0) != child || status != 0)) return 1;
    start(&t);
    if (child == 0) few();
    else many();
    finish(t);
    return 0;
}
