/* A double free late ends the program with one line. */
/* harness: glibc no */
/* harness: flags -O0 -w -fno-builtin */
/* harness: signal 6 */
/* harness: stderr is free already */
#include <stdlib.h>

int main(void)
{
    void *volatile p;
    void *q[500]; for (int i = 0; i < 500; i++) q[i] = malloc(100); for (int i = 0; i < 500; i++) free(q[i]); free(q[0]);
    return 0;
}
