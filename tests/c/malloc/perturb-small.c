/* M_PERTURB fills small blocks as well, also those that the CPU's list had when it was set. */
/* harness: glibc no */
/* harness: flags -fno-builtin -w */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern int malloc_check(void);

enum { BLOCKS = 300 };
static unsigned char *blocks[BLOCKS];

static size_t size_of(int i) { return 32 + (size_t)i * 7 % 700; }

static int all(const unsigned char *p, int byte, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (p[i] != byte)
            return 0;
    return 1;
}

static int round_of(int new, int freed)
{
    for (int i = 0; i < BLOCKS; i++) {
        blocks[i] = i % 3 ? malloc(size_of(i)) : memalign(64, size_of(i));
        if (new >= 0 && !all(blocks[i], new, size_of(i)))
            return printf("block %d is not filled\n", i), 1;
    }
    for (int i = 0; i < BLOCKS; i++) {
        memset(blocks[i], 1, size_of(i));
        free(blocks[i]);
        /* The first two words are links. */
        if (freed >= 0 && !all(blocks[i] + 16, freed, size_of(i) - 16))
            return printf("freed block %d is not filled\n", i), 1;
    }
    if (!malloc_check())
        return printf("the heap was not walked\n"), 1;
    return 0;
}

int main(void)
{
    if (mallopt(99, 0) != 0 || round_of(-1, -1))
        return 1;
    for (int byte = 1; byte < 4; byte++) {
        mallopt(M_PERTURB, byte);
        unsigned char *zeroed = calloc(3, 33);
        if (!all(zeroed, 0, 99) || round_of(0xff & ~byte, byte))
            return 1;
        free(zeroed);
    }
    mallopt(M_PERTURB, 0);
    return round_of(-1, -1);
}
