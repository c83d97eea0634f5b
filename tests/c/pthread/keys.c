/* Keys: 1024 of them, destructors in up to four rounds, a deleted key's number begins with null, values after fork. */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>
#include "check.h"

static pthread_key_t again, all[PTHREAD_KEYS_MAX];
static int rounds;

static void set_again(void *p)
{
    rounds++;
    CHECK(pthread_getspecific(again) == NULL);
    CHECK(pthread_setspecific(again, p) == 0);
}

static void *set(void *p)
{
    CHECK(pthread_getspecific(again) == NULL);
    CHECK(pthread_setspecific(again, p) == 0);
    CHECK(pthread_getspecific(again) == p);
    return NULL;
}

int main(void)
{
    pthread_t t;
    int count = 0, result, status;
    CHECK(pthread_key_create(&again, set_again) == 0);
    CHECK(pthread_create(&t, NULL, set, &t) == 0 && pthread_join(t, NULL) == 0);
    CHECK(rounds == PTHREAD_DESTRUCTOR_ITERATIONS);

    CHECK(pthread_setspecific(again, &count) == 0);
    CHECK(pthread_key_delete(again) == 0);
    CHECK(pthread_key_delete(again) == EINVAL && pthread_setspecific(again, &t) == EINVAL);
    while ((result = pthread_key_create(&all[count], NULL)) == 0) {
        CHECK(pthread_getspecific(all[count]) == NULL);
        CHECK(pthread_setspecific(all[count], &all[count]) == 0);
        count++;
    }
    CHECK(result == EAGAIN && count >= 1000);
    CHECK(pthread_key_delete(PTHREAD_KEYS_MAX) == EINVAL && pthread_setspecific(100000, &t) == EINVAL);
    CHECK(pthread_getspecific(100000) == NULL);
    pid_t pid = fork();
    if (pid == 0) _exit(pthread_getspecific(all[5]) == &all[5] ? 3 : 4);
    CHECK(waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 3);
    return 0;
}
