/*
 * Runs each check in a program of its own, because the offset can be set only once. On the console:
 *
 *	KERNEL ktls=1 rseq=1 membarrier=1 cpus=2
 *	CHECK ok NAME
 *	CHECK n/a NAME
 *	CHECK FAIL NAME: what did not hold
 */
#include "check.h"

/* How many naps of a millisecond a check may take; see init.c. */
#define NAPS_PER_CHECK 30000

static const struct check *const tables[] = {
	layout_checks, thread_checks, vfork_checks, section_checks, process_checks, mainline_checks,
};

static struct block first_block;

static unsigned int kernel_features(void)
{
	struct layout layout;
	unsigned int features = 0;
	unsigned long mask = 0;

	if (rseq(&layout, GET_KTLS_LAYOUT) == 0)
		features |= KTLS;
	if (syscall(SYS_rseq, 0, 0, 0, 0) != -ENOSYS)
		features |= RSEQ;
	if (syscall(SYS_membarrier, 0, 0, 0) != -ENOSYS)
		features |= MEMBARRIER;
	syscall(SYS_sched_getaffinity, 0, sizeof mask, &mask);
	if (mask & 2)
		features |= TWO_CPUS;
	return features;
}

/* In the program of its own: exit code 0 or 1. */
static int run_here(const struct check *check)
{
	const char *wrong = NULL;

	if (check->offset_set && set_offset(OFFSET) != 0)
		wrong = "set_offset(OFFSET) == 0";
	if (!wrong)
		wrong = check->run();
	if (wrong)
		print("CHECK FAIL ", check->name, ": not so: ", wrong, "\n", NULL);
	return wrong != NULL;
}

static int run_apart(const struct check *check)
{
	int naps = NAPS_PER_CHECK;
	char *argv[] = {"checks", (char *)check->name, NULL}, *envp[] = {NULL};
	int status = 0;
	long pid = syscall(SYS_fork), got;

	if (pid == 0) {
		syscall(SYS_setpgid, 0, 0);
		syscall(SYS_execve, "/proc/self/exe", argv, envp);
		leave(127);
	}
	while ((got = syscall(SYS_wait4, pid, &status, 1 /* WNOHANG */)) == 0 && naps-- > 0)
		sleep_ms(1);
	syscall(SYS_kill, -pid, SIGKILL);
	if (got == 0) {
		wait_for(pid);
		print("CHECK FAIL ", check->name, ": hangs\n", NULL);
	} else if (!EXITED(status)) {
		print("CHECK FAIL ", check->name, ": killed by signal ", decimal(TERM_SIGNAL(status)), "\n", NULL);
	} else if (EXIT_STATUS(status) == 0) {
		print("CHECK ok ", check->name, "\n", NULL);
	} else if (EXIT_STATUS(status) != 1) {
		print("CHECK FAIL ", check->name, ": exit code ", decimal(EXIT_STATUS(status)), "\n", NULL);
	}
	return got == 0 || status != 0;
}

static int run_all(void)
{
	unsigned int features = kernel_features();
	int failures = 0;

	print("KERNEL ktls=", features & KTLS ? "1" : "0", " rseq=", features & RSEQ ? "1" : "0",
	      " membarrier=", features & MEMBARRIER ? "1" : "0", " cpus=", features & TWO_CPUS ? "2" : "1", "\n", NULL);
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
		for (const struct check *check = tables[i]; check->name; check++)
			if ((features & check->with) != check->with || (features & check->without) != 0)
				print("CHECK n/a ", check->name, "\n", NULL);
			else
				failures += run_apart(check);
	return failures != 0;
}

/* Started by execve in a process that had an offset: nothing of it may be left. */
static int probe_after_exec(void)
{
	struct layout layout = {0, 0, 1};

	return rseq(&layout, GET_KTLS_LAYOUT) != 0 || layout.offset != 0 || set_offset(OFFSET) != 0 || !tid_is_right();
}

int main(int argc, char **argv, char **envp)
{
	(void)envp;
	first_block.self = &first_block;
	first_block.area.cpu_id = -1;
	syscall(SYS_arch_prctl, 0x1002 /* ARCH_SET_FS */, &first_block);
	if (argc < 2)
		return run_all();
	if (same_text(argv[1], "--probe-after-exec"))
		return probe_after_exec();
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
		for (const struct check *check = tables[i]; check->name; check++)
			if (same_text(check->name, argv[1]))
				return run_here(check);
	return 2;
}
