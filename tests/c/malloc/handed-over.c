/* What some threads allocate others free: nothing is given out twice, nothing is lost, and it goes back to the kernel. */
/* harness: glibc no */
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int malloc_check(void);

enum { PAIRS = 2, RING = 512, EACH = 100000 };
static _Atomic(uint64_t *) ring[PAIRS][RING];

static size_t size_of(uint64_t n)
{
    uint64_t mixed = n * 0x9e3779b97f4a7c15;
    return mixed >> 60 ? 16 + (mixed >> 40) % 500 : 16 + (mixed >> 40) % 70000;
}

static void *make(void *which)
{
    for (uint64_t n = 0; n < EACH; n++) {
        size_t size = size_of(n);
        uint64_t *block = malloc(size);
        block[0] = n;
        block[1] = n ^ (uintptr_t)block;
        _Atomic(uint64_t *) *slot = &ring[(uintptr_t)which][n % RING];
        while (*slot) sched_yield();
        *slot = block;
    }
    return 0;
}

static void *use(void *which)
{
    for (uint64_t n = 0; n < EACH; n++) {
        uint64_t *block;
        while (!(block = atomic_exchange(&ring[(uintptr_t)which][n % RING], 0))) sched_yield();
        if (block[0] != n || block[1] != (n ^ (uintptr_t)block)) {
            printf("block %llu of %zu bytes was given out twice\n", (unsigned long long)n, size_of(n));
            exit(1);
        }
        free(block);
    }
    return 0;
}

static long resident_pages(void)
{
    long all, resident = -1;
    FILE *f = fopen("/proc/self/statm", "r");
    if (!f || fscanf(f, "%ld %ld", &all, &resident) != 2) resident = -1;
    if (f) fclose(f);
    return resident;
}

/* Frees what another thread has allocated, more than any cache takes. */
static void *free_all(void *blocks)
{
    for (int i = 0; i < EACH; i++) free(((void **)blocks)[i]);
    return 0;
}

int main(void)
{
    pthread_t threads[2 * PAIRS], freeing;
    for (uintptr_t i = 0; i < 2 * PAIRS; i++) pthread_create(&threads[i], 0, i % 2 ? use : make, (void *)(i / 2));
    for (int i = 0; i < 2 * PAIRS; i++) pthread_join(threads[i], 0);
    if (!malloc_check()) return printf("the heap was not walked\n"), 1;

    malloc_trim(0);
    size_t live = mallinfo2().uordblks;
    long before = resident_pages();
    static void *blocks[EACH];
    for (int i = 0; i < EACH; i++) *(char *)(blocks[i] = malloc(200)) = 1;
    pthread_create(&freeing, 0, free_all, blocks);
    pthread_join(freeing, 0);
    if (mallinfo2().uordblks > live + 100000)
        return printf("%zu bytes are live, of %zu before\n", mallinfo2().uordblks, live), 1;
    malloc_trim(0);
    if (resident_pages() > before + 1000)
        return printf("%ld pages of %ld have stayed\n", resident_pages(), before), 1;
    return !malloc_check();
}
