/* Cleanup handlers run innermost first, whichever way they were registered; the thread ends in a read or by exit. */
#define _GNU_SOURCE
#include <pthread.h>
#include <string.h>
#include <unistd.h>
#include "check.h"

static char order[8];
static int ends[2];

static void note(void *p) { strncat(order, p, 1); }

static void inner(int how)
{
    char c;
    pthread_cleanup_push(note, "c");
    pthread_cleanup_push(note, "d");
    if (how == 0) CHECK(read(ends[0], &c, 1) == 1);
    else pthread_exit(&order);
    pthread_cleanup_pop(0);
    pthread_cleanup_pop(0);
}

static void *run(void *how)
{
    pthread_cleanup_push(note, "a");
    pthread_cleanup_push(note, "x");
    pthread_cleanup_pop(0);
    pthread_cleanup_push(note, "b");
    inner((int)(long)how);
    pthread_cleanup_pop(0);
    pthread_cleanup_pop(0);
    return NULL;
}

int main(void)
{
    pthread_t t;
    void *result;
    CHECK(pipe(ends) == 0);
    CHECK(pthread_create(&t, NULL, run, (void *)0) == 0);
    usleep(10000);
    CHECK(pthread_cancel(t) == 0);
    CHECK(pthread_join(t, &result) == 0 && result == PTHREAD_CANCELED);
    CHECK(strcmp(order, "dcba") == 0);
    order[0] = 0;
    CHECK(pthread_create(&t, NULL, run, (void *)1) == 0);
    CHECK(pthread_join(t, &result) == 0 && result == &order);
    CHECK(strcmp(order, "dcba") == 0);
    return 0;
}
