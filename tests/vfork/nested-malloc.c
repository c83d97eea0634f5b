/* Nested children allocate and free each other's blocks. */
#include "common.h"

static void *blocks[5];

static int descend(int depth)
{
    free(blocks[depth]);
    blocks[depth] = malloc((size_t)(depth + 1) * 40);
    if (!blocks[depth]) return 1;
    memset(blocks[depth], depth, (size_t)(depth + 1) * 40);
    if (depth == 4) return 0;
    pid_t pid = vfork();
    if (pid == 0) _exit(descend(depth + 1));
    return WEXITSTATUS(wait_status(pid));
}

int main(int argc, char **argv)
{
    for (int i = iterations(argc, argv); i > 0; i--) {
        CHECK(descend(0) == 0);
        for (int d = 0; d < 5; d++) CHECK(((char *)blocks[d])[d * 40 + 39] == d);
    }
    return 0;
}
