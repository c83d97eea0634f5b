/* <ktls.h>: the block that a thread, Tidal and the kernel share, at one fixed offset from the thread pointer.
 *
 * Functions answer for the kernel that the program runs on; the inline accessors read the running thread's own fields
 * with one or two instructions. A field that this block or this kernel lacks has offset -1 and size 0.
 */
#ifndef KTLS_H
#define KTLS_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum ktls_field {
    KTLS_ERRNO = 0,    /* int: C's errno */
    KTLS_TID = 1,      /* unsigned: the kernel's name for the running task, in a vfork child too */
    KTLS_LOCK_ID = 2,  /* unsigned: what private locks call the thread of control */
    KTLS_GATE = 3,     /* unsigned: nonzero while the kernel protects restartable sequences */
    KTLS_FLAGS = 4,    /* unsigned: bit 0, the running task is a vfork child */
    KTLS_ROBUST = 5,   /* struct robust_list_head */
    KTLS_RSEQ = 6,     /* struct rseq, sized by the kernel */
    KTLS_CPU_ID = 7,   /* unsigned: the CPU; valid while the gate is open */
    KTLS_NODE_ID = 8,  /* unsigned: the NUMA node */
    KTLS_MM_CID = 9    /* unsigned: concurrency id, below the number of threads and of CPUs */
};

/* Version of the layout; fields are only ever added. */
unsigned ktls_version(void);
/* Size of the block in bytes, and its offset from the thread pointer. */
size_t ktls_size(void);
ptrdiff_t ktls_offset(void);
/* Offset of a field from the thread pointer, and its size, in bytes. */
ptrdiff_t ktls_field_offset(int field);
size_t ktls_field_size(int field);
/* Who maintains the block: "mainline" or "ktls". */
const char *ktls_provider(void);
/* Why a kernel's KTLS is not used; null if it has none, or if it is. */
const char *ktls_declined(void);

/* Offsets from the thread pointer in version 1. The TID's depends on the kernel. */
#define KTLS_OFFSET_ERRNO 0x80
#define KTLS_OFFSET_LOCK_ID 0x88
#define KTLS_OFFSET_GATE 0x8c
#define KTLS_OFFSET_FLAGS 0x90
#define KTLS_OFFSET_RSEQ 0x400

extern const ptrdiff_t __ktls_tid_offset;

static __inline__ unsigned ktls__load(ptrdiff_t offset)
{
    unsigned value;
    __asm__ volatile("movl %%fs:(%1), %0" : "=r"(value) : "r"(offset) : "memory");
    return value;
}

static __inline__ unsigned ktls_tid(void) { return ktls__load(__ktls_tid_offset); }
static __inline__ unsigned ktls_lock_id(void) { return ktls__load(KTLS_OFFSET_LOCK_ID); }
static __inline__ unsigned ktls_gate(void) { return ktls__load(KTLS_OFFSET_GATE); }
static __inline__ unsigned ktls_flags(void) { return ktls__load(KTLS_OFFSET_FLAGS); }
/* The CPU that the thread runs on; -1 while the gate is shut. */
static __inline__ int ktls_cpu(void) { return ktls_gate() ? (int)ktls__load(KTLS_OFFSET_RSEQ + 4) : -1; }

/* The thread's NUMA node and concurrency id; -1 also where the kernel keeps none. */
static __inline__ int ktls__field(int field)
{
    ptrdiff_t offset = ktls_field_offset(field);
    return ktls_gate() && offset >= 0 ? (int)ktls__load(offset) : -1;
}
static __inline__ int ktls_node(void) { return ktls__field(KTLS_NODE_ID); }
static __inline__ int ktls_mm_cid(void) { return ktls__field(KTLS_MM_CID); }

#ifdef __cplusplus
}
#endif
#endif
