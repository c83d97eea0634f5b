/* fork, clone, exec, namespaces and ptrace of a process that has an offset. */
#include "check.h"

static volatile long seen[4];
static struct thread thread;

static int fork_child_is_right(long parent)
{
	struct layout layout;
	long offset = OFFSET, tid;

	if (!tid_is_right() || own()->tid == parent)
		return 0;
	if (rseq(&layout, GET_KTLS_LAYOUT) != 0 || (long)layout.offset != OFFSET)
		return 0;
	if (rseq(&offset, SET_KTLS_OFFSET) != -EBUSY)
		return 0;
	tid = start_thread(&thread, THREAD_FLAGS | CLONE_RSEQ_KTLS, NULL);
	join(&thread);
	return tid > 0 && thread.tid_at_birth == tid;
}

static const char *fork_child(void)
{
	long parent = gettid(), pid = syscall(SYS_fork);

	if (pid == 0)
		leave(!fork_child_is_right(parent));
	EXPECT(wait_for(pid) == 0);
	EXPECT(tid_is_right());
	return NULL;
}

static const char *fork_into_pid_namespace(void)
{
	long pid;

	EXPECT(syscall(SYS_unshare, CLONE_NEWPID) == 0);
	pid = syscall(SYS_fork);
	if (pid == 0)
		leave(!(own()->tid == 1 && tid_is_right()));
	EXPECT(wait_for(pid) == 0);
	EXPECT(tid_is_right());
	return NULL;
}

static void look(void *argument)
{
	(void)argument;
	seen[0] = own()->tid;
	seen[1] = gettid();
	seen[2] = rseq(own(), RSEQ_UNREGISTER);
	seen[3] = 1;
}

/* Two tasks that run at once must not share an area. */
static const char *clone_vm_unregistered(void)
{
	static char stack[16384] __attribute__((aligned(64)));
	long self = gettid(), pid = clone_on(stack + sizeof stack, CLONE_VM, look, NULL);

	wait_for(pid);
	EXPECT(seen[3] == 1 && seen[1] == pid);
	EXPECT(seen[0] == self);
	EXPECT(seen[2] == -EINVAL);
	EXPECT(tid_is_right());
	return NULL;
}

static const char *exec_resets(void)
{
	char *argv[] = {"checks", "--probe-after-exec", NULL}, *envp[] = {NULL};
	long pid = syscall(SYS_fork);

	if (pid == 0) {
		syscall(SYS_execve, "/proc/self/exe", argv, envp);
		leave(2);
	}
	EXPECT(wait_for(pid) == 0);
	return NULL;
}

static const char *ptrace_shows_area(void)
{
	struct {
		uint64_t pointer;
		uint32_t size, signature, flags, padding;
	} configuration = {0};
	long pid = syscall(SYS_fork), r;

	if (pid == 0) {
		syscall(SYS_ptrace, 0 /* PTRACE_TRACEME */, 0, 0, 0);
		syscall(SYS_kill, syscall(SYS_getpid), SIGSTOP);
		leave(0);
	}
	wait_for(pid);
	r = syscall(SYS_ptrace, 0x420f /* PTRACE_GET_RSEQ_CONFIGURATION */, pid, sizeof configuration, &configuration);
	syscall(SYS_kill, pid, SIGKILL);
	wait_for(pid);
	EXPECT(r > 0);
	EXPECT(configuration.pointer == (uint64_t)own());
	EXPECT(configuration.signature == SIGNATURE);
	return NULL;
}

const struct check process_checks[] = {
	{"fork-child", fork_child, .with = KTLS, REGISTERED},
	{"fork-into-pid-namespace", fork_into_pid_namespace, .with = KTLS, REGISTERED},
	{"clone-vm-unregistered", clone_vm_unregistered, .with = KTLS, REGISTERED},
	{"exec-resets", exec_resets, .with = KTLS, REGISTERED},
	{"ptrace-shows-area", ptrace_shows_area, .with = KTLS, REGISTERED},
	{0},
};
