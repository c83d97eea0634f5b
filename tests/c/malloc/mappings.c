/* With as many mappings as the kernel allows: NULL and ENOMEM, nothing damaged or lost, and it works again afterwards. */
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define FAIL(...) return printf(__VA_ARGS__), 1

enum { PAGE = 4096, BLOCKS = 3000, MOST = 1 << 17 };
static char *filler[MOST];
static char *blocks[BLOCKS];
static size_t sizes[BLOCKS];

/* Pages of which every other one is read-only cannot share a mapping. */
static int fill(void)
{
    int count = 0;
    while (count < MOST) {
        char *p = mmap(0, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (p == MAP_FAILED)
            break;
        filler[count++] = p;
        if (mprotect(p, PAGE, PROT_READ))
            break;
    }
    return count;
}

static int use(uint64_t *state, int *refused)
{
    for (int i = 0; i < 20000; i++) {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        int at = (int)(*state >> 8) % BLOCKS;
        at = at < 0 ? -at : at;
        size_t size = 16 + (*state >> 40) % ((*state & 7) ? 3000 : 900000);
        if (blocks[at] && (blocks[at][0] != (char)at || blocks[at][sizes[at] - 1] != (char)at))
            FAIL("block %d was damaged\n", at);
        char *p;
        errno = 0;
        if (*state & 64) {
            p = realloc(blocks[at], size);
            if (p && blocks[at] && p[0] != (char)at)
                FAIL("block %d lost its contents\n", at);
            if (!p && errno == ENOMEM) {
                ++*refused;
                continue;
            }
        } else {
            free(blocks[at]);
            p = malloc(size);
        }
        blocks[at] = p;
        if (!p) {
            if (errno != ENOMEM)
                FAIL("no %zu bytes, and error %d\n", size, errno);
            ++*refused;
            continue;
        }
        sizes[at] = size;
        p[0] = p[size - 1] = (char)at;
    }
    return 0;
}

int main(void)
{
    uint64_t state = 88172645463325252ull;
    int refused = 0;
    if (use(&state, &refused) || refused)
        FAIL("not even before\n");
    int count = fill();
    if (count == MOST)
        return 0; /* This machine has no such limit. */
    if (use(&state, &refused))
        return 1;
    int large = 0;
    void *last = 0, *all[64];
    while (large < 64 && (last = all[large] = malloc(200 << 20)))
        large++;
    if (!last && errno != ENOMEM)
        FAIL("no large block, and error %d\n", errno);
    while (large)
        free(all[--large]);
    for (int i = 0; i < count; i++)
        munmap(filler[i], 2 * PAGE);
    refused = 0;
    if (use(&state, &refused) || refused)
        FAIL("%d blocks refused after the limit was lifted\n", refused);
    for (int i = 0; i < BLOCKS; i++)
        free(blocks[i]);
    malloc_trim(0);
    struct mallinfo2 m = mallinfo2();
    if (m.uordblks + m.hblkhd > 4 << 20)
        FAIL("%zu bytes never came back\n", m.uordblks + m.hblkhd);
    return 0;
}
