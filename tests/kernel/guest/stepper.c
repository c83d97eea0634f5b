/*
 * stepper VICTIM EVERY MOST: kills vfork children of VICTIM (tests/vfork/kill/victim.c) after 0, EVERY, 2 * EVERY, ...
 * instructions, at most MOST, of each thing that a child does there. After each its parent must come back with another
 * child, which it does only when it and its second thread have used heap, streams and mutex.
 *
 * A stop is a preemption, so where the kernel protects a vfork child's restartable sequences it would restart one at each
 * step. While stepping, the child's sequence is hidden from the kernel, which is right where nobody else runs: the parent
 * is suspended and its second thread sleeps. A child that is killed inside a sequence gets it back before. In scenarios
 * in which a third thread wants what the child has, nothing is hidden, and on such a kernel they are not stepped far.
 */
#include "sys.h"

#include <linux/rseq.h>

#include "../../../libc/include/ktls.h"

enum {
	PTRACE_PEEKDATA = 2,
	PTRACE_POKEDATA = 5,
	PTRACE_CONT = 7,
	PTRACE_SINGLESTEP = 9,
	PTRACE_GETREGS = 12,
	PTRACE_DETACH = 17,
	PTRACE_GETEVENTMSG = 0x4201,
	PTRACE_GETSIGINFO = 0x4202,
	PTRACE_SEIZE = 0x4206,
};

#define TRACE_VFORK 4
#define KILL_ON_EXIT 0x100000
#define EVENT_VFORK 2
#define WAIT_ALL 0x40000000 /* __WALL */
/* How long a parent may take: so many looks in quick succession, then so many with a nap of a millisecond before each. */
#define QUICK_LOOKS 2000
#define NAPS 20000

static const char *victim_path;

struct victim {
	long pid;
	int to, from;
};

static int stopped_by(int status)
{
	return (status & 0xff) == 0x7f ? status >> 8 & 0xff : 0;
}

static int event(int status)
{
	return status >> 16;
}

static long trace(long request, long pid, long data)
{
	return syscall(SYS_ptrace, request, pid, 0, data);
}

/* Of struct user_regs_struct. */
enum { RIP = 16, FS_BASE = 21, REGISTERS = 27 };

/* The child's restartable sequence, taken from its rseq area: where that names it, and what it was. */
struct section {
	long where;
	unsigned long start, length, descriptor;
};

static unsigned long peek(long child, unsigned long address)
{
	unsigned long word = 0;

	syscall(SYS_ptrace, PTRACE_PEEKDATA, child, address, &word);
	return word;
}

static unsigned long instruction(long child)
{
	unsigned long registers[REGISTERS] = {0};

	trace(PTRACE_GETREGS, child, (long)registers);
	return registers[RIP];
}

static struct section find_sections(long child)
{
	unsigned long registers[REGISTERS] = {0};

	trace(PTRACE_GETREGS, child, (long)registers);
	return (struct section){.where = registers[FS_BASE] + KTLS_OFFSET_RSEQ + offsetof(struct rseq, rseq_cs)};
}

static void hide(long child, struct section *section)
{
	unsigned long descriptor = peek(child, section->where);

	if (descriptor == 0)
		return;
	section->descriptor = descriptor;
	section->start = peek(child, descriptor + offsetof(struct rseq_cs, start_ip));
	section->length = peek(child, descriptor + offsetof(struct rseq_cs, post_commit_offset));
	syscall(SYS_ptrace, PTRACE_POKEDATA, child, section->where, 0);
}

static void give_back(long child, const struct section *section)
{
	if (section->descriptor != 0 && instruction(child) - section->start < section->length)
		syscall(SYS_ptrace, PTRACE_POKEDATA, child, section->where, section->descriptor);
}

/* Starts the victim with an argument, or none; its standard input and output are pipes. */
static struct victim start(const char *argument)
{
	char *argv[] = {(char *)victim_path, (char *)argument, NULL}, *envp[] = {NULL};
	int in[2], out[2];
	struct victim victim;

	syscall(SYS_pipe, in);
	syscall(SYS_pipe, out);
	victim.pid = syscall(SYS_fork);
	if (victim.pid == 0) {
		syscall(SYS_dup2, in[0], 0);
		syscall(SYS_dup2, out[1], 1);
		for (int fd = 3; fd < 16; fd++)
			syscall(SYS_close, fd);
		syscall(SYS_execve, victim_path, argv, envp);
		leave(127);
	}
	syscall(SYS_close, in[0]);
	syscall(SYS_close, out[1]);
	victim.to = in[1];
	victim.from = out[0];
	return victim;
}

static void end(struct victim *victim)
{
	syscall(SYS_kill, victim->pid, SIGKILL);
	syscall(SYS_wait4, victim->pid, 0, WAIT_ALL, 0);
	syscall(SYS_close, victim->to);
	syscall(SYS_close, victim->from);
}

/* Lets the parent go on until it has a child, which is stopped; 0 if it ends or hangs. */
static long next_child(struct victim *victim)
{
	long looks = 0, child;
	int status, signal;

	for (;;) {
		long got = syscall(SYS_wait4, victim->pid, &status, 1 /* WNOHANG */ | WAIT_ALL, 0);

		if (got == 0 && looks++ < QUICK_LOOKS + NAPS) {
			if (looks < QUICK_LOOKS)
				syscall(SYS_sched_yield);
			else
				sleep_ms(1);
			continue;
		}
		signal = got == victim->pid ? stopped_by(status) : 0;
		if (signal == 0) {
			print(got == 0 ? "hangs\n" : "ended\n", NULL);
			return 0;
		}
		if (event(status) != EVENT_VFORK) {
			trace(PTRACE_CONT, victim->pid, event(status) ? 0 : signal);
			continue;
		}
		trace(PTRACE_GETEVENTMSG, victim->pid, (long)&child);
		trace(PTRACE_CONT, victim->pid, 0);
		syscall(SYS_wait4, child, &status, WAIT_ALL, 0);
		return child;
	}
}

/* Where a child came to: where it was wanted, to its end before, or by what was left to it to an end that it did not want. */
enum place { THERE, ENDED, CRASHED };

/* Waits for the child, which goes on by `request` where it stops for another reason than that; its own vfork children are
 * let go. Returns where it is. */
static enum place wait_for_trap(long child, long request)
{
	int status, signal;
	long grandchild;

	for (;;) {
		if (syscall(SYS_wait4, child, &status, WAIT_ALL, 0) != child)
			return ENDED;
		signal = stopped_by(status);
		if (signal == 0) {
			/* A signal, or the exit status of a check that failed in the victim. */
			return (status & 0x7f) != 0 || (status >> 8 & 0xff) == 1 ? CRASHED : ENDED;
		} else if (event(status) == EVENT_VFORK) {
			trace(PTRACE_GETEVENTMSG, child, (long)&grandchild);
			syscall(SYS_wait4, grandchild, &status, WAIT_ALL, 0);
			trace(PTRACE_DETACH, grandchild, 0);
			trace(request, child, 0);
		} else if (signal != SIGTRAP) {
			trace(request, child, signal);
		} else {
			return THERE;
		}
	}
}

/* Whether the stop is by a breakpoint instruction. */
static int at_breakpoint(long child)
{
	int information[32];

	return trace(PTRACE_GETSIGINFO, child, (long)information) == 0 && information[2] == 0x80 /* SI_KERNEL */;
}

/* Leads the child so many instructions on. */
static enum place step(long child, int from_breakpoint, int alone, long instructions)
{
	struct section section;
	enum place place = THERE;

	if (from_breakpoint) {
		trace(PTRACE_CONT, child, 0);
		place = wait_for_trap(child, PTRACE_CONT);
		if (place != THERE)
			return place;
	}
	section = find_sections(child);
	for (long i = 0; i < instructions; i++) {
		if (alone)
			hide(child, &section);
		trace(PTRACE_SINGLESTEP, child, 0);
		place = wait_for_trap(child, PTRACE_SINGLESTEP);
		if (place != THERE)
			return place;
		if (from_breakpoint && at_breakpoint(child))
			return ENDED;
	}
	give_back(child, &section);
	return THERE;
}

static void kill_child(long child)
{
	int status = 0;

	syscall(SYS_kill, child, SIGKILL);
	while (syscall(SYS_wait4, child, &status, WAIT_ALL, 0) == child && stopped_by(status))
		;
}

/* How many children were killed, and how many scenarios were stepped to their end. */
static long points;
static int to_the_end;

/* Returns whether a point did damage. */
static int scenario(int number, int from_breakpoint, int alone, long every, long most)
{
	struct victim victim = start(decimal(number));
	long after = 0, child;
	enum place place = THERE;
	char ready = 0;

	if (syscall(SYS_read, victim.from, &ready, 1) != 1 || ready != 'r' ||
	    syscall(SYS_ptrace, PTRACE_SEIZE, victim.pid, 0, TRACE_VFORK | KILL_ON_EXIT) != 0) {
		print("scenario ", decimal(number), " does not start\n", NULL);
		end(&victim);
		return 1;
	}
	syscall(SYS_write, victim.to, "g", 1);
	while ((child = next_child(&victim)) != 0 && place == THERE && after <= most) {
		place = step(child, from_breakpoint, alone, after);
		kill_child(child);
		if (place == CRASHED)
			break;
		after += every;
		points += place == THERE;
	}
	if (place == CRASHED) {
		print("scenario ", decimal(number), ": the child after ", decimal(after - every), " crashed\n", NULL);
	} else if (child == 0) {
		print("scenario ", decimal(number), ": damage after ", decimal(after - every), " instructions\n", NULL);
	} else {
		kill_child(child);
	}
	to_the_end += place == ENDED;
	end(&victim);
	return child == 0 || place == CRASHED;
}

static long number(const char *text)
{
	long n = 0;

	while (*text)
		n = n * 10 + (*text++ - '0');
	return n;
}

int main(int argc, char **argv, char **envp)
{
	static char list[8192];
	struct victim lister;
	long size = 0, got;
	int scenarios = 0, damaged = 0;
	unsigned long first_cpu = 1;

	(void)envp;
	if (argc != 4)
		return 2;
	victim_path = argv[1];
	/* A step then costs a switch and no wake-up of another CPU. */
	syscall(SYS_sched_setaffinity, 0, sizeof first_cpu, &first_cpu);
	lister = start(NULL);
	while ((got = syscall(SYS_read, lister.from, list + size, sizeof list - 1 - size)) > 0)
		size += got;
	end(&lister);
	for (char *line = list; *line; scenarios++) {
		char *name_end = line;
		int from_breakpoint, alone;

		while (*name_end && *name_end != '\n')
			name_end++;
		/* "posix_spawn's child" has no breakpoints and is stepped from its first instruction. */
		from_breakpoint = !(name_end - line > 8 && same_start(name_end - 8, "'s child"));
		alone = !same_start(line, "cond ") && !(name_end - line > 8 && same_start(name_end - 8, ", wanted"));
		damaged += scenario(scenarios, from_breakpoint, alone, number(argv[2]), number(argv[3]));
		line = *name_end ? name_end + 1 : name_end;
	}
	print(decimal(points), " points; of ", decimal(scenarios), " scenarios ", decimal(to_the_end), " to their end, ",
	      decimal(damaged), " with damage\n", NULL);
	return scenarios == 0 || damaged != 0;
}
