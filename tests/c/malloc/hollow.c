/* Freed blocks of many pages lose them though their span is in use: a few objects are walked over as well. */
/* harness: glibc no */
/* harness: flags -fno-builtin -w */
#include "idle.h"
#include "one_cpu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A CPU keeps three of them, the program keeps one: the others are too few for a span of theirs. */
enum { BLOCKS = 8, KEPT = 3, SIZE = 100 << 10 };

/* Pages that a block still has, but for the first two, of which it may need one. */
static int left(const char *block) { return resident(block + 2 * PAGE, block + SIZE); }

int main(int argc, char **argv)
{
    decay_soon(argc, argv);
    if (stay())
        return 2;
    char *blocks[BLOCKS], *volatile in_use = malloc(SIZE);
    memset(in_use, 1, SIZE);
    for (int i = 0; i < BLOCKS; i++)
        memset(blocks[i] = malloc(SIZE), 1, SIZE);
    for (int i = 0; i < BLOCKS; i++)
        free(blocks[i]);
    int full = BLOCKS;
    for (int i = 0; i < 200 && full > KEPT; i++) {
        usleep(5000);
        /* More becomes idle than a collection waits for. */
        free(malloc(2 << 20));
        full = 0;
        for (int k = 0; k < BLOCKS; k++)
            full += left(blocks[k]) != 0;
    }
    if (full > KEPT)
        return printf("%d of %d freed blocks have kept their pages\n", full, BLOCKS), 1;
    return left(in_use) == 0;
}
