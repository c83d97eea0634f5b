/* bench: what malloc and free by one thread while a second one sleeps */
/* bench: allocators */
/* bench: cpus 1 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <unistd.h>

#include "../bench.h"

enum { IN_FLIGHT = 5000, LIVE = 10000, STEPS = 65536 };
static void *queue[IN_FLIGHT], *live[LIVE];

/* Drawn beforehand: two divisions and a generator took as long as a fifth of what is to be measured. */
static struct {
    uint16_t at, size;
} steps[STEPS];

static void draw(void)
{
    uint64_t state = 88172645463325252ull;
    for (int i = 0; i < STEPS; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        steps[i].at = (state >> 8) % LIVE;
        steps[i].size = 16 + (state >> 40) % 1009;
    }
}

static void *sleep_on(void *p)
{
    for (;;) pause();
    return p;
}

static inline void pair(size_t size)
{
    void *p = malloc(size);
    KEEP(p);
    free(p);
}

static inline void zeroed_pair(size_t size)
{
    void *p = calloc(1, size);
    KEEP(p);
    free(p);
}

static inline void in_turn(void)
{
    static unsigned at;
    free(queue[at]);
    queue[at] = malloc(64);
    KEEP(queue[at]);
    if (++at == IN_FLIGHT) at = 0;
}

static inline void at_random(void)
{
    static uint16_t step;
    unsigned at = steps[step].at;
    free(live[at]);
    live[at] = malloc(steps[step++].size);
    *(volatile char *)live[at] = 1;
}

int main(int argc, char **argv)
{
    pthread_t thread;
    if (pthread_create(&thread, 0, sleep_on, 0)) return 1;
    long n = scaled(3000000, argc, argv);
    draw();
    report("64 B pair", BEST_OF(7, n, pair(64)), "ns");
    report("4 KiB pair", BEST_OF(7, n / 4, pair(4096)), "ns");
    report("256 KiB pair", BEST_OF(7, n / 8, pair(256 << 10)), "ns");
    report("calloc 64 B pair", BEST_OF(7, n, zeroed_pair(64)), "ns");
    report("calloc 256 B pair", BEST_OF(7, n / 4, zeroed_pair(256)), "ns");
    report("64 B, 5000 in flight", BEST_OF(7, n, in_turn()), "ns");
    report("16-1024 B, 10000 live, random replace", BEST_OF(7, n, at_random()), "ns");
    return 0;
}
