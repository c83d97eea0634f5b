/* A bias: given to the first locker, lost to the first other thread, earned back by long use, kept across fork. Where the
   kernel does not protect sequences the mutex is ordinary from the start. */
/* harness: glibc no */
#include "check.h"

#include <sys/wait.h>

static const unsigned UNBIASED = 1u << 30;
static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

static unsigned bias(void) { return ((volatile unsigned *)&m)[1]; }

static void use(int n)
{
    for (int i = 0; i < n; i++) {
        EQUAL(pthread_mutex_lock(&m), 0);
        EQUAL(pthread_mutex_unlock(&m), 0);
    }
}

static void *once(void *arg)
{
    (void)arg;
    use(1);
    return 0;
}

static void elsewhere(void *(*f)(void *))
{
    pthread_t t;
    EQUAL(pthread_create(&t, 0, f, 0), 0);
    EQUAL(pthread_join(t, 0), 0);
}

static void *try_held(void *arg)
{
    (void)arg;
    EQUAL(pthread_mutex_trylock(&m), EBUSY);
    struct timespec t = in_ms(CLOCK_REALTIME, 10);
    EQUAL(pthread_mutex_timedlock(&m, &t), ETIMEDOUT);
    return 0;
}

int main(void)
{
    EQUAL(bias(), 0);
    use(1);
    unsigned mine = bias();
    int biased = mine != UNBIASED;
    CHECK(mine != 0);
    elsewhere(once);
    EQUAL(bias(), UNBIASED);
    use(5000);
    EQUAL(bias(), biased ? mine : UNBIASED);
    /* Revoked while held. */
    EQUAL(pthread_mutex_lock(&m), 0);
    elsewhere(try_held);
    EQUAL(bias(), UNBIASED);
    EQUAL(pthread_mutex_unlock(&m), 0);
    /* The price has doubled. */
    use(5000);
    EQUAL(bias(), UNBIASED);
    use(9000);
    EQUAL(bias(), biased ? mine : UNBIASED);
    /* A fork child is the same thread of control. */
    EQUAL(pthread_mutex_lock(&m), 0);
    pid_t child = fork();
    if (child == 0) {
        EQUAL(pthread_mutex_trylock(&m), EBUSY);
        EQUAL(pthread_mutex_unlock(&m), 0);
        use(10);
        elsewhere(once);
        use(10);
        _exit(0);
    }
    int status;
    EQUAL(waitpid(child, &status, 0), child);
    EQUAL(status, 0);
    EQUAL(pthread_mutex_unlock(&m), 0);
    EQUAL(pthread_mutex_destroy(&m), 0);
    EQUAL(pthread_mutex_lock(&m), EINVAL);
    EQUAL(pthread_mutex_unlock(&m), EINVAL);
    return 0;
}
