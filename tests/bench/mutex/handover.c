/* bench: what mutexes made and used by one thread, then used by another for good */
#include <pthread.h>
#include <semaphore.h>

#include "../bench.h"

enum { COUNT = 2000, USES = 10 };

static struct {
    pthread_mutex_t lock;
    long value;
} *objects;
static sem_t ready, done;

static void use_all(int uses)
{
    for (int i = 0; i < COUNT; i++)
        for (int k = 0; k < uses; k++) {
            pthread_mutex_lock(&objects[i].lock);
            objects[i].value++;
            pthread_mutex_unlock(&objects[i].lock);
        }
}

static void *consumer(void *arg)
{
    double *best = arg;
    for (int r = 0; r < 3; r++) {
        sem_wait(&ready);
        double start = now_ns();
        use_all(USES);
        double each = (now_ns() - start) / COUNT;
        if (each < *best) *best = each;
        sem_post(&done);
    }
    return 0;
}

int main(void)
{
    pthread_t t;
    double best = 1e300;
    objects = malloc(COUNT * sizeof *objects);
    sem_init(&ready, 0, 0);
    sem_init(&done, 0, 0);
    if (!objects || pthread_create(&t, 0, consumer, &best)) return 1;
    for (int r = 0; r < 3; r++) {
        for (int i = 0; i < COUNT; i++) {
            pthread_mutex_init(&objects[i].lock, 0);
            objects[i].value = 0;
        }
        use_all(2);
        sem_post(&ready);
        sem_wait(&done);
        for (int i = 0; i < COUNT; i++)
            pthread_mutex_destroy(&objects[i].lock);
    }
    pthread_join(t, 0);
    report("hand-over, then ten uses, per mutex", best, "ns");
    return 0;
}
