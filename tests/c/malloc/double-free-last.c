/* A double free that makes an object of a list, or of a magazine, the last freed one as well is noticed before it is given
   out twice. */
/* harness: glibc no */
/* harness: flags -O0 -w -fno-builtin */
/* harness: signal 6 */
/* harness: stderr is free already */
#include "one_cpu.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BLOCKS = 150, SIZE = 100 };

static void free_twice(int many)
{
    void *q[BLOCKS], *taken[BLOCKS + 1];
    for (int i = 0; i < many; i++)
        q[i] = malloc(SIZE);
    for (int i = 0; i < many; i++)
        free(q[i]);
    /* What was the last freed one, or on top. */
    malloc(SIZE);
    free(q[many - 2]);
    for (int i = 0; i <= many; i++)
        taken[i] = malloc(SIZE);
}

int main(void)
{
    int status;
    if (stay())
        return 2;
    if (fork() == 0) {
        close(2);
        free_twice(3);
        _exit(1);
    }
    wait(&status);
    if (!WIFSIGNALED(status))
        return 1;
    free_twice(BLOCKS);
    return 1;
}
