/* For programs that look whether idle memory goes back to the kernel: it is to do so soon, and they see it. */
#ifndef IDLE_H
#define IDLE_H

#define _GNU_SOURCE
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PAGE = 4096 };

/* Begins the program anew with a decay of one millisecond, unless it has been. */
static inline void decay_soon(int argc, char **argv)
{
    if (argc > 1)
        return;
    char *arguments[] = { argv[0], "again", 0 }, *environment[] = { "TIDAL_MALLOC=decay=1", 0 };
    execve("/proc/self/exe", arguments, environment);
    _exit(99);
}

/* Pages that lie wholly between two addresses and of which memory is there. */
static inline int resident(const char *from, const char *to)
{
    int pages = 0;
    uintptr_t page = ((uintptr_t)from + PAGE - 1) / PAGE * PAGE;
    for (; page + PAGE <= (uintptr_t)to; page += PAGE) {
        unsigned char there = 0;
        /* Pages that are not mapped any more are an error. */
        if (mincore((void *)page, PAGE, &there) == 0)
            pages += there & 1;
    }
    return pages;
}

#endif
