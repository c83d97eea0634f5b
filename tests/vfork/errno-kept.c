/* The child changes errno; the parent finds its own. A failed vfork sets it. */
#include "common.h"
#include <sys/resource.h>

int main(int argc, char **argv)
{
    for (int i = iterations(argc, argv); i > 0; i--) {
        errno = 71;
        pid_t pid = vfork();
        if (pid == 0) {
            if (errno != 71) _exit(1);
            errno = 5;
            _exit(close(-1) != -1 || errno != EBADF);
        }
        CHECK(errno == 71);
        CHECK(wait_status(pid) == 0);
    }
    return 0;
}
