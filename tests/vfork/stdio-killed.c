/* A child that prints and opens streams is killed by SIGKILL at a random moment; parent and threads print on. */
#include "common.h"
#include <stdio.h>

static FILE *file;
static atomic_int victim, running = 1;

static void *killer(void *unused)
{
    unsigned seed = 1;
    (void)unused;
    while (atomic_load(&running)) {
        int pid = atomic_exchange(&victim, 0);
        if (pid <= 0) continue;
        seed = seed * 1664525u + 1013904223u;
        for (volatile unsigned wait = (seed >> 16) % 20000; wait > 0; wait--) {}
        kill(pid, SIGKILL);
    }
    return NULL;
}

static void *print(void *unused)
{
    (void)unused;
    while (atomic_load(&running)) {
        CHECK(fprintf(file, "%d %s\n", 5, "thread") > 0);
        FILE *other = fopen("/dev/null", "r");
        CHECK(other && fclose(other) == 0);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t threads[2];
    file = fopen("/dev/null", "w");
    CHECK(file);
    CHECK(pthread_create(&threads[0], NULL, killer, NULL) == 0);
    CHECK(pthread_create(&threads[1], NULL, print, NULL) == 0);
    for (int i = iterations(argc, argv); i > 0; i--) {
        pid_t pid = vfork();
        if (pid == 0) {
            atomic_store(&victim, kernel_pid());
            for (;;) {
                fprintf(file, "child %d %f\n", i, i * 0.5);
                FILE *other = fopen("/dev/null", "r");
                if (other) fclose(other);
            }
        }
        CHECK(WTERMSIG(wait_status(pid)) == SIGKILL);
        CHECK(fprintf(file, "parent %d\n", i) > 0 && fflush(file) == 0);
        CHECK(fflush(NULL) == 0);
    }
    atomic_store(&running, 0);
    for (int i = 0; i < 2; i++) CHECK(pthread_join(threads[i], NULL) == 0);
    return 0;
}
