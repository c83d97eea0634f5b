/* A cancelled read has taken nothing: no byte is lost, at whatever instant the request comes. */
/* harness: seconds 120 */
/* A byte may be lost there: its bug 12683. */
/* harness: glibc no */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>
#include "check.h"

static int ends[2];
static atomic_int taken;

static void *take(void *unused)
{
    char c;
    for (;;)
        if (read(ends[0], &c, 1) == 1) taken++;
    return unused;
}

int main(void)
{
    CHECK(pipe(ends) == 0);
    for (int round = 0; round < 3000; round++) {
        pthread_t t;
        void *result;
        int old = taken;
        CHECK(pthread_create(&t, NULL, take, NULL) == 0);
        for (int spin = round % 300 * 20; spin; spin--) __asm__ volatile("");
        CHECK(write(ends[1], "x", 1) == 1);
        CHECK(pthread_cancel(t) == 0);
        CHECK(pthread_join(t, &result) == 0 && result == PTHREAD_CANCELED);
        char c;
        if (taken == old) CHECK(read(ends[0], &c, 1) == 1);
    }
    return 0;
}
