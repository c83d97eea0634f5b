/* The child uses and overwrites a lot of stack below the call; the parent returns to where it was. */
#include "common.h"

__attribute__((noinline)) static int scribble(int depth)
{
    volatile char room[4096];
    memset((char *)room, 0xa5, sizeof room);
    return depth == 0 ? room[17] : scribble(depth - 1) + room[depth];
}

__attribute__((noinline)) static int twice(int a, int b)
{
    volatile int kept = a * 3 + b;
    pid_t pid = vfork();
    if (pid == 0) _exit(scribble(50) == 1234567);
    CHECK(wait_status(pid) == 0);
    return kept;
}

int main(int argc, char **argv)
{
    for (int i = iterations(argc, argv); i > 0; i--) CHECK(twice(i, 5) == i * 3 + 5);
    return 0;
}
