/* An object that nobody asks for does not keep calloc from the CPU's last freed object for ever. */
/* harness: glibc no */
/* harness: flags -fno-builtin -w */
#include "one_cpu.h"

#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    if (stay())
        return 2;
    void *volatile a = malloc(400), *volatile b = malloc(400), *volatile small[3];
    /* The list has two small objects then, and nothing is the last freed one. */
    for (int i = 0; i < 3; i++)
        small[i] = malloc(64);
    for (int i = 0; i < 3; i++)
        free(calloc(1, 64));
    for (int i = 0; i < 3; i++)
        free(small[i]);
    small[0] = malloc(64);
    /* Now it is a, which is in calloc's way. */
    free(a);
    for (int i = 0; i < 256; i++)
        free(calloc(1, 64));
    free(b);
    void *volatile next = malloc(400);
    if (next == a)
        return printf("a is the last freed object still\n"), 1;
    return next == b ? 0 : (printf("neither a nor b came back\n"), 3);
}
