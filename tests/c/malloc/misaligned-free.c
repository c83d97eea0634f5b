/* A misaligned free ends the program with one line. */
/* harness: glibc no */
/* harness: flags -O0 -w -fno-builtin */
/* harness: signal 6 */
/* harness: stderr inside a block */
#include <stdlib.h>

int main(void)
{
    void *volatile p;
    p = malloc(100); free((char *)p + 16);
    return 0;
}
