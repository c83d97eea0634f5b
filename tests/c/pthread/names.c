/* Names of oneself and of others, and what does not fit. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>
#include "check.h"

static void *sleeper(void *p)
{
    for (;;) pause();
    return p;
}

int main(void)
{
    pthread_t t;
    char name[16];
    CHECK(pthread_create(&t, NULL, sleeper, NULL) == 0);
    CHECK(pthread_setname_np(t, "fifteen-letters") == 0);
    CHECK(pthread_setname_np(t, "sixteen--letters") == ERANGE);
    CHECK(pthread_getname_np(t, name, 15) == ERANGE);
    CHECK(pthread_getname_np(t, name, 16) == 0 && strcmp(name, "fifteen-letters") == 0);
    CHECK(pthread_setname_np(pthread_self(), "me") == 0);
    CHECK(pthread_getname_np(pthread_self(), name, 16) == 0 && strcmp(name, "me") == 0);
    CHECK(pthread_cancel(t) == 0 && pthread_join(t, NULL) == 0);
    return 0;
}
