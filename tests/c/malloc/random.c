/* Random allocation, reallocation, alignment and release, contents checked, by two threads that also free each other's blocks. */
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 2000, STEPS = 60000, THREADS = 2 };

struct block {
    unsigned char *p;
    size_t size;
    unsigned char fill;
};

static struct block shared[SLOTS];
static pthread_mutex_t shared_lock = PTHREAD_MUTEX_INITIALIZER;
static int failed;

static uint64_t next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static size_t random_size(uint64_t r)
{
    switch (r >> 60) {
    case 0: return r % 600000;
    case 1: return r % 40000;
    case 2: case 3: return r % 5000;
    default: return r % 300;
    }
}

static void check(const struct block *b)
{
    /* Ends and some middle are enough, and quick. */
    for (size_t i = 0; i < b->size; i += i < 64 || i + 70 > b->size ? 1 : 61)
        if (b->p[i] != b->fill) {
            printf("block of %zu: byte %zu is %d, not %d\n", b->size, i, b->p[i], b->fill);
            failed = 1;
            return;
        }
}

static void step(struct block *b, uint64_t *state)
{
    uint64_t r = next(state);
    size_t size = random_size(next(state));
    if (!b->p) {
        size_t align = 1;
        switch (r % 8) {
        case 0:
            b->p = calloc(1, size);
            b->fill = 0;
            b->size = size;
            check(b);
            break;
        case 1:
            align = (size_t)16 << r / 8 % 12;
            b->p = aligned_alloc(align, size);
            break;
        case 2:
            align = (size_t)8 << r / 8 % 14;
            if (posix_memalign((void **)&b->p, align, size))
                b->p = 0;
            break;
        default:
            b->p = malloc(size);
        }
        if (!b->p || (uintptr_t)b->p % align || (uintptr_t)b->p % 16 || malloc_usable_size(b->p) < size) {
            printf("%zu bytes on %zu: %p\n", size, align, (void *)b->p);
            failed = 1;
            return;
        }
    } else {
        check(b);
        if (r % 3) {
            free(b->p);
            b->p = 0;
            return;
        }
        size_t old = b->size;
        size += 1;
        b->p = realloc(b->p, size);
        b->size = old < size ? old : size;
        check(b);
    }
    b->size = size;
    b->fill = (unsigned char)r;
    memset(b->p, b->fill, size);
}

static void *run(void *argument)
{
    uint64_t state = 88172645463325252ull + (uintptr_t)argument * 7919;
    static _Thread_local struct block own[SLOTS];
    for (int i = 0; i < STEPS && !failed; i++) {
        uint64_t r = next(&state);
        if (r % 4) {
            step(&own[r / 4 % SLOTS], &state);
        } else {
            pthread_mutex_lock(&shared_lock);
            step(&shared[r / 4 % SLOTS], &state);
            pthread_mutex_unlock(&shared_lock);
        }
#ifdef __TIDAL_CHECK
        if (i % 20000 == 0)
            malloc_check();
#endif
    }
    for (int i = 0; i < SLOTS; i++)
        free(own[i].p);
    return 0;
}

int main(void)
{
    pthread_t threads[THREADS];
    for (long i = 0; i < THREADS; i++)
        pthread_create(&threads[i], 0, run, (void *)i);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], 0);
    malloc_trim(0);
    return failed;
}
