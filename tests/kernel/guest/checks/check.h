/* What the checks share: a thread block with a KTLS area, threads, vfork children, critical sections. */
#ifndef CHECK_H
#define CHECK_H

#include "../sys.h"

/* The kernel's user ABI. */
#define RSEQ_UNREGISTER 1
#define GET_KTLS_LAYOUT 2
#define SET_KTLS_OFFSET 4
#define SET_SIG 8
#define SET_KTLS_THREAD 16
#define CLONE_RSEQ_KTLS 0x400000000UL
#define RSEQ_SIZE 32
#define SIGNATURE 0x53053053u

struct layout {
	uint32_t size, alignment;
	uint64_t offset;
};

struct area {
	uint32_t cpu_id_start, cpu_id;
	uint64_t rseq_cs;
	uint32_t flags, node_id, mm_cid, padding;
	uint32_t tid;
	uint32_t behind[7];
} __attribute__((aligned(64)));

struct block {
	struct block *self; /* fs:0 */
	char room[184];
	struct area area;
};

#define OFFSET ((long)offsetof(struct block, area))

/* The running thread's area, found anew by each call. */
static inline volatile struct area *own(void)
{
	struct block *block;

	asm volatile("mov %%fs:0, %0" : "=r"(block));
	return &block->area;
}

static inline long gettid(void)
{
	return syscall(SYS_gettid);
}

static inline int tid_is_right(void)
{
	return own()->tid == gettid();
}

static inline long rseq(volatile void *area, long flags)
{
	return syscall(SYS_rseq, area, flags <= RSEQ_UNREGISTER ? RSEQ_SIZE : 0, flags, SIGNATURE);
}

/* Offset and signature, as a runtime does it first thing. */
long set_offset(long offset);
/* To one CPU, or to all with -1. */
void pin(int cpu);
int current_cpu(void);
void on_signal(int signal, void (*handler)(int));
/* Waits for a child of any kind; returns its status. */
int wait_for(long pid);

/* What a thread sees with its first instructions, and a place for more. */
struct thread {
	struct block block;
	char stack[16384] __attribute__((aligned(64)));
	volatile uint32_t alive; /* cleared by the kernel */
	volatile uint32_t tid_at_birth, cpu_at_birth;
	volatile long seen[8];
	void (*body)(struct thread *);
};

#define THREAD_FLAGS                                                                                  \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_SETTLS | \
	 CLONE_CHILD_CLEARTID)

/* Zeroes the structure; returns what clone3 returns. */
long start_thread(struct thread *thread, uint64_t flags, void (*body)(struct thread *));
/* The same on a block that holds something already. */
long start_thread_as_is(struct thread *thread, uint64_t flags, void (*body)(struct thread *));
void join(struct thread *thread);

#define VFORK (CLONE_VM | CLONE_VFORK)

/* Runs `child(argument)` as a clone child on a stack of its own; it ends with exit code 0 if it returns. */
long clone_on(char *stack_end, uint64_t flags, void (*child)(void *), void *argument);
/* The usual case: vfork, on a stack for one child at a time. */
long vfork_child(void (*child)(void *), void *argument);

/* Counts down in a restartable sequence; returns 1 if it was aborted, 0 if it committed. */
int counting_section(volatile struct area *area, long n);
#define LONG_SECTION 40000000

/* What a check needs of the kernel, or needs to be missing. */
enum {
	KTLS = 1,
	RSEQ = 2,
	MEMBARRIER = 4,
	TWO_CPUS = 8,
};

/* Returns a null pointer, or what did not hold. */
typedef const char *check_function(void);

struct check {
	const char *name;
	check_function *run;
	unsigned int with, without;
	int offset_set; /* before it starts */
};

#define REGISTERED .offset_set = 1
#define EXPECT(condition)           \
	do {                        \
		if (!(condition))   \
			return #condition; \
	} while (0)

/* One table per file, ended by an entry without a name. */
extern const struct check layout_checks[], thread_checks[], vfork_checks[], section_checks[], process_checks[],
	mainline_checks[];

#endif
