/* Four threads vfork at the same time, each with its own TID and errno; the children malloc. */
#include "common.h"

static int rounds;

static void *run(void *argument)
{
    int number = (int)(size_t)argument;
    pid_t me = kernel_tid();
    for (int i = 0; i < rounds; i++) {
        errno = number;
        pid_t pid = vfork();
        if (pid == 0) {
            check_identity();
            char *p = malloc((size_t)number * 100 + 1);
            CHECK(p);
            free(p);
            errno = 99;
            _exit(number);
        }
        CHECK(errno == number && gettid() == me);
        CHECK(WEXITSTATUS(wait_status(pid)) == number);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    rounds = iterations(argc, argv) / 4 + 1;
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++) CHECK(pthread_create(&threads[i], NULL, run, (void *)(i + 1)) == 0);
    for (int i = 0; i < 4; i++) CHECK(pthread_join(threads[i], NULL) == 0);
    return 0;
}
