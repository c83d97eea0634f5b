/* A foreign free wild ends the program with one line. */
/* harness: glibc no */
/* harness: flags -O0 -w -fno-builtin */
/* harness: signal 6 */
/* harness: stderr is no block of malloc */
#include <stdlib.h>

int main(void)
{
    void *volatile p;
    p = (void *)0x123456789abcdef0; free(p);
    return 0;
}
