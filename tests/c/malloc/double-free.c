/* A double free ends the program with one line. */
/* harness: glibc no */
/* harness: flags -O0 -w -fno-builtin */
/* harness: signal 6 */
/* harness: stderr is free already */
#include <stdlib.h>

int main(void)
{
    void *volatile p;
    p = malloc(100); free(p); free(p);
    return 0;
}
