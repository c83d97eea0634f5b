/* So does one of an object that waits in a magazine. */
/* harness: glibc no */
/* harness: flags -O0 -w -fno-builtin */
/* harness: signal 6 */
/* harness: stderr was written to after it was freed */
#include <stdlib.h>

enum { BLOCKS = 500, SIZE = 100 };

int main(void)
{
    static void *q[BLOCKS];
    for (int i = 0; i < BLOCKS; i++)
        q[i] = malloc(SIZE);
    for (int i = 0; i < BLOCKS; i++)
        free(q[i]);
    *(long *)q[200] = 5;
    for (int i = 0; i < BLOCKS; i++)
        malloc(SIZE);
    return 0;
}
