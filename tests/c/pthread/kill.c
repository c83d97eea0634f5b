/* Signals to threads: to the right one, with a value, from handlers, and to threads that are ending. */
/* harness: seconds 120 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>
#include "check.h"

static __thread int here;
static int got;
static pthread_t first;

static void handler(int number, siginfo_t *info, void *unused)
{
    (void)unused;
    here++;
    if (number == SIGRTMIN) {
        CHECK(info->si_code == SI_QUEUE && info->si_pid == getpid());
        __atomic_store_n(&got, info->si_value.sival_int, __ATOMIC_RELEASE);
    } else {
        /* pthread_kill may be called here. */
        CHECK(pthread_kill(first, 0) == 0);
    }
}

static void *receive(void *unused)
{
    while (!__atomic_load_n(&got, __ATOMIC_ACQUIRE)) usleep(100);
    CHECK(here >= 1);
    return unused;
}

static void *brief(void *unused) { return unused; }

int main(void)
{
    pthread_t t;
    first = pthread_self();
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_RESTART};
    CHECK(sigaction(SIGRTMIN, &action, NULL) == 0 && sigaction(SIGUSR1, &action, NULL) == 0);
    CHECK(pthread_create(&t, NULL, receive, NULL) == 0);
    union sigval value = {.sival_int = 42};
    CHECK(pthread_kill(t, 0) == 0 && pthread_kill(t, 99) == EINVAL && pthread_kill(t, -1) == EINVAL);
    CHECK(pthread_sigqueue(t, SIGRTMIN, value) == 0);
    CHECK(pthread_join(t, NULL) == 0);
    CHECK(here == 0 && got == 42);
    for (int i = 0; i < 3000; i++) {
        CHECK(pthread_create(&t, NULL, brief, NULL) == 0);
        for (int k = 0; k < 4; k++) CHECK(pthread_kill(t, SIGUSR1) == 0);
        CHECK(pthread_join(t, NULL) == 0);
    }
    CHECK(pthread_kill(first, SIGUSR1) == 0 && here == 1);
    return 0;
}
