/* rpmalloc wants every thread to introduce itself; `-include`d before a workload, this does it with the first block. */
#ifndef RPMALLOC_H
#define RPMALLOC_H

#include <stddef.h>

int rpmalloc_initialize(void);
void rpmalloc_thread_initialize(void);
void *rpmalloc(size_t size);
void *rpcalloc(size_t count, size_t size);
void *rprealloc(void *block, size_t size);
void rpfree(void *block);

static _Thread_local int introduced_;

__attribute__((constructor)) static void start_(void) { rpmalloc_initialize(); }

__attribute__((noinline, cold)) static void introduce_(void)
{
    rpmalloc_thread_initialize();
    introduced_ = 1;
}

static inline void known_(void)
{
    if (__builtin_expect(!introduced_, 0)) introduce_();
}

static inline void *bench_malloc(size_t size) { return known_(), rpmalloc(size); }
static inline void *bench_calloc(size_t count, size_t size) { return known_(), rpcalloc(count, size); }
static inline void *bench_realloc(void *block, size_t size) { return known_(), rprealloc(block, size); }
static inline void bench_free(void *block) { known_(), rpfree(block); }

/* The functions above stand before the renaming, the C library's declarations behind it. */
#include <stdlib.h>
#define malloc bench_malloc
#define calloc bench_calloc
#define realloc bench_realloc
#define free bench_free

#endif
