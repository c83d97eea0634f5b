/* A child ends by SIGSEGV, SIGFPE or abort with memory in its hands; the parent's handler, run in it, sees its TID. */
#include "common.h"

static void handler(int signal)
{
    check_identity();
    _exit(signal);
}

int main(int argc, char **argv)
{
    for (int i = iterations(argc, argv) / 4 + 1; i > 0; i--) {
        volatile int *nowhere = NULL;
        signal(SIGSEGV, SIG_DFL);
        CHECK(WTERMSIG(IN_CHILD(CHECK(malloc(50)); *nowhere = 1)) == SIGSEGV);
        CHECK(WTERMSIG(IN_CHILD(CHECK(malloc(5000)); raise(SIGFPE))) == SIGFPE);
        CHECK(WTERMSIG(IN_CHILD(CHECK(malloc(500000)); abort())) == SIGABRT);
        signal(SIGSEGV, handler);
        CHECK(WEXITSTATUS(IN_CHILD(*nowhere = 1)) == SIGSEGV);
        free(malloc(50));
        check_identity();
    }
    return 0;
}
