/* Attributes: what is refused, what threads get, provided stacks, guards, masks, scheduling, and what getattr tells. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "check.h"

static void *low, *mine;
static size_t size;

static void *describe(void *unused)
{
    int local;
    pthread_attr_t a;
    CHECK(pthread_getattr_np(pthread_self(), &a) == 0);
    CHECK(pthread_attr_getstack(&a, &low, &size) == 0);
    CHECK(pthread_attr_destroy(&a) == 0);
    CHECK((char *)&local >= (char *)low && (char *)&local < (char *)low + size);
    mine = &local;
    return unused;
}

static void *mask(void *p)
{
    CHECK(pthread_sigmask(SIG_SETMASK, NULL, p) == 0);
    return NULL;
}

int main(void)
{
    pthread_t t;
    pthread_attr_t a;
    int value;
    CHECK(pthread_attr_init(&a) == 0);
    CHECK(pthread_attr_setstacksize(&a, 100) == EINVAL);
    CHECK(pthread_attr_setdetachstate(&a, 7) == EINVAL && pthread_attr_setinheritsched(&a, 7) == EINVAL);
    CHECK(pthread_attr_setscope(&a, 7) == EINVAL);
    CHECK(pthread_attr_setscope(&a, PTHREAD_SCOPE_PROCESS) == ENOTSUP);
    CHECK(pthread_attr_setschedpolicy(&a, 77) == EINVAL);
    struct sched_param priority = {.sched_priority = 50};
    CHECK(pthread_attr_setschedparam(&a, &priority) == EINVAL);
    CHECK(pthread_attr_getdetachstate(&a, &value) == 0 && value == PTHREAD_CREATE_JOINABLE);
    CHECK(pthread_attr_setstack(&a, (void *)4096, 100) == EINVAL);
    CHECK(pthread_attr_setstacksize(&a, SIZE_MAX / 2) == 0);
    CHECK(pthread_create(&t, &a, describe, NULL) == EAGAIN);

    CHECK(pthread_attr_setstacksize(&a, 1 << 20) == 0);
    CHECK(pthread_create(&t, &a, describe, NULL) == 0 && pthread_join(t, NULL) == 0);
    CHECK(size >= (1 << 20) - 65536 && size <= (1 << 20) + 65536);

    char *own = mmap(NULL, 1 << 18, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(own != MAP_FAILED && pthread_attr_setstack(&a, own, 1 << 18) == 0);
    for (int i = 0; i < 3; i++) {
        CHECK(pthread_create(&t, &a, describe, NULL) == 0 && pthread_join(t, NULL) == 0);
        CHECK((char *)mine > own && (char *)mine < own + (1 << 18));
    }
    CHECK(munmap(own, 1 << 18) == 0);
    CHECK(pthread_attr_destroy(&a) == 0);
    describe(NULL);

    sigset_t wanted, got, empty;
    sigemptyset(&wanted);
    sigemptyset(&empty);
    sigaddset(&wanted, SIGUSR2);
    CHECK(pthread_attr_init(&a) == 0);
    CHECK(pthread_attr_getsigmask_np(&a, &got) == PTHREAD_ATTR_NO_SIGMASK_NP);
    CHECK(pthread_attr_setsigmask_np(&a, &wanted) == 0 && pthread_attr_getsigmask_np(&a, &got) == 0);
    CHECK(pthread_create(&t, &a, mask, &got) == 0 && pthread_join(t, NULL) == 0);
    CHECK(sigismember(&got, SIGUSR2) == 1 && sigismember(&got, SIGUSR1) == 0);

    cpu_set_t cpus, none;
    CPU_ZERO(&none);
    CHECK(sched_getaffinity(0, sizeof cpus, &cpus) == 0);
    CHECK(pthread_attr_setaffinity_np(&a, sizeof cpus, &cpus) == 0);
    CHECK(pthread_create(&t, &a, mask, &got) == 0 && pthread_join(t, NULL) == 0);
    CHECK(pthread_attr_setaffinity_np(&a, sizeof none, &none) == 0);
    CHECK(pthread_create(&t, &a, mask, &got) == EINVAL);
    CHECK(pthread_attr_destroy(&a) == 0);
    return 0;
}
