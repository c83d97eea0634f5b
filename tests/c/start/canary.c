/* A smashed stack ends the process with a line on standard error. */
/* harness: flags -fstack-protector-all */
/* harness: signal 6 */
/* harness: stderr stack smashing detected */
#include <stddef.h>

__attribute__((noinline)) static void smash(volatile char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        p[i] = 'A';
}

int main(void)
{
    char small[8];
    smash(small, 64);
    return 0;
}
