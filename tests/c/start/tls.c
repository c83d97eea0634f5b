/* Thread-local variables have their initial values, zeros and alignment in the first thread. */
#include <stdint.h>

static __thread int a = 5;
static __thread char zeros[3000];
static __thread __attribute__((aligned(256))) char aligned[256] = "x";
__thread int64_t shared_one = -7;

int main(void)
{
    volatile uintptr_t address = (uintptr_t)aligned; /* volatile: gcc believes its own attribute */
    if (a != 5 || shared_one != -7 || aligned[0] != 'x' || aligned[255] != 0) return 1;
    if (address % 256) return 2;
    for (unsigned i = 0; i < sizeof zeros; i++)
        if (zeros[i]) return 3;
    zeros[2999] = 1;
    a = 6;
    return a - 6;
}
