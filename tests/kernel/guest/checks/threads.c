/* clone3 with CLONE_RSEQ_KTLS: threads that are born with their area set. */
#include "check.h"

static struct thread thread;

static void record_gettid(struct thread *self)
{
	self->seen[0] = gettid();
}

static const char *thread_born_registered(void)
{
	long tid = start_thread(&thread, THREAD_FLAGS | CLONE_RSEQ_KTLS, record_gettid);

	EXPECT(tid > 0);
	join(&thread);
	EXPECT(thread.tid_at_birth == tid && thread.seen[0] == tid);
	EXPECT((int)thread.cpu_at_birth >= 0);
	return NULL;
}

static void migrate(struct thread *self)
{
	for (int cpu = 0; cpu < 2; cpu++) {
		pin(cpu);
		self->seen[cpu] = own()->cpu_id;
	}
}

static const char *thread_follows_migration(void)
{
	EXPECT(start_thread(&thread, THREAD_FLAGS | CLONE_RSEQ_KTLS, migrate) > 0);
	join(&thread);
	EXPECT(thread.seen[0] == 0 && thread.seen[1] == 1);
	return NULL;
}

/* Memory of an earlier thread may hold the address of a descriptor that is gone. */
static const char *thread_with_stale_descriptor(void)
{
	thread.block.area.rseq_cs = 0xdead0;
	EXPECT(start_thread_as_is(&thread, THREAD_FLAGS | CLONE_RSEQ_KTLS, record_gettid) > 0);
	join(&thread);
	EXPECT(thread.seen[0] == thread.tid_at_birth);
	EXPECT(thread.block.area.rseq_cs == 0);
	return NULL;
}

static void join_ktls(struct thread *self)
{
	self->seen[0] = rseq(0, SET_KTLS_THREAD);
	self->seen[1] = tid_is_right() && (int)own()->cpu_id >= 0;
	self->seen[2] = rseq(0, SET_KTLS_THREAD);
	self->seen[3] = 1;
}

static const char *thread_joins_later(void)
{
	EXPECT(start_thread(&thread, THREAD_FLAGS, join_ktls) > 0);
	join(&thread);
	EXPECT(thread.tid_at_birth == 0 && (int)thread.cpu_at_birth == -1);
	EXPECT(thread.seen[0] == 0 && thread.seen[1] == 1);
	EXPECT(thread.seen[2] == 0 && thread.seen[3] == 1);
	return NULL;
}

static void register_plainly(struct thread *self)
{
	self->seen[0] = rseq(own(), 0);
}

static const char *thread_registers_plainly(void)
{
	EXPECT(start_thread(&thread, THREAD_FLAGS | CLONE_RSEQ_KTLS, register_plainly) > 0);
	join(&thread);
	EXPECT(thread.seen[0] == -EBUSY);
	return NULL;
}

static const char *clone_without_offset(void)
{
	EXPECT(start_thread(&thread, THREAD_FLAGS | CLONE_RSEQ_KTLS, record_gettid) == -EINVAL);
	EXPECT(rseq(0, SET_KTLS_THREAD) == -EFAULT);
	return NULL;
}

static const char *clone_invalid(void)
{
	struct clone_args process = {.flags = CLONE_RSEQ_KTLS, .exit_signal = SIGCHLD};
	struct clone_args misaligned = {
		.flags = THREAD_FLAGS | CLONE_RSEQ_KTLS,
		.stack = (uint64_t)thread.stack,
		.stack_size = sizeof thread.stack,
		.tls = (uint64_t)&thread.block + 8,
	};
	long r = syscall(SYS_clone3, &process, sizeof process);

	if (r == 0)
		leave(0);
	EXPECT(r == -EINVAL);
	EXPECT(syscall(SYS_clone3, &misaligned, sizeof misaligned) == -EINVAL);
	EXPECT(start_thread(&thread, (THREAD_FLAGS | CLONE_RSEQ_KTLS) & ~CLONE_SETTLS, record_gettid) == -EINVAL);
	return NULL;
}

const struct check thread_checks[] = {
	{"thread-born-registered", thread_born_registered, .with = KTLS, REGISTERED},
	{"thread-follows-migration", thread_follows_migration, .with = KTLS | TWO_CPUS, REGISTERED},
	{"thread-with-stale-descriptor", thread_with_stale_descriptor, .with = KTLS, REGISTERED},
	{"thread-joins-later", thread_joins_later, .with = KTLS, REGISTERED},
	{"thread-registers-plainly", thread_registers_plainly, .with = KTLS, REGISTERED},
	{"clone-without-offset", clone_without_offset, .with = KTLS},
	{"clone-invalid", clone_invalid, .with = KTLS, REGISTERED},
	{0},
};
