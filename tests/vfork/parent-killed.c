/* The parent's process is killed while its child runs: the child lives on, mallocs and locks, and says so. */
#include "common.h"
#include <stdio.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void orphan(int report, int argc)
{
    while (getppid() == argc) sched_yield();
    check_identity();
    for (unsigned k = 0; k < 50; k++) exchange(k, 1 + k * 61 % 3000);
    CHECK(pthread_mutex_lock(&mutex) == 0);
    CHECK(pthread_mutex_unlock(&mutex) == 0);
    FILE *file = fdopen(report, "w");
    CHECK(file && fprintf(file, "%d", 7) == 1 && fflush(file) == 0);
    _exit(0);
}

int main(int argc, char **argv)
{
    for (int i = iterations(argc, argv) / 4 + 1; i > 0; i--) {
        int ends[2];
        CHECK(pipe(ends) == 0);
        pid_t parent = fork();
        if (parent == 0) {
            start_hammers();
            pid_t me = getpid();
            if (vfork() == 0) {
                CHECK(kill(me, SIGKILL) == 0);
                orphan(ends[1], me);
            }
            _exit(1);
        }
        CHECK(WTERMSIG(wait_status(parent)) == SIGKILL);
        close(ends[1]);
        char text;
        CHECK(read(ends[0], &text, 1) == 1 && text == '7');
        close(ends[0]);
    }
    return 0;
}
