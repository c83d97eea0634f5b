/* Freed blocks of many pages lose them though their span is in use: a few objects are walked over as well. */
/* harness: glibc no */
/* harness: flags -fno-builtin -w */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* A CPU keeps three of them, the program keeps one: the others are too few for a span of theirs. */
enum { BLOCKS = 8, KEPT = 3, SIZE = 100 << 10, PAGE = 4096 };

/* Pages inside a block, without the first, of which memory is there. */
static int resident(const char *block)
{
    int pages = 0;
    uintptr_t page = ((uintptr_t)block / PAGE + 2) * PAGE;
    for (; page + PAGE <= (uintptr_t)block + SIZE; page += PAGE) {
        unsigned char there = 0;
        if (mincore((void *)page, PAGE, &there) == 0)
            pages += there & 1;
    }
    return pages;
}

int main(int argc, char **argv)
{
    if (argc == 1) {
        char *arguments[] = { argv[0], "again", 0 }, *environment[] = { "TIDAL_MALLOC=decay=1", 0 };
        execve("/proc/self/exe", arguments, environment);
        return 99;
    }
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
            full += resident(blocks[k]) != 0;
    }
    if (full > KEPT)
        return printf("%d of %d freed blocks have kept their pages\n", full, BLOCKS), 1;
    return resident(in_use) == 0;
}
