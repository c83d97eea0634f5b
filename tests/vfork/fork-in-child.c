/* fork in a vfork child makes an ordinary process, with threads and all. */
#include "common.h"

static void *run(void *argument)
{
    check_identity();
    free(malloc(100));
    return argument;
}

static void grandchild(void)
{
    pthread_t thread;
    void *result;
    check_identity();
    CHECK(pthread_create(&thread, NULL, run, &result) == 0);
    CHECK(pthread_join(thread, &result) == 0 && result == &result);
    CHILD_PASSES(check_identity());
    _exit(0);
}

int main(int argc, char **argv)
{
    for (int i = iterations(argc, argv) / 2 + 1; i > 0; i--) {
        CHILD_PASSES(pid_t pid = fork(); if (pid == 0) grandchild(); check_identity(); CHECK(wait_status(pid) == 0));
        check_identity();
    }
    return 0;
}
