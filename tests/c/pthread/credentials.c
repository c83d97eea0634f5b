/* A changed user is every thread's, also while threads come and go. As root only. */
/* harness: seconds 120 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "check.h"

static int stop;

static void *churn(void *unused)
{
    while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
        pthread_t t;
        CHECK(pthread_create(&t, NULL, (void *(*)(void *))geteuid, NULL) == 0);
        CHECK(pthread_join(t, NULL) == 0);
    }
    return unused;
}

static void *look(void *user) { return (void *)(long)(syscall(SYS_geteuid) == (long)user); }

int main(void)
{
    if (geteuid() != 0) return 0;
    pthread_t t[3], u;
    void *same;
    for (int i = 0; i < 3; i++) CHECK(pthread_create(&t[i], NULL, churn, NULL) == 0);
    for (int i = 0; i < 200; i++) {
        CHECK(seteuid(1000 + i) == 0);
        CHECK(pthread_create(&u, NULL, look, (void *)(long)(1000 + i)) == 0);
        CHECK(pthread_join(u, &same) == 0 && same == (void *)1);
        CHECK(seteuid(0) == 0);
    }
    __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
    for (int i = 0; i < 3; i++) CHECK(pthread_join(t[i], NULL) == 0);
    return 0;
}
