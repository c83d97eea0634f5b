/* Whoever is let through destroys the object and unmaps its memory at once, while the other may still be in its unlock,
   post, broadcast or wait. */
#include "stress.h"

#include <semaphore.h>

/* What two threads share for one turn, on a page that the later one unmaps. */
union object {
    struct {
        pthread_mutex_t lock;
        int left;
    } counted;
    pthread_rwlock_t rwlock;
    pthread_barrier_t barrier;
    sem_t semaphore;
    struct {
        pthread_mutex_t lock;
        pthread_cond_t cond;
        int told;
    } condition;
};

struct turn {
    union object *object;
    int done;
};

static union object *volatile current;
static pthread_barrier_t start;
static int over;
static long turns;

static int last_one(pthread_mutex_t *m, int *left)
{
    EQUAL(pthread_mutex_lock(m), 0);
    int mine = --*left == 0;
    EQUAL(pthread_mutex_unlock(m), 0);
    return mine;
}

static void mutexes(union object *o, int first)
{
    (void)first;
    if (last_one(&o->counted.lock, &o->counted.left)) {
        EQUAL(pthread_mutex_destroy(&o->counted.lock), 0);
        EQUAL(munmap(o, 4096), 0);
    }
}

/* The second waits until the first has been in, as a writer, and is out. */
static void rwlocks(union object *o, int first)
{
    if (first) {
        EQUAL(pthread_rwlock_unlock(&o->rwlock), 0);
        return;
    }
    EQUAL(turns % 3 ? pthread_rwlock_wrlock(&o->rwlock) : pthread_rwlock_rdlock(&o->rwlock), 0);
    EQUAL(pthread_rwlock_unlock(&o->rwlock), 0);
    EQUAL(pthread_rwlock_destroy(&o->rwlock), 0);
    EQUAL(munmap(o, 4096), 0);
}

static void barriers(union object *o, int first)
{
    pthread_barrier_wait(&o->barrier);
    if (first != turns % 2) return;
    EQUAL(pthread_barrier_destroy(&o->barrier), 0);
    EQUAL(munmap(o, 4096), 0);
}

static void semaphores(union object *o, int first)
{
    if (first) {
        EQUAL(sem_post(&o->semaphore), 0);
        return;
    }
    EQUAL(sem_wait(&o->semaphore), 0);
    EQUAL(sem_destroy(&o->semaphore), 0);
    EQUAL(munmap(o, 4096), 0);
}

/* Signalled with the mutex held; the waiter, once it has the mutex back and has released it, is alone. */
static void conditions(union object *o, int first)
{
    EQUAL(pthread_mutex_lock(&o->condition.lock), 0);
    if (first) {
        o->condition.told = 1;
        EQUAL(turns % 2 ? pthread_cond_broadcast(&o->condition.cond) : pthread_cond_signal(&o->condition.cond), 0);
        EQUAL(pthread_mutex_unlock(&o->condition.lock), 0);
        return;
    }
    while (!o->condition.told) EQUAL(pthread_cond_wait(&o->condition.cond, &o->condition.lock), 0);
    EQUAL(pthread_mutex_unlock(&o->condition.lock), 0);
    EQUAL(pthread_cond_destroy(&o->condition.cond), 0);
    EQUAL(pthread_mutex_destroy(&o->condition.lock), 0);
    EQUAL(munmap(o, 4096), 0);
}

static void (*use)(union object *, int);

static void make(int shared, int kind)
{
    union object *o = map_pages(4096);
    pthread_rwlockattr_t ra;
    pthread_condattr_t ca;
    pthread_barrierattr_t ba;
    if (use == mutexes) {
        o->counted.left = 2;
        make_mutex(&o->counted.lock, &kinds[kind]);
    } else if (use == rwlocks) {
        EQUAL(pthread_rwlockattr_init(&ra), 0);
        EQUAL(pthread_rwlockattr_setpshared(&ra, shared), 0);
        EQUAL(pthread_rwlockattr_setkind_np(&ra, kind % 3), 0);
        EQUAL(pthread_rwlock_init(&o->rwlock, &ra), 0);
        EQUAL(pthread_rwlock_wrlock(&o->rwlock), 0);
    } else if (use == barriers) {
        EQUAL(pthread_barrierattr_init(&ba), 0);
        EQUAL(pthread_barrierattr_setpshared(&ba, shared), 0);
        EQUAL(pthread_barrier_init(&o->barrier, &ba, 2), 0);
    } else if (use == semaphores) {
        EQUAL(sem_init(&o->semaphore, shared, 0), 0);
    } else {
        EQUAL(pthread_condattr_init(&ca), 0);
        EQUAL(pthread_condattr_setpshared(&ca, shared), 0);
        EQUAL(pthread_cond_init(&o->condition.cond, &ca), 0);
        make_mutex(&o->condition.lock, &kinds[shared ? 4 : kind % 4]);
    }
    current = o;
}

/* The first thread makes the objects; who is first to use one changes by chance. */
static void *second(void *unused)
{
    unsigned seed = 17;
    for (;;) {
        pthread_barrier_wait(&start);
        if (over) return unused;
        union object *o = current;
        for (unsigned n = next_random(&seed) % 256; n; n--) __asm__ volatile("");
        use(o, 0);
        pthread_barrier_wait(&start);
    }
}

static void run(const char *name, void (*what)(union object *, int), int visible)
{
    pthread_t t;
    unsigned seed = 23;
    use = what;
    over = 0;
    turns = 0;
    EQUAL(pthread_create(&t, NULL, second, NULL), 0);
    for (stress_begin(0.2); !stress_over(); turns++) {
        make((int)(turns / 2 % 2), (int)(turns % visible));
        union object *o = current;
        pthread_barrier_wait(&start);
        for (unsigned n = next_random(&seed) % 256; n; n--) __asm__ volatile("");
        use(o, 1);
        pthread_barrier_wait(&start);
    }
    over = 1;
    pthread_barrier_wait(&start);
    EQUAL(pthread_join(t, NULL), 0);
    printf("%s: %ld\n", name, turns);
}

int main(void)
{
    EQUAL(pthread_barrier_init(&start, NULL, 2), 0);
    /* Not with ceilings, which are for real-time threads. */
    run("mutexes", mutexes, KINDS - 1);
    run("rwlocks", rwlocks, 6);
    run("barriers", barriers, 2);
    run("semaphores", semaphores, 2);
    run("conditions", conditions, 4);
    EQUAL(pthread_barrier_destroy(&start), 0);
    return 0;
}
