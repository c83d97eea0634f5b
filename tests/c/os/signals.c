/* Handlers run with their mask and information; restart or interrupt; internal signals stay hidden. */
/* harness: flags -Wno-deprecated-declarations */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t count, code, value;

static void info(int signal, siginfo_t *si, void *context) {
    (void)context;
    count++;
    code = si->si_code;
    value = si->si_value.sival_int;
    sigset_t now;
    sigprocmask(SIG_BLOCK, 0, &now);
    if (!sigismember(&now, signal) || !sigismember(&now, SIGUSR2))
        _exit(10);
}

static void plain(int signal) {
    (void)signal;
    count++;
}

int main(void) {
    struct sigaction action, old;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = info;
    action.sa_flags = SA_SIGINFO;
    sigemptyset(&action.sa_mask);
    sigaddset(&action.sa_mask, SIGUSR2);
    if (sigaction(SIGRTMIN + 3, &action, 0))
        return 1;
    if (sigqueue(getpid(), SIGRTMIN + 3, (union sigval){.sival_int = 4711}))
        return 2;
    if (count != 1 || code != SI_QUEUE || value != 4711)
        return 3;
    if (sigaction(SIGRTMIN + 3, 0, &old) || old.sa_sigaction != info || !(old.sa_flags & SA_SIGINFO))
        return 4;

    errno = 0;
    if (sigaction(32, &action, 0) != -1 || errno != EINVAL)
        return 5;
    sigset_t set;
    sigfillset(&set);
    if (sigaddset(&set, 33) != -1 || errno != EINVAL)
        return 6;

    signal(SIGALRM, plain);
    siginterrupt(SIGALRM, 1);
    struct itimerval soon = {{0, 0}, {0, 20000}};
    setitimer(ITIMER_REAL, &soon, 0);
    int ends[2];
    char byte;
    if (pipe(ends) || read(ends[0], &byte, 1) != -1 || errno != EINTR)
        return 7;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, 0);
    raise(SIGUSR1);
    int got = 0;
    if (sigwait(&set, &got) || got != SIGUSR1)
        return 8;
    struct timespec none = {0, 0};
    if (sigtimedwait(&set, 0, &none) != -1 || errno != EAGAIN)
        return 9;
    if (SIGRTMIN != 34 || SIGRTMAX != 64)
        return 11;
    return 0;
}
