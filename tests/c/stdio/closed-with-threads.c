/* Streams opened, closed and opened again in a process with threads: the list of streams stays one. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CHECK(x) ((x) ? (void)0 : (fprintf(stderr, "line %d: %s\n", __LINE__, #x), exit(1)))

static void *sleeper(void *p)
{
    pause();
    return p;
}

int main(void)
{
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, sleeper, NULL) == 0);
    FILE *held[8] = {0};
    for (int i = 0; i < 2000; i++) {
        FILE **slot = &held[i * 5 % 8];
        if (*slot) CHECK(fclose(*slot) == 0);
        *slot = fopen("/dev/null", i & 1 ? "w" : "r+");
        CHECK(*slot);
        if (i % 3) CHECK(fprintf(*slot, "%d\n", i) > 0);
        if (i % 7 == 0) flockfile(*slot), funlockfile(*slot);
        if (i % 50 == 0) CHECK(fflush(NULL) == 0);
    }
    /* A standard stream stays where it is when it is closed. */
    for (int i = 0; i < 3; i++) {
        CHECK(freopen("/dev/zero", "r", stdin) == stdin);
        CHECK(getc(stdin) == 0);
        CHECK(fclose(stdin) == 0);
        CHECK(fflush(NULL) == 0);
    }
    return 0;
}
