/* A bias: nobody's at first, earned by 4096 uses in a row, lost to the first other thread, twice as dear after that, kept
   across fork. Where the kernel does not protect sequences the mutex stays ordinary. */
/* harness: glibc no */
#include "check.h"

#include <sys/wait.h>

static const unsigned UNBIASED = 0;
static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

static unsigned bias(void) { return bias_of(&m); }

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

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static void *sleep_at_the_gate(void *arg)
{
    EQUAL(pthread_mutex_lock(&gate), 0);
    EQUAL(pthread_mutex_unlock(&gate), 0);
    return arg;
}

int main(void)
{
    /* With one thread it takes eight times as many. */
    use(7 * LONG_USE);
    EQUAL(bias(), UNBIASED);
    use(LONG_USE);
    unsigned alone = bias();
    EQUAL(pthread_mutex_destroy(&m), 0);
    EQUAL(pthread_mutex_init(&m, 0), 0);
    elsewhere(once);
    /* The first of a run is not counted, it begins the run. */
    use(LONG_USE - 1);
    EQUAL(bias(), UNBIASED);
    use(1);
    unsigned mine = bias();
    int biased = mine != UNBIASED;
    EQUAL(mine, alone);
    elsewhere(once);
    EQUAL(bias(), UNBIASED);
    /* The price has doubled. */
    use(LONG_USE);
    EQUAL(bias(), UNBIASED);
    use(LONG_USE);
    EQUAL(bias(), mine);
    /* Revoked while held. */
    EQUAL(pthread_mutex_lock(&m), 0);
    elsewhere(try_held);
    EQUAL(bias(), UNBIASED);
    EQUAL(pthread_mutex_unlock(&m), 0);
    use(3 * LONG_USE);
    EQUAL(bias(), UNBIASED);
    use(LONG_USE);
    EQUAL(bias(), biased ? mine : UNBIASED);
    /* A fork child is the same thread of control. */
    EQUAL(pthread_mutex_lock(&m), 0);
    pid_t child = fork();
    if (child == 0) {
        EQUAL(pthread_mutex_trylock(&m), EBUSY);
        EQUAL(pthread_mutex_unlock(&m), 0);
        use(10);
        elsewhere(once);
        EQUAL(bias(), UNBIASED);
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
    EQUAL(pthread_mutex_init(&m, 0), 0);
    EQUAL(bias(), UNBIASED);
    /* Who sleeps on another mutex does not keep this one from its bias. */
    pthread_t sleeper;
    EQUAL(pthread_mutex_lock(&gate), 0);
    EQUAL(pthread_create(&sleeper, 0, sleep_at_the_gate, 0), 0);
    usleep(20000);
    use(LONG_USE);
    EQUAL(bias(), mine);
    EQUAL(pthread_mutex_unlock(&gate), 0);
    EQUAL(pthread_join(sleeper, 0), 0);
    return 0;
}
