/* A trace of allocations on Tidal's malloc as it is, fast paths and all: contents, alignment, usable sizes and zeroes are
   checked, blocks are freed by another thread of control (a vfork child) now and then, and the whole heap is walked. */
#define _GNU_SOURCE
#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>
#include "input.h"

extern int malloc_check(void);

enum { SLOTS = 48, LARGEST = 3 << 20 };
static struct { unsigned char *block; size_t size; unsigned char fill; } live[SLOTS];

static size_t size_of(struct input *in) {
    unsigned n = take2(in);
    switch (n >> 14) {
    case 0: return (size_t)n * 199 % LARGEST;
    case 1: return (size_t)n * 7 % 40000;
    default: return n % 1100;
    }
}

static void check(int i, size_t up_to) {
    for (size_t k = 0; k < up_to; k++) REQUIRE(live[i].block[k] == live[i].fill);
}

static void drop(int i) {
    if (!live[i].block) return;
    check(i, live[i].size);
    free(live[i].block);
    live[i].block = NULL;
}

static void hold(int i, void *block, size_t size, size_t align, unsigned char fill) {
    REQUIRE(block && (uintptr_t)block % align == 0 && malloc_usable_size(block) >= size);
    live[i].block = block, live[i].size = size, live[i].fill = fill;
    memset(block, fill, size);
}

static void step(struct input *in, unsigned char fill) {
    unsigned what = take(in), i = take(in) % SLOTS;
    size_t size;
    switch (what % 16) {
    case 0: case 1: case 2: case 3:
        drop(i), size = size_of(in), hold(i, malloc(size), size, 16, fill);
        break;
    case 4: case 5:
        drop(i), size = size_of(in) % (what & 16 ? 130 : LARGEST);
        unsigned char *zeroed = what & 32 && size % 3 == 0 ? calloc(3, size / 3) : calloc(1, size);
        for (size_t k = 0; k < size; k++) REQUIRE(zeroed[k] == 0);
        hold(i, zeroed, size, 16, fill);
        break;
    case 6: {
        size_t align = (size_t)16 << (what >> 4);
        drop(i), size = size_of(in), hold(i, memalign(align, size), size, align, fill);
        break;
    }
    case 7: case 8: case 9:
        if (!live[i].block) break;
        size = size_of(in) + 1;
        live[i].block = realloc(live[i].block, size);
        check(i, size < live[i].size ? size : live[i].size);
        hold(i, live[i].block, size, 16, fill);
        break;
    case 10: {
        pid_t child = vfork();
        if (child == 0) {
            void *p = malloc(size_of(in));
            drop(i);
            free(p);
            _exit(0);
        }
        int status;
        REQUIRE(child > 0 && waitpid(child, &status, 0) == child && status == 0);
        break;
    }
    case 11:
        malloc_trim(0);
        break;
    case 12:
        if (what < 64) mallopt(M_PERTURB, what & 16 ? 0 : 0x5b);
        break;
    default: drop(i);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct input in = {data, data + size};
    unsigned char fill = 1;
    while (in.at < in.end) step(&in, fill++ | 1);
    for (int i = 0; i < SLOTS; i++) drop(i);
    mallopt(M_PERTURB, 0);
    /* The walk takes longer than most traces. */
    static unsigned runs;
    if (++runs % 16 == 0) malloc_check();
    return 0;
}
