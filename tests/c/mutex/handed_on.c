/* A mutex that one thread has used up to 4096 times in a row and then another needs no membarrier(2): a filter that kills
   at one finds nothing. One use more, and there is a bias to end. */
/* harness: glibc no */
#include "check.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum { COUNT = 40 };

static pthread_mutex_t mutexes[COUNT];

static void use(int times)
{
    for (int i = 0; i < COUNT; i++)
        for (int k = 0; k < times; k++) {
            EQUAL(pthread_mutex_lock(&mutexes[i]), 0);
            EQUAL(pthread_mutex_unlock(&mutexes[i]), 0);
        }
}

static void *ten_uses(void *unused)
{
    use(10);
    return unused;
}

static void elsewhere(void)
{
    pthread_t t;
    EQUAL(pthread_create(&t, 0, ten_uses, 0), 0);
    EQUAL(pthread_join(t, 0), 0);
}

static int refuse_barriers(void)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_membarrier, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

enum { FAILED = 1, BIASED = 2, CANNOT_FILTER = 3 };

/* How a child ends that makes mutexes, uses each so often, and has another thread use it. */
static int hand_over(int uses_before)
{
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        if (!refuse_barriers()) _exit(CANNOT_FILTER);
        use(uses_before);
        unsigned biases = 0;
        for (int i = 0; i < COUNT; i++) biases |= bias_of(&mutexes[i]);
        elsewhere();
        _exit(biases ? BIASED : 0);
    }
    int status;
    EQUAL(waitpid(child, &status, 0), child);
    return status;
}

int main(void)
{
    /* From then on nothing is registered any more. */
    have_a_second_thread();
    for (int i = 0; i < COUNT; i++) EQUAL(pthread_mutex_init(&mutexes[i], 0), 0);
    static const int uses[] = {1, 10, 1000, LONG_USE - 1};
    for (size_t i = 0; i < sizeof uses / sizeof *uses; i++) {
        int status = hand_over(uses[i]);
        if (WIFEXITED(status) && WEXITSTATUS(status) == CANNOT_FILTER) return 0;
        EQUAL(status, 0);
    }
    int status = hand_over(LONG_USE);
    /* Nobody has a bias where the kernel does not protect sequences. */
    CHECK(status == 0 || (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS));
    use(LONG_USE);
    EQUAL(bias_of(&mutexes[0]) != 0, status != 0);
    return 0;
}
