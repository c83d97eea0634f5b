/* As many threads as there is room for, then EAGAIN; afterwards nothing is missing, and it works again. */
/* harness: seconds 120 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>
#include "check.h"

enum { MOST = 100000 };
static pthread_t threads[MOST];
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static void *pass(void *p)
{
    pthread_mutex_lock(&gate);
    pthread_mutex_unlock(&gate);
    return p;
}

static int fill(void)
{
    pthread_attr_t small;
    int count = 0, result = 0;
    CHECK(pthread_attr_init(&small) == 0);
    CHECK(pthread_attr_setstacksize(&small, 65536) == 0);
    pthread_mutex_lock(&gate);
    while (count < MOST && (result = pthread_create(&threads[count], &small, pass, NULL)) == 0) count++;
    CHECK(count == MOST || result == EAGAIN);
    pthread_mutex_unlock(&gate);
    for (int i = 0; i < count; i++) CHECK(pthread_join(threads[i], NULL) == 0);
    return count;
}

int main(void)
{
    /* Address space for some hundred of them, where nothing else sets a limit before. */
    struct rlimit space = {256 << 20, 256 << 20};
    CHECK(setrlimit(RLIMIT_AS, &space) == 0);
    int first = fill(), second = fill(), third = fill();
    CHECK(first > 10);
    CHECK(second >= first - first / 10 && third >= second - second / 10);
    return 0;
}
