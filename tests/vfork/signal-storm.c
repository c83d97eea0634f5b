/* Signals from another thread rain on a thread that vforks: no handler ever sees a wrong TID. */
#include "common.h"

static atomic_int raining = 1;

static void handler(int signal)
{
    (void)signal;
    check_identity();
}

static void *rain(void *target)
{
    while (atomic_load(&raining)) {
        pthread_kill(*(pthread_t *)target, SIGUSR1);
        usleep(20);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART };
    CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
    pthread_t self = pthread_self(), thread;
    CHECK(pthread_create(&thread, NULL, rain, &self) == 0);
    for (int i = iterations(argc, argv); i > 0; i--) CHILD_PASSES(check_identity());
    atomic_store(&raining, 0);
    pthread_join(thread, NULL);
    return 0;
}
