/* Contexts: switching, arguments in registers and on the stack, links, and the signal mask. */
#include <signal.h>
#include <stdlib.h>
#include <ucontext.h>

static ucontext_t main_context, first, second;
static char stack1[65536], stack2[65536];
static int trace[16], count;

static void one(int a, int b, int c, int d, int e, int f, int g, int h, int i) {
    double aligned = a * 0.5;
    trace[count++] = a == 1 && b == 2 && c == 3 && d == 4 && e == 5 && f == 6 && g == 7 && h == 8 && i == 9 ? 10 : 99;
    swapcontext(&first, &second);
    trace[count++] = aligned == 0.5 ? 12 : 98;
    sigset_t now;
    sigprocmask(SIG_BLOCK, 0, &now);
    trace[count++] = sigismember(&now, SIGUSR2) ? 13 : 97;
}

static void two(int x) {
    trace[count++] = x;
    swapcontext(&second, &first);
    exit(50);
}

int main(void) {
    volatile int rounds = 0;
    getcontext(&main_context);
    if (rounds++ == 0)
        setcontext(&main_context);
    if (rounds != 2)
        return 1;
    getcontext(&first);
    first.uc_stack.ss_sp = stack1;
    first.uc_stack.ss_size = sizeof stack1;
    first.uc_link = &main_context;
    sigaddset(&first.uc_sigmask, SIGUSR2);
    makecontext(&first, (void (*)(void))one, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    getcontext(&second);
    second.uc_stack.ss_sp = stack2;
    second.uc_stack.ss_size = sizeof stack2 - 4;
    second.uc_link = 0;
    makecontext(&second, (void (*)(void))two, 1, 11);
    swapcontext(&main_context, &first);
    sigset_t now;
    sigprocmask(SIG_BLOCK, 0, &now);
    if (sigismember(&now, SIGUSR2))
        return 2;
    if (count != 4)
        return 3;
    for (int i = 0; i < 4; i++)
        if (trace[i] != 10 + i)
            return 4 + i;
    return 0;
}
