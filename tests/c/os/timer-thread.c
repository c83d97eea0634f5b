/* SIGEV_THREAD timers: many expirations at short intervals, also across fork, and no signal of the runtime's ends anybody. */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static atomic_int notified, wrong;
static pid_t me;

static void notify(union sigval value)
{
    if (value.sival_int != 7 || getpid() != me) atomic_fetch_add(&wrong, 1);
    atomic_fetch_add(&notified, 1);
}

int main(void)
{
    timer_t timers[4];
    struct sigevent event;
    memset(&event, 0, sizeof event);
    event.sigev_notify = SIGEV_THREAD;
    event.sigev_value.sival_int = 7;
    event.sigev_notify_function = notify;
    me = getpid();
    for (int i = 0; i < 4; i++) {
        /* The helper is starting a thread for one timer when the signal of another comes. */
        struct itimerspec often = { { 0, 100000 }, { 0, 100000 } };
        if (timer_create(i & 1 ? CLOCK_MONOTONIC : CLOCK_REALTIME, &event, &timers[i]) != 0) return 1;
        if (timer_settime(timers[i], 0, &often, NULL) != 0) return 2;
    }
    for (int i = 0; i < 20; i++) {
        int status;
        pid_t pid = fork();
        if (pid == 0) {
            /* Timers are not inherited. */
            usleep(1000);
            _exit(atomic_load(&wrong) ? 1 : 0);
        }
        if (waitpid(pid, &status, 0) != pid || status != 0) return 3;
    }
    while (atomic_load(&notified) < 200) usleep(1000);
    for (int i = 0; i < 4; i++)
        if (timer_delete(timers[i]) != 0) return 4;
    return atomic_load(&wrong) ? 5 : 0;
}
