/* vfork in a signal handler that interrupts malloc, and the child mallocs. */
#include "common.h"

static volatile sig_atomic_t runs;

static void handler(int signal)
{
    (void)signal;
    CHILD_PASSES(char *p = malloc(100); CHECK(p); p = realloc(p, 1000); CHECK(p); free(p));
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
    start_hammers();
    while (runs < wanted) {
        char *p = malloc(1 + (size_t)runs % 5000);
        CHECK(p);
        p[0] = 1;
        free(p);
    }
    kill(rain, SIGKILL);
    while (waitpid(rain, NULL, 0) != rain) CHECK(errno == EINTR);
    stop_hammers();
    return 0;
}
