/* getpid, gettid, getppid, pthread_self and sched_getcpu tell the truth in the child, and again in the parent. */
#include "common.h"

static void check_cpu(void)
{
    for (int tries = 0; tries < 100; tries++) {
        unsigned before, after;
        syscall(SYS_getcpu, &before, NULL, NULL);
        int cpu = sched_getcpu();
        syscall(SYS_getcpu, &after, NULL, NULL);
        if (before == after) {
            CHECK(cpu == (int)before);
            return;
        }
    }
}

int main(int argc, char **argv)
{
    pthread_t self = pthread_self();
    pid_t parent = kernel_pid();
    for (int i = iterations(argc, argv); i > 0; i--) {
        CHILD_PASSES(check_identity(); check_cpu(); CHECK(getpid() != parent); CHECK(getppid() == parent);
                     CHECK(pthread_equal(self, pthread_self())));
        check_identity();
        check_cpu();
        CHECK(getpid() == parent && pthread_equal(self, pthread_self()));
    }
    return 0;
}
