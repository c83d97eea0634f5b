/* A double free large ends the program with one line. */
/* harness: glibc no */
/* harness: flags -O0 -w -fno-builtin */
/* harness: signal 6 */
/* harness: stderr is no block of malloc */
#include <stdlib.h>

int main(void)
{
    void *volatile p;
    p = malloc(1 << 20); free(p); free(p);
    return 0;
}
