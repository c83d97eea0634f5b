/* Critical sections: aborted in a vfork child by whatever would abort them in its parent. */
#include "check.h"

#define MEMBARRIER_RSEQ (1 << 7)
#define MEMBARRIER_REGISTER_RSEQ (1 << 8)

static volatile long aborted;
static struct thread thread;

static void ignore(int signal)
{
	(void)signal;
}

static void section_under_timer(void *argument)
{
	struct {
		long interval[2], value[2];
	} timer = {{0, 0}, {0, 20000}};

	(void)argument;
	syscall(SYS_setitimer, 0 /* ITIMER_REAL */, &timer, 0);
	aborted = counting_section(own(), LONG_SECTION);
}

/* Without vfork, on any kernel with rseq: a check on the section itself. */
static const char *section_aborted_by_signal(void)
{
	on_signal(SIGALRM, ignore);
	EXPECT(rseq(own(), 0) == 0);
	section_under_timer(NULL);
	EXPECT(aborted == 1);
	EXPECT(counting_section(own(), 1) == 0);
	return NULL;
}

static const char *vfork_section_aborted_by_signal(void)
{
	on_signal(SIGALRM, ignore);
	wait_for(vfork_child(section_under_timer, NULL));
	EXPECT(aborted == 1);
	EXPECT(tid_is_right());
	return NULL;
}

static void section_on_first_cpu(void *argument)
{
	(void)argument;
	pin(0);
	aborted = counting_section(own(), LONG_SECTION);
	thread.seen[0] = 1;
}

static void compete(struct thread *self)
{
	pin(0);
	while (!self->seen[0])
		asm volatile("pause");
}

static const char *vfork_section_aborted_by_preemption(void)
{
	EXPECT(start_thread(&thread, THREAD_FLAGS | CLONE_RSEQ_KTLS, compete) > 0);
	wait_for(vfork_child(section_on_first_cpu, NULL));
	thread.seen[0] = 1;
	join(&thread);
	EXPECT(aborted == 1);
	return NULL;
}

static void fence(struct thread *self)
{
	pin(1);
	while (!self->seen[0]) {
		sleep_ms(5);
		if (syscall(SYS_membarrier, MEMBARRIER_RSEQ, 0, 0) != 0)
			self->seen[1] = 1;
	}
}

static const char *vfork_section_aborted_by_membarrier(void)
{
	EXPECT(syscall(SYS_membarrier, MEMBARRIER_REGISTER_RSEQ, 0, 0) == 0);
	EXPECT(start_thread(&thread, THREAD_FLAGS | CLONE_RSEQ_KTLS, fence) > 0);
	wait_for(vfork_child(section_on_first_cpu, NULL));
	thread.seen[0] = 1;
	join(&thread);
	EXPECT(thread.seen[1] == 0);
	EXPECT(aborted == 1);
	return NULL;
}

/* Mainline: the child is unregistered and commits, whatever interrupts it. */
static const char *vfork_section_unprotected(void)
{
	on_signal(SIGALRM, ignore);
	EXPECT(rseq(own(), 0) == 0);
	aborted = -1;
	wait_for(vfork_child(section_under_timer, NULL));
	EXPECT(aborted == 0);
	return NULL;
}

const struct check section_checks[] = {
	{"section-aborted-by-signal", section_aborted_by_signal, .with = RSEQ},
	{"vfork-section-aborted-by-signal", vfork_section_aborted_by_signal, .with = KTLS, REGISTERED},
	{"vfork-section-aborted-by-preemption", vfork_section_aborted_by_preemption, .with = KTLS, REGISTERED},
	{"vfork-section-aborted-by-membarrier", vfork_section_aborted_by_membarrier,
	 .with = KTLS | MEMBARRIER | TWO_CPUS, REGISTERED},
	{"vfork-section-unprotected", vfork_section_unprotected, .with = RSEQ, .without = KTLS},
	{0},
};
