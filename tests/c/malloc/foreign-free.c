/* A foreign free ends the program with one line. */
/* harness: glibc no */
/* harness: flags -O0 -w -fno-builtin */
/* harness: signal 6 */
/* harness: stderr is no block of malloc */
#include <stdlib.h>

int main(void)
{
    void *volatile p;
    int x; p = &x; free(p);
    return 0;
}
