/* A double free of many frees ago is noticed before anything is given out twice, be it of an object in a list or in a
   magazine. */
/* harness: glibc no */
/* harness: flags -O0 -w -fno-builtin */
/* harness: signal 6 */
/* harness: stderr is free already */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BLOCKS = 500, SIZE = 100 };

static void run(int twice)
{
    void *q[BLOCKS];
    for (int i = 0; i < BLOCKS; i++)
        q[i] = malloc(SIZE);
    for (int i = 0; i < BLOCKS; i++)
        free(q[i]);
    free(q[twice]);
    for (int i = 0; i < BLOCKS; i++)
        malloc(SIZE);
    printf("block %d was freed twice\n", twice);
}

int main(void)
{
    for (int twice = 0; twice < BLOCKS - 1; twice++) {
        int status;
        if (fork() == 0) {
            close(2);
            run(twice);
            fflush(stdout);
            _exit(1);
        }
        wait(&status);
        if (!WIFSIGNALED(status))
            return 1;
    }
    run(0);
    return 1;
}
