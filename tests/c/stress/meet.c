/* Barriers, private and shared, round after round with one serial thread each; semaphores passing counted goods between
   threads that wait, try, and give up, while signals interrupt them. */
#include "stress.h"

#include <semaphore.h>

enum { THREADS = 4 };
static pthread_barrier_t barrier;
static sem_t room, goods;
static long rounds[THREADS], serial, put, got;
static volatile int over;

static void *go_round(void *arg)
{
    long id = (long)arg;
    for (int last = 0; !last;) {
        long round = rounds[id]++;
        int result = pthread_barrier_wait(&barrier);
        CHECK(result == 0 || result == PTHREAD_BARRIER_SERIAL_THREAD);
        /* Everybody is past this round's counting and nobody past the next's. */
        for (int i = 0; i < THREADS; i++) EQUAL(rounds[i], round + 1);
        if (result) {
            serial++;
            over = stress_over();
        }
        pthread_barrier_wait(&barrier);
        last = over;
    }
    return NULL;
}

static void barriers(int shared)
{
    pthread_t t[THREADS];
    pthread_barrierattr_t a;
    EQUAL(pthread_barrierattr_init(&a), 0);
    EQUAL(pthread_barrierattr_setpshared(&a, shared), 0);
    EQUAL(pthread_barrier_init(&barrier, &a, THREADS), 0);
    memset(rounds, 0, sizeof rounds);
    over = serial = 0;
    stress_begin(0.25);
    for (long i = 0; i < THREADS; i++) EQUAL(pthread_create(&t[i], NULL, go_round, (void *)i), 0);
    for (int i = 0; i < THREADS; i++) EQUAL(pthread_join(t[i], NULL), 0);
    EQUAL(serial, rounds[0]);
    EQUAL(pthread_barrier_destroy(&barrier), 0);
    printf("barriers, shared %d: %ld rounds\n", shared, serial);
}

/* True if it took one. */
static int take(sem_t *s, unsigned *seed)
{
    struct timespec soon;
    int result;
    switch (next_random(seed) % 5) {
    case 0: result = sem_trywait(s); break;
    case 1: soon = in_ms(CLOCK_REALTIME, 0); result = sem_timedwait(s, &soon); break;
    case 2: soon = in_ms(CLOCK_MONOTONIC, 1); result = sem_clockwait(s, CLOCK_MONOTONIC, &soon); break;
    default: soon = in_ms(CLOCK_REALTIME, 20); result = sem_timedwait(s, &soon);
    }
    if (result == 0) return 1;
    CHECK(errno == EAGAIN || errno == ETIMEDOUT || errno == EINTR);
    return 0;
}

static void *pass(void *arg)
{
    unsigned seed = 9 + (unsigned)(long)arg * 41;
    int producer = (long)arg % 2 == 0;
    while (!over) {
        if (!take(producer ? &room : &goods, &seed)) continue;
        __atomic_add_fetch(producer ? &put : &got, 1, __ATOMIC_RELAXED);
        EQUAL(sem_post(producer ? &goods : &room), 0);
    }
    return NULL;
}

static void on_signal(int signal) { (void)signal; }

static void semaphores(int shared)
{
    pthread_t t[THREADS];
    unsigned seed = 4;
    int left, free_room;
    EQUAL(sem_init(&room, shared, 2), 0);
    EQUAL(sem_init(&goods, shared, 0), 0);
    put = got = over = 0;
    stress_begin(0.25);
    for (long i = 0; i < THREADS; i++) EQUAL(pthread_create(&t[i], NULL, pass, (void *)i), 0);
    while (!stress_over()) {
        usleep(200);
        EQUAL(pthread_kill(t[next_random(&seed) % THREADS], SIGUSR1), 0);
    }
    over = 1;
    for (int i = 0; i < THREADS; i++) EQUAL(pthread_join(t[i], NULL), 0);
    EQUAL(sem_getvalue(&goods, &left), 0);
    EQUAL(sem_getvalue(&room, &free_room), 0);
    EQUAL(put - got, left);
    EQUAL(left + free_room, 2);
    EQUAL(sem_destroy(&room), 0);
    EQUAL(sem_destroy(&goods), 0);
    printf("semaphores, shared %d: %ld passed\n", shared, got);
}

int main(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    EQUAL(sigaction(SIGUSR1, &action, NULL), 0);
    for (int shared = 0; shared < 2; shared++) {
        barriers(shared);
        semaphores(shared);
    }
    return 0;
}
