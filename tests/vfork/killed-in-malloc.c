/* A child that mallocs is killed by SIGKILL at a random moment; parent and threads malloc on. */
#include "common.h"

static atomic_int victim;

static void *killer(void *unused)
{
    unsigned seed = 1;
    (void)unused;
    while (atomic_load_explicit(&hammering, memory_order_relaxed)) {
        int pid = atomic_exchange(&victim, 0);
        if (pid <= 0) continue;
        seed = seed * 1664525u + 1013904223u;
        for (volatile unsigned wait = (seed >> 16) % 20000; wait > 0; wait--) {}
        kill(pid, SIGKILL);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t thread;
    start_hammers();
    CHECK(pthread_create(&thread, NULL, killer, NULL) == 0);
    for (int i = iterations(argc, argv); i > 0; i--) {
        pid_t pid = vfork();
        if (pid == 0) {
            atomic_store(&victim, kernel_pid());
            for (unsigned k = (unsigned)i;; k++) exchange(k, 1 + k * 61 % 5000);
        }
        CHECK(WTERMSIG(wait_status(pid)) == SIGKILL);
        exchange((unsigned)i, 100);
    }
    stop_hammers();
    CHECK(pthread_join(thread, NULL) == 0);
    return 0;
}
