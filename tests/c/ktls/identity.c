/* The TID in the block is right in the parent and in vfork, nested vfork and fork children, on every kernel. */
/* harness: glibc no */
#define _GNU_SOURCE
#include <ktls.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int right(void)
{
	return ktls_tid() == (unsigned)syscall(SYS_gettid);
}

#pragma GCC diagnostic ignored "-Wunused-result"
static void expect(int condition, const char *what)
{
	if (condition)
		return;
	write(2, "not so: ", 8);
	write(2, what, strlen(what));
	write(2, "\n", 1);
	_exit(1);
}

static int status_of(pid_t pid)
{
	int status = -1;

	while (waitpid(pid, &status, 0) != pid)
		;
	return status;
}

static volatile int in_child, in_grandchild, back_in_child;

static void nested(void)
{
	pid_t child = vfork();

	if (child == 0) {
		in_child = right();
		pid_t grandchild = vfork();
		if (grandchild == 0) {
			in_grandchild = right() && (ktls_flags() & 1);
			_exit(0);
		}
		back_in_child = right();
		_exit(status_of(grandchild));
	}
	expect(right(), "after vfork the parent has its own TID");
	expect(status_of(child) == 0, "the children end well");
	expect(in_child, "a vfork child has its own TID");
	expect(in_grandchild, "so has its own vfork child");
	expect(back_in_child, "and then the child again");
}

static void killed(void)
{
	pid_t child = vfork();

	if (child == 0) {
		kill(getpid(), SIGKILL);
		_exit(1);
	}
	expect(right(), "after its vfork child was killed the parent has its own TID");
	expect(WTERMSIG(status_of(child)) == SIGKILL, "SIGKILL");
}

static void executed(const char *self)
{
	char *argv[] = {(char *)self, "after-exec", NULL}, *envp[] = {NULL};
	pid_t child = vfork();

	if (child == 0) {
		syscall(SYS_execve, self, argv, envp);
		_exit(127);
	}
	expect(right(), "after its vfork child executed a program the parent has its own TID");
	expect(status_of(child) == 0, "the new program has its own TID");
}

static void forked(void)
{
	unsigned parent = ktls_tid();
	pid_t child = _Fork();

	if (child == 0) {
		expect(right() && ktls_tid() != parent, "a fork child has its own TID");
		nested();
		_exit(0);
	}
	expect(right(), "after fork the parent has its own TID");
	expect(status_of(child) == 0, "the fork child ends well");
}

static volatile int fork_in_child;

static void forked_in_vfork_child(void)
{
	pid_t child = vfork();

	if (child == 0) {
		pid_t grandchild = _Fork();
		if (grandchild == 0)
			_exit(!(right() && !(ktls_flags() & 1)));
		fork_in_child = right();
		_exit(status_of(grandchild) != 0);
	}
	expect(right(), "after vfork and fork in the child the parent has its own TID");
	expect(status_of(child) == 0 && fork_in_child, "fork in a vfork child");
}

int main(int argc, char **argv)
{
	(void)argv;
	expect(right(), "the first thread has its TID");
	if (argc > 1)
		return 0;
	for (int i = 0; i < 100; i++) {
		nested();
		killed();
	}
	executed("/proc/self/exe");
	forked();
	forked_in_vfork_child();
	return 0;
}
