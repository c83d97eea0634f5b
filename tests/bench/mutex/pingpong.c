/* bench: what two threads that wake each other in turn */
#include <pthread.h>
#include <semaphore.h>

#include "../bench.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int turn;
static long rounds;
static sem_t to[2];

static void *by_cond(void *arg)
{
    int me = (int)(long)arg;
    for (long i = 0; i < rounds; i++) {
        pthread_mutex_lock(&lock);
        while (turn != me)
            pthread_cond_wait(&changed, &lock);
        turn = !me;
        pthread_cond_signal(&changed);
        pthread_mutex_unlock(&lock);
    }
    return 0;
}

static void *by_semaphore(void *arg)
{
    int me = (int)(long)arg;
    for (long i = 0; i < rounds; i++) {
        sem_wait(&to[me]);
        sem_post(&to[!me]);
    }
    return 0;
}

static void measure(const char *name, void *(*job)(void *))
{
    pthread_t t;
    double start = now_ns();
    if (pthread_create(&t, 0, job, (void *)1)) exit(1);
    job((void *)0);
    pthread_join(t, 0);
    report(name, (now_ns() - start) / 1e3 / (double)rounds, "us");
}

int main(int argc, char **argv)
{
    rounds = scaled(100000, argc, argv);
    measure("cond ping-pong, there and back", by_cond);
    sem_init(&to[0], 0, 1);
    sem_init(&to[1], 0, 0);
    measure("semaphore ping-pong, there and back", by_semaphore);
    return 0;
}
