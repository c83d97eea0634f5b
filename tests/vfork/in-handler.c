/* vfork in a signal handler that interrupts malloc: the child runs true to itself and execs. */
#include "common.h"

static volatile sig_atomic_t runs;

static void handler(int signal)
{
    (void)signal;
    int kept = errno;
    CHILD_PASSES(check_identity());
    check_identity();
    errno = kept;
    runs++;
}

int main(int argc, char **argv)
{
    int wanted = iterations(argc, argv);
    pid_t main_pid = getpid();
    CHECK(signal(SIGUSR1, handler) != SIG_ERR);
    pid_t rain = fork();
    if (rain == 0) {
        while (getppid() == main_pid) {
            kill(main_pid, SIGUSR1);
            usleep(10);
        }
        _exit(0);
    }
    while (runs < wanted) {
        char *p = malloc(1 + (size_t)runs % 5000);
        CHECK(p);
        p[0] = 1;
        free(p);
    }
    kill(rain, SIGKILL);
    return 0;
}
