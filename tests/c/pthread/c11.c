/* <threads.h>: threads, mutexes, conditions, storage, once. */
#include <stdlib.h>
#include <threads.h>
#include <time.h>
#include "check.h"

static mtx_t mutex;
static cnd_t cond;
static tss_t key;
static once_flag flag = ONCE_FLAG_INIT;
static int ready, destroyed, runs;

static void destroy(void *p) { destroyed += *(int *)p; }
static void once(void) { runs++; }

static int run(void *p)
{
    CHECK(tss_set(key, p) == thrd_success && tss_get(key) == p);
    call_once(&flag, once);
    CHECK(mtx_lock(&mutex) == thrd_success);
    while (!ready) CHECK(cnd_wait(&cond, &mutex) == thrd_success);
    CHECK(mtx_unlock(&mutex) == thrd_success);
    thrd_exit(-3);
}

int main(void)
{
    thrd_t t;
    int result, five = 5;
    struct timespec past = {0, 1}, little = {0, 1000};
    CHECK(mtx_init(&mutex, mtx_recursive | mtx_timed) == thrd_success);
    CHECK(cnd_init(&cond) == thrd_success && tss_create(&key, destroy) == thrd_success);
    CHECK(thrd_create(&t, run, &five) == thrd_success);
    CHECK(mtx_lock(&mutex) == thrd_success && mtx_trylock(&mutex) == thrd_success);
    CHECK(mtx_unlock(&mutex) == thrd_success);
    CHECK(cnd_timedwait(&cond, &mutex, &past) == thrd_timedout);
    ready = 1;
    CHECK(cnd_broadcast(&cond) == thrd_success && mtx_unlock(&mutex) == thrd_success);
    CHECK(thrd_join(t, &result) == thrd_success && result == -3);
    CHECK(destroyed == 5);
    call_once(&flag, once);
    CHECK(runs == 1);
    CHECK(thrd_sleep(&little, NULL) == 0);
    CHECK(thrd_equal(thrd_current(), thrd_current()));
    thrd_yield();
    tss_delete(key);
    cnd_destroy(&cond);
    mtx_destroy(&mutex);
    return 0;
}
