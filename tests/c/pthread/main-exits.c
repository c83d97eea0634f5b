/* The first thread ends by pthread_exit; the last one's end is exit(0), with its handlers. */
/* harness: status 9 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>
#include "check.h"

static pthread_t first;

static void at_exit(void) { _exit(9); }

static void *outlive(void *unused)
{
    void *result;
    CHECK(pthread_join(first, &result) == 0 && result == &first);
    return unused;
}

int main(void)
{
    pthread_t t;
    first = pthread_self();
    CHECK(atexit(at_exit) == 0);
    CHECK(pthread_create(&t, NULL, outlive, NULL) == 0);
    pthread_exit(&first);
}
