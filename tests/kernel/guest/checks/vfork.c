/* The TID in a vfork child and, after it, in its parent. */
#include "check.h"

/* What children write: they share the memory. */
static volatile long seen[8];
static char inner_stack[16384] __attribute__((aligned(64)));
#define INNER_STACK (inner_stack + sizeof inner_stack)

enum ending { BY_EXIT, BY_EXEC, BY_SIGKILL };

static void end_by(void *ending)
{
	char *argv[] = {"checks", "--probe-after-exec", NULL}, *envp[] = {NULL};

	seen[0] = own()->tid;
	seen[1] = gettid();
	if ((long)ending == BY_EXEC)
		syscall(SYS_execve, "/proc/self/exe", argv, envp);
	if ((long)ending == BY_SIGKILL)
		syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
}

/* `tid` is read before anything else happens in the parent. */
static const char *child_and_parent(enum ending ending, int *status)
{
	long pid = vfork_child(end_by, (void *)ending);
	uint32_t tid = own()->tid;

	*status = wait_for(pid);
	EXPECT(seen[0] == pid && seen[1] == pid);
	EXPECT(tid == gettid());
	return NULL;
}

static const char *vfork_then_exit(void)
{
	int status;
	const char *wrong = child_and_parent(BY_EXIT, &status);

	EXPECT(status == 0);
	return wrong;
}

static const char *vfork_then_exec(void)
{
	int status;
	const char *wrong = child_and_parent(BY_EXEC, &status);

	EXPECT(status == 0);
	return wrong;
}

static const char *vfork_then_sigkill(void)
{
	int status;
	const char *wrong = child_and_parent(BY_SIGKILL, &status);

	EXPECT(TERM_SIGNAL(status) == SIGKILL);
	return wrong;
}

static void change_cpu(void *argument)
{
	(void)argument;
	seen[0] = own()->cpu_id;
	pin(1);
	seen[1] = own()->cpu_id;
	seen[2] = current_cpu();
}

static const char *vfork_child_migrates(void)
{
	uint32_t cpu;
	long pid;

	pin(0);
	pid = vfork_child(change_cpu, NULL);
	cpu = own()->cpu_id;
	wait_for(pid);
	EXPECT(seen[0] == 0 && seen[1] == 1 && seen[2] == 1);
	EXPECT(cpu == 0);
	return NULL;
}

static void nest(void *argument)
{
	long pid;

	(void)argument;
	seen[2] = tid_is_right();
	pid = clone_on(INNER_STACK, VFORK, end_by, (void *)BY_EXIT);
	seen[3] = tid_is_right();
	seen[4] = seen[0] == pid && seen[1] == pid;
	wait_for(pid);
}

static const char *vfork_nested(void)
{
	long pid = vfork_child(nest, NULL);
	uint32_t tid = own()->tid;

	wait_for(pid);
	EXPECT(seen[2] && seen[3] && seen[4]);
	EXPECT(tid == gettid());
	return NULL;
}

static void fork_inside(void *argument)
{
	long pid = syscall(SYS_fork);

	(void)argument;
	if (pid == 0)
		leave(!tid_is_right());
	seen[0] = wait_for(pid);
	seen[1] = tid_is_right();
}

static const char *fork_in_vfork_child(void)
{
	seen[0] = -1;
	wait_for(vfork_child(fork_inside, NULL));
	EXPECT(seen[0] == 0 && seen[1]);
	EXPECT(tid_is_right());
	return NULL;
}

static void vfork_here(struct thread *self)
{
	long pid = clone_on(INNER_STACK, VFORK, end_by, (void *)BY_EXIT);

	self->seen[0] = own()->tid;
	self->seen[1] = pid;
	wait_for(pid);
}

static const char *vfork_in_thread(void)
{
	static struct thread thread;
	long tid = start_thread(&thread, THREAD_FLAGS | CLONE_RSEQ_KTLS, vfork_here);

	join(&thread);
	EXPECT(seen[0] == thread.seen[1] && seen[1] == thread.seen[1]);
	EXPECT(thread.seen[0] == tid);
	EXPECT(tid_is_right());
	return NULL;
}

static void poison_cpu(void *argument)
{
	(void)argument;
	own()->cpu_id = 777;
}

/* The child is often gone before the parent goes to sleep. */
static const char *vfork_many_times(void)
{
	for (int i = 0; i < 1000; i++) {
		long pid = vfork_child(poison_cpu, NULL);
		uint32_t tid = own()->tid, cpu = own()->cpu_id;

		wait_for(pid);
		EXPECT(tid == gettid());
		EXPECT(cpu != 777);
	}
	return NULL;
}

static volatile int handled, right_in_handler;

static void handler(int signal)
{
	(void)signal;
	right_in_handler = tid_is_right();
	handled++;
}

static void linger(void *argument)
{
	(void)argument;
	sleep_ms(80);
	seen[0] = tid_is_right();
}

/* The handler runs when the parent resumes, before any code of its own. */
static const char *signal_to_suspended_parent(void)
{
	long self = gettid(), sender, pid;

	on_signal(SIGUSR1, handler);
	sender = syscall(SYS_fork);
	if (sender == 0) {
		sleep_ms(30);
		syscall(SYS_kill, self, SIGUSR1);
		leave(0);
	}
	pid = vfork_child(linger, NULL);
	wait_for(pid);
	wait_for(sender);
	EXPECT(seen[0]);
	EXPECT(handled == 1 && right_in_handler);
	return NULL;
}

const struct check vfork_checks[] = {
	{"vfork-then-exit", vfork_then_exit, .with = KTLS, REGISTERED},
	{"vfork-then-exec", vfork_then_exec, .with = KTLS, REGISTERED},
	{"vfork-then-sigkill", vfork_then_sigkill, .with = KTLS, REGISTERED},
	{"vfork-child-migrates", vfork_child_migrates, .with = KTLS | TWO_CPUS, REGISTERED},
	{"vfork-nested", vfork_nested, .with = KTLS, REGISTERED},
	{"fork-in-vfork-child", fork_in_vfork_child, .with = KTLS, REGISTERED},
	{"vfork-in-thread", vfork_in_thread, .with = KTLS, REGISTERED},
	{"vfork-many-times", vfork_many_times, .with = KTLS, REGISTERED},
	{"signal-to-suspended-parent", signal_to_suspended_parent, .with = KTLS, REGISTERED},
	{0},
};
