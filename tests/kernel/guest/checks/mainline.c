/* Kernels without KTLS, without rseq, without membarrier: what a runtime falls back to holds. */
#include "check.h"

static struct thread thread;
static volatile long seen[2];
static volatile uint32_t tid_word;

static const char *rseq_registers(void)
{
	EXPECT(rseq(own(), 0) == 0);
	EXPECT((int)own()->cpu_id >= 0);
	EXPECT(rseq(own(), 0) == -EBUSY);
	EXPECT(rseq(own(), RSEQ_UNREGISTER) == 0);
	EXPECT((int)own()->cpu_id == -1);
	return NULL;
}

static const char *ktls_flags_refused(void)
{
	long offset = OFFSET;

	EXPECT(rseq(&offset, GET_KTLS_LAYOUT) == -EINVAL);
	EXPECT(rseq(&offset, SET_KTLS_OFFSET) == -EINVAL);
	EXPECT(rseq(0, SET_SIG) == -EINVAL);
	EXPECT(rseq(0, SET_KTLS_THREAD) == -EINVAL);
	return NULL;
}

static const char *rseq_missing(void)
{
	EXPECT(rseq(own(), 0) == -ENOSYS);
	EXPECT(rseq(own(), GET_KTLS_LAYOUT) == -ENOSYS);
	EXPECT((int)own()->cpu_id == -1);
	return NULL;
}

static const char *clone_flag_refused(void)
{
	EXPECT(start_thread(&thread, THREAD_FLAGS | CLONE_RSEQ_KTLS, NULL) == -EINVAL);
	EXPECT(start_thread(&thread, THREAD_FLAGS, NULL) > 0);
	join(&thread);
	return NULL;
}

static void try_to_unregister(void *argument)
{
	(void)argument;
	seen[0] = rseq(own(), RSEQ_UNREGISTER);
}

static const char *vfork_child_unregistered(void)
{
	EXPECT(rseq(own(), 0) == 0);
	wait_for(vfork_child(try_to_unregister, NULL));
	EXPECT(seen[0] == -EINVAL);
	EXPECT(rseq(own(), RSEQ_UNREGISTER) == 0);
	return NULL;
}

/* CLONE_CHILD_SETTID: right in the child, and left behind in the parent. */
static const char *vfork_child_settid(void)
{
	long pid, self = gettid();

	tid_word = self;
	asm volatile("mov %[word], %%r10\n"
		     "	syscall\n"
		     "	test %%rax, %%rax\n"
		     "	jnz 1f\n"
		     "	mov (%%r10), %%eax\n"
		     "	mov %%rax, (%[seen])\n"
		     "	mov $60, %%eax\n"
		     "	xor %%edi, %%edi\n"
		     "	syscall\n"
		     "1:"
		     : "=a"(pid)
		     : "0"((long)SYS_clone), "D"((long)VFORK | CLONE_CHILD_SETTID | SIGCHLD), "S"(0L), "d"(0L),
		       [word] "r"(&tid_word), [seen] "r"(&seen[0])
		     : "rcx", "r10", "r11", "memory");
	wait_for(pid);
	EXPECT(seen[0] == pid);
	EXPECT(tid_word == pid);
	return NULL;
}

static const char *membarrier_registers(void)
{
	EXPECT(syscall(SYS_membarrier, 1 << 4 /* REGISTER_PRIVATE_EXPEDITED */, 0, 0) == 0);
	EXPECT(syscall(SYS_membarrier, 1 << 3 /* PRIVATE_EXPEDITED */, 0, 0) == 0);
	return NULL;
}

static const char *membarrier_rseq_registers(void)
{
	EXPECT(syscall(SYS_membarrier, 1 << 7 /* PRIVATE_EXPEDITED_RSEQ */, 0, 0) == -EPERM);
	EXPECT(syscall(SYS_membarrier, 1 << 8 /* REGISTER_PRIVATE_EXPEDITED_RSEQ */, 0, 0) == 0);
	EXPECT(syscall(SYS_membarrier, 1 << 7, 0, 0) == 0);
	return NULL;
}

static const char *membarrier_without_rseq(void)
{
	EXPECT(syscall(SYS_membarrier, 1 << 8, 0, 0) == -EINVAL);
	return NULL;
}

static const char *membarrier_missing(void)
{
	EXPECT(syscall(SYS_membarrier, 0, 0, 0) == -ENOSYS);
	return NULL;
}

const struct check mainline_checks[] = {
	{"mainline-rseq-registers", rseq_registers, .with = RSEQ},
	{"mainline-ktls-flags-refused", ktls_flags_refused, .with = RSEQ, .without = KTLS},
	{"mainline-clone-flag-refused", clone_flag_refused, .without = KTLS},
	{"mainline-vfork-child-unregistered", vfork_child_unregistered, .with = RSEQ, .without = KTLS},
	{"mainline-vfork-child-settid", vfork_child_settid},
	{"rseq-missing", rseq_missing, .without = RSEQ},
	{"membarrier-registers", membarrier_registers, .with = MEMBARRIER},
	{"membarrier-rseq-registers", membarrier_rseq_registers, .with = MEMBARRIER | RSEQ},
	{"membarrier-without-rseq", membarrier_without_rseq, .with = MEMBARRIER, .without = RSEQ},
	{"membarrier-missing", membarrier_missing, .without = MEMBARRIER},
	{0},
};
