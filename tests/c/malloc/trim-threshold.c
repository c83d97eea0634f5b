/* M_TRIM_THRESHOLD: with -1 freed memory stays, also after there was much else to give back; with 0 it goes. */
/* harness: glibc no */
/* harness: flags -fno-builtin -w */
#include "idle.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE = 4 << 20, ROUNDS = 20 };

/* Pages that a freed block still has when collections may have come. */
static int kept(int threshold)
{
    if (mallopt(M_TRIM_THRESHOLD, threshold) != 1)
        return -1;
    char *block = malloc(SIZE), *volatile small[2000];
    memset(block, 1, SIZE);
    free(block);
    int pages = SIZE / PAGE;
    for (int i = 0; i < ROUNDS && pages != 0; i++) {
        usleep(5000);
        for (int k = 0; k < 2000; k++)
            small[k] = malloc(1000);
        for (int k = 0; k < 2000; k++)
            free(small[k]);
        pages = resident(block, block + SIZE);
    }
    return pages;
}

int main(int argc, char **argv)
{
    decay_soon(argc, argv);
    int never = kept(-1), always = kept(0), again = kept(-1);
    printf("kept with -1: %d pages, with 0: %d, with -1 again: %d\n", never, always, again);
    return never != SIZE / PAGE || always != 0 || again != SIZE / PAGE;
}
