/* For programs that count what one CPU keeps: where there is no mm_cid, each CPU that they come to has lists of its own. */
#ifndef ONE_CPU_H
#define ONE_CPU_H

#define _GNU_SOURCE
#include <sched.h>

/* Keeps the calling thread on one CPU. Returns 0, or -1 with errno. */
static inline int stay(void)
{
    cpu_set_t allowed, one;
    sched_getaffinity(0, sizeof allowed, &allowed);
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &allowed)) {
            CPU_ZERO(&one);
            CPU_SET(cpu, &one);
            return sched_setaffinity(0, sizeof one, &one);
        }
    return -1;
}

#endif
