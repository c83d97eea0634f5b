/* Turns handed round by conditions, private and shared, with signal and broadcast: none is lost, and nobody wakes without end. */
#include "stress.h"

enum { THREADS = 3 };
static pthread_mutex_t lock;
static pthread_cond_t turned[THREADS], all;
static long turn;
static int broadcasts, over;
static long wakes, turns;

static void *play(void *arg)
{
    long id = (long)arg;
    EQUAL(pthread_mutex_lock(&lock), 0);
    while (!over) {
        while (turn != id && !over) {
            EQUAL(pthread_cond_wait(broadcasts ? &all : &turned[id], &lock), 0);
            wakes++;
        }
        if (over) break;
        turns++;
        turn = (turn + 1) % THREADS;
        if (turns % 64 == 0 && stress_over()) over = 1;
        if (broadcasts || over)
            EQUAL(pthread_cond_broadcast(broadcasts ? &all : &turned[turn]), 0);
        else
            EQUAL(pthread_cond_signal(&turned[turn]), 0);
    }
    for (int i = 0; i < THREADS; i++) EQUAL(pthread_cond_broadcast(&turned[i]), 0);
    EQUAL(pthread_mutex_unlock(&lock), 0);
    return NULL;
}

static void run(int shared)
{
    pthread_t t[THREADS];
    pthread_condattr_t a;
    EQUAL(pthread_condattr_init(&a), 0);
    EQUAL(pthread_condattr_setpshared(&a, shared), 0);
    make_mutex(&lock, &kinds[shared ? 4 : 0]);
    EQUAL(pthread_cond_init(&all, &a), 0);
    for (int i = 0; i < THREADS; i++) EQUAL(pthread_cond_init(&turned[i], &a), 0);
    over = 0;
    turn = wakes = turns = 0;
    stress_begin(0.25);
    for (long i = 0; i < THREADS; i++) EQUAL(pthread_create(&t[i], NULL, play, (void *)i), 0);
    for (int i = 0; i < THREADS; i++) EQUAL(pthread_join(t[i], NULL), 0);
    /* With a condition each, one wake is one turn, but for a few that POSIX allows. */
    if (!broadcasts) CHECK(wakes <= turns + turns / 8 + 2 * THREADS);
    EQUAL(pthread_cond_destroy(&all), 0);
    for (int i = 0; i < THREADS; i++) EQUAL(pthread_cond_destroy(&turned[i]), 0);
    EQUAL(pthread_mutex_destroy(&lock), 0);
    printf("shared %d broadcast %d: %ld turns, %ld wakes\n", shared, broadcasts, turns, wakes);
}

int main(void)
{
    for (int shared = 0; shared < 2; shared++)
        for (broadcasts = 0; broadcasts < 2; broadcasts++) run(shared);
    return 0;
}
