/* bench: what realloc and large blocks by one thread */
/* bench: allocators */
/* bench: cpus 1 */
#include <stdint.h>

#include "../bench.h"

static void touch(char *p, size_t from, size_t to)
{
    for (; from < to; from += 4096) p[from] = 1;
}

static void doubling(void)
{
    size_t size = 64, old = 0;
    char *p = 0;
    for (; size <= 64 << 20; old = size, size *= 2) {
        p = realloc(p, size);
        touch(p, old, size);
    }
    free(p);
}

static void appending(void)
{
    char *p = 0;
    for (size_t size = 4096; size <= 8 << 20; size += 4096) {
        p = realloc(p, size);
        p[size - 1] = 1;
    }
    free(p);
}

static void one_live(void)
{
    static uint64_t state = 88172645463325252ull;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    size_t size = (128 << 10) + (state >> 20) % (8064 << 10);
    char *p = malloc(size);
    touch(p, 0, size);
    KEEP(p);
    free(p);
}

int main(int argc, char **argv)
{
    report("realloc doubling to 64 MiB", BEST_OF(5, 2, doubling()) / 1e6, "ms");
    report("realloc by 4 KiB to 8 MiB", BEST_OF(5, 2, appending()) / 1e6, "ms");
    report("128 KiB-8 MiB, one live, touched", BEST_OF(5, scaled(400, argc, argv), one_live()) / 1e3, "us");
    return 0;
}
