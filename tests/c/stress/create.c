/* Ten thousand threads and more, made from several at once, joined, detached, or joined late; their values come back,
   their keys are destroyed, and nothing is left. */
#include "stress.h"

#include <sched.h>

enum { MAKERS = 3, LEAST = 10000, BATCH = 8 };
static pthread_key_t key;
static long destroyed, detached_done, made, detached_made;

static void destroy(void *value)
{
    (void)value;
    __atomic_add_fetch(&destroyed, 1, __ATOMIC_RELAXED);
}

static void *give_back(void *arg)
{
    EQUAL(pthread_setspecific(key, arg), 0);
    return arg;
}

static void *exits(void *arg)
{
    EQUAL(pthread_setspecific(key, arg), 0);
    pthread_exit(arg);
}

static void *detached(void *arg)
{
    if (arg) EQUAL(pthread_detach(pthread_self()), 0);
    __atomic_add_fetch(&detached_done, 1, __ATOMIC_RELAXED);
    return NULL;
}

static void let_go(unsigned how)
{
    pthread_t t;
    pthread_attr_t a;
    EQUAL(pthread_attr_init(&a), 0);
    if (how % 3 == 0) EQUAL(pthread_attr_setdetachstate(&a, PTHREAD_CREATE_DETACHED), 0);
    EQUAL(pthread_create(&t, &a, detached, how % 3 == 1 ? &key : NULL), 0);
    if (how % 3 == 2) EQUAL(pthread_detach(t), 0);
    EQUAL(pthread_attr_destroy(&a), 0);
    __atomic_add_fetch(&detached_made, 1, __ATOMIC_RELAXED);
}

static void *make(void *arg)
{
    unsigned seed = 5 + (unsigned)(long)arg * 77;
    pthread_attr_t small;
    EQUAL(pthread_attr_init(&small), 0);
    EQUAL(pthread_attr_setstacksize(&small, 65536), 0);
    while (__atomic_load_n(&made, __ATOMIC_RELAXED) < LEAST || !stress_over()) {
        pthread_t t[BATCH];
        unsigned what = next_random(&seed);
        for (long i = 0; i < BATCH; i++)
            EQUAL(pthread_create(&t[i], what >> i & 1 ? &small : NULL, what >> i & 2 ? give_back : exits, (void *)(i + 1)), 0);
        if (what % 16 == 0) let_go(what / 16);
        if (what % 5 == 0) sched_yield();
        for (long i = BATCH - 1; i >= 0; i--) {
            void *result;
            EQUAL(pthread_join(t[i], &result), 0);
            EQUAL((long)result, i + 1);
        }
        __atomic_add_fetch(&made, BATCH, __ATOMIC_RELAXED);
    }
    EQUAL(pthread_attr_destroy(&small), 0);
    return NULL;
}

int main(void)
{
    pthread_t t[MAKERS];
    EQUAL(pthread_key_create(&key, destroy), 0);
    stress_begin(1);
    for (long i = 0; i < MAKERS; i++) EQUAL(pthread_create(&t[i], NULL, make, (void *)i), 0);
    for (int i = 0; i < MAKERS; i++) EQUAL(pthread_join(t[i], NULL), 0);
    EQUAL(destroyed, made);
    for (int ms = 0; __atomic_load_n(&detached_done, __ATOMIC_RELAXED) != detached_made && ms < 10000; ms++) usleep(1000);
    EQUAL(detached_done, detached_made);
    printf("%ld threads, %ld detached\n", made, detached_made);
    return 0;
}
