/* setjmp restores registers, longjmp's value, and the signal mask where it was saved. */
#include <setjmp.h>
#include <signal.h>
#include <unistd.h>

static jmp_buf plain;
static sigjmp_buf with_mask;

static void deep(int n, int value) {
    volatile char room[256];
    room[0] = (char)n;
    if (n)
        deep(n - 1, value);
    else
        longjmp(plain, value);
    room[1] = room[0];
}

int main(void) {
    volatile int rounds = 0;
    int got = setjmp(plain);
    if (got == 0) {
        rounds++;
        deep(10, 0);
    }
    if (got == 1 && rounds == 1) {
        rounds++;
        deep(3, 77);
    }
    if (got != 77 || rounds != 2)
        return 1;

    sigset_t set, now;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    if (sigsetjmp(with_mask, 1) == 0) {
        sigprocmask(SIG_BLOCK, &set, 0);
        siglongjmp(with_mask, 5);
    }
    sigprocmask(SIG_SETMASK, 0, &now);
    if (sigismember(&now, SIGUSR1))
        return 2;
    if (sigsetjmp(with_mask, 0) == 0) {
        sigprocmask(SIG_BLOCK, &set, 0);
        siglongjmp(with_mask, 5);
    }
    sigprocmask(SIG_SETMASK, 0, &now);
    if (!sigismember(&now, SIGUSR1))
        return 3;
    return 0;
}
