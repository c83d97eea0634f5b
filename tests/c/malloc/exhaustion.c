/* No memory is NULL and ENOMEM, nothing is lost by it, and it works again afterwards. */
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define FAIL(...) return printf(__VA_ARGS__), 1

static int sizes_near_the_end(void)
{
    void *volatile p;
    for (size_t i = 0; i < 70; i++) {
        volatile size_t size = SIZE_MAX - i * 997;
        errno = 0;
        if ((p = malloc(size)) || errno != ENOMEM)
            FAIL("malloc(%zx)\n", size);
        errno = 0;
        if ((p = calloc(size / 16, 17)) || errno != ENOMEM)
            FAIL("calloc(%zx, 17)\n", size / 16);
        void *old = malloc(10);
        errno = 0;
        if ((p = realloc(old, size)) || errno != ENOMEM)
            FAIL("realloc(%zx)\n", size);
        if ((p = reallocarray(old, size / 2, 3)))
            FAIL("reallocarray(%zx, 3)\n", size / 2);
        free(old);
        if ((p = memalign(64, size)) || (p = memalign(1 << 20, size)))
            FAIL("memalign(%zx)\n", size);
        if (posix_memalign((void **)&p, 4096, size) != ENOMEM)
            FAIL("posix_memalign(%zx)\n", size);
    }
    if (posix_memalign((void **)&p, 24, 100) != EINVAL)
        FAIL("posix_memalign on 24\n");
    return 0;
}

enum { MOST = 3 << 20 };
static void *blocks[MOST];

static int until_it_fails(size_t size)
{
    size_t count = 0;
    while (count < MOST && (blocks[count] = malloc(size)))
        memset(blocks[count++], 1, size < 64 ? size : 64);
    int error = errno;
    if (count == MOST)
        FAIL("no end of blocks of %zu under the limit\n", size);
    if (error != ENOMEM || count < (20 << 20) / (size + size / 2 + 64) / 2)
        FAIL("%zu blocks of %zu, then error %d\n", count, size, error);
    for (size_t i = 0; i < count; i++)
        free(blocks[i]);
    malloc_trim(0);
    return 0;
}

int main(void)
{
    if (sizes_near_the_end())
        return 1;
    struct rlimit old, limit;
    getrlimit(RLIMIT_AS, &old);
    limit = old;
    limit.rlim_cur = 128 << 20;
    setrlimit(RLIMIT_AS, &limit);
    static const size_t sizes[] = { 1 << 20, 300 << 10, 5000, 40 };
    for (int i = 0; i < 8; i++)
        if (until_it_fails(sizes[i / 2]))
            return 1;
    setrlimit(RLIMIT_AS, &old);
    void *p = malloc(200 << 20);
    if (!p)
        FAIL("nothing after the limit was lifted\n");
    free(p);
    return 0;
}
