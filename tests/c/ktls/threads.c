/* Threads are born with their own TID and an open gate, and vfork and fork in them leave both right. */
/* harness: glibc no */
#define _GNU_SOURCE
#include <ktls.h>
#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS 8
#define SET_KTLS_THREAD 16

static unsigned first_gate;

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

/* As the first thread's; but shut where the kernel refuses a thread both CLONE_RSEQ_KTLS and SET_KTLS_THREAD. */
static int gate_is_right(void)
{
	int refused = strcmp(ktls_provider(), "ktls") == 0 && syscall(SYS_rseq, 0, 0, SET_KTLS_THREAD, 0) != 0;

	return (ktls_gate() != 0) == (first_gate != 0 && !refused);
}

static int right(void)
{
	return ktls_tid() == (unsigned)syscall(SYS_gettid);
}

static int status_of(pid_t pid)
{
	int status = -1;

	while (waitpid(pid, &status, 0) != pid)
		;
	return status;
}

/* In a vfork child; returns 0 if all is well. */
static int nested(void)
{
	volatile int in_grandchild = 0;
	pid_t grandchild = vfork();

	if (grandchild == 0) {
		in_grandchild = right();
		_exit(0);
	}
	return !(right() && status_of(grandchild) == 0 && in_grandchild);
}

static void *body(void *shared)
{
	unsigned tid = ktls_tid();

	expect(right(), "a thread has its TID");
	expect(gate_is_right(), "its gate is as the first thread's");
	for (int i = 0; i < 20; i++) {
		volatile int in_child = 0;
		pid_t child = vfork();
		if (child == 0) {
			in_child = right() && ktls_tid() != tid;
			_exit(0);
		}
		expect(right(), "after vfork a thread has its own TID");
		expect(gate_is_right(), "and its gate");
		expect(status_of(child) == 0 && in_child, "a thread's vfork child has its TID");
		child = vfork();
		if (child == 0)
			_exit(nested());
		expect(status_of(child) == 0, "so has a vfork child of that one, which leaves its parent's as it was");
		child = _Fork();
		if (child == 0)
			_exit(!(right() && gate_is_right()));
		expect(status_of(child) == 0, "a thread's fork child has its TID and gate");
		sched_yield();
	}
	expect(ktls_tid() == tid, "the TID does not change");
	return shared;
}

/* Twice: the second time on the blocks of threads that are gone. */
int main(void)
{
	pthread_t threads[THREADS];
	void *value;

	first_gate = ktls_gate();
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < THREADS; i++)
			expect(pthread_create(&threads[i], NULL, body, &threads[i]) == 0, "pthread_create");
		for (int i = 0; i < THREADS; i++)
			expect(pthread_join(threads[i], &value) == 0 && value == &threads[i], "pthread_join");
	}
	expect(right(), "the first thread still has its TID");
	return 0;
}
