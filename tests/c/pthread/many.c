/* 10,000 threads made and joined, as many detached; thread-local variables are fresh in each; no memory is left over. */
/* harness: seconds 120 */
#define _GNU_SOURCE
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <unistd.h>
#include "check.h"

static __thread int initialised = 5, zero;
static sem_t ended;

static void *once(void *p)
{
    CHECK(initialised == 5 && zero == 0);
    initialised = zero = 7;
    if (p) sem_post(&ended);
    return p;
}

static long pages(void)
{
    char text[64] = {0};
    long size = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    CHECK(f && fgets(text, sizeof text, f) && sscanf(text, "%ld", &size) == 1);
    fclose(f);
    return size;
}

int main(void)
{
    pthread_t t;
    pthread_attr_t detached;
    long before = 0;
    CHECK(sem_init(&ended, 0, 0) == 0);
    CHECK(pthread_attr_init(&detached) == 0);
    CHECK(pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED) == 0);
    for (int i = 0; i < 10000; i++) {
        CHECK(pthread_create(&t, NULL, once, NULL) == 0);
        CHECK(pthread_join(t, NULL) == 0);
        CHECK(pthread_create(&t, &detached, once, &ended) == 0);
        CHECK(sem_wait(&ended) == 0);
        if (i == 1000) before = pages();
    }
    /* Within what a cache of stacks may hold: 128 MiB. */
    CHECK(pages() - before <= 128 * 256);
    return 0;
}
