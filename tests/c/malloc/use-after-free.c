/* A use after free ends the program with one line. */
/* harness: glibc no */
/* harness: flags -O0 -w -fno-builtin */
/* harness: signal 6 */
/* harness: stderr was written to after it was freed */
#include <stdlib.h>

int main(void)
{
    void *volatile p;
    p = malloc(100); void *r = malloc(100); free(r); free(p); *(long *)p = 5; malloc(100); malloc(100);
    return 0;
}
