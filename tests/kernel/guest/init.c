/*
 * /init: runs the programs that /programs lists, one verdict each, and ends the machine.
 * A line of /programs is `NAME SECONDS console|quiet PATH [ARGUMENT...]`; what a quiet program prints is shown when it
 * fails. On the console:
 *
 *	INIT cpus N
 *	PROGRAM NAME begin
 *	PROGRAM NAME ok | exit CODE | signal N | timeout
 *	INIT took MILLISECONDS
 *	INIT done FAILURES
 */
#include "sys.h"

#include <linux/reboot.h>

#define EXIT_PORT 0xf4
#define WORDS 16
#define OUTPUT "/output"
/* Time limits are counted in naps: the clock leaps where the host stands still, which is no fault of the program's. */
#define NAP_MS 2

static char list[16384];

static void mount(const char *type, const char *where)
{
	syscall(SYS_mkdir, where, 0755);
	syscall(SYS_mount, type, where, type, 0, 0);
}

static void open_console(void)
{
	long fd = syscall(SYS_open, "/dev/console", 2 /* O_RDWR */);

	for (int i = 0; i < 3; i++)
		if (fd != i)
			syscall(SYS_dup2, fd, i);
}

static int count_cpus(void)
{
	unsigned long mask[16];
	long bytes = syscall(SYS_sched_getaffinity, 0, sizeof mask, mask);
	int n = 0;

	for (long i = 0; i * 8 < bytes; i++)
		for (; mask[i]; mask[i] &= mask[i] - 1)
			n++;
	return n;
}

/* Cuts a line into words; returns where the next line begins. */
static char *split(char *line, char **words)
{
	int n = 0;

	while (*line && *line != '\n') {
		if (*line == ' ')
			*line++ = 0;
		else if (n < WORDS)
			for (words[n++] = line; *line && *line != ' ' && *line != '\n';)
				line++;
		else
			line++;
	}
	words[n] = 0;
	if (*line)
		*line++ = 0;
	return line;
}

static long number(const char *text)
{
	long n = 0;

	while (*text)
		n = n * 10 + (*text++ - '0');
	return n;
}

static void show(const char *path)
{
	static char text[2048];
	long fd = syscall(SYS_open, path, 0);
	long size = syscall(SYS_read, fd, text, sizeof text);

	if (size > 0)
		syscall(SYS_write, 1, text, size);
	syscall(SYS_close, fd);
	print("\n", NULL);
}

static void redirect(const char *path)
{
	long fd = syscall(SYS_open, path, 01101 /* O_WRONLY | O_CREAT | O_TRUNC */, 0600);

	syscall(SYS_dup2, fd, 1);
	syscall(SYS_dup2, fd, 2);
	syscall(SYS_close, fd);
}

/* Returns whether the program ended with 0 in time. */
static int run(char **words, char **environment)
{
	long start = milliseconds(), naps = number(words[1]) * 1000 / NAP_MS;
	int quiet = same_text(words[2], "quiet"), status = 0;
	long pid, got;

	print("PROGRAM ", words[0], " begin\n", NULL);
	pid = syscall(SYS_fork);
	if (pid == 0) {
		syscall(SYS_setsid);
		syscall(SYS_chdir, "/tmp");
		if (quiet)
			redirect(OUTPUT);
		syscall(SYS_execve, words[3], words + 3, environment);
		leave(127);
	}
	while ((got = syscall(SYS_wait4, -1, &status, 1 /* WNOHANG */)) != pid && naps > 0)
		if (got <= 0) {
			sleep_ms(NAP_MS);
			naps--;
		}
	syscall(SYS_kill, -pid, SIGKILL);
	if (quiet && (got != pid || status != 0))
		show(OUTPUT);
	if (got != pid)
		print("PROGRAM ", words[0], " timeout\n", NULL);
	else if (!EXITED(status))
		print("PROGRAM ", words[0], " signal ", decimal(TERM_SIGNAL(status)), "\n", NULL);
	else if (status)
		print("PROGRAM ", words[0], " exit ", decimal(EXIT_STATUS(status)), "\n", NULL);
	else
		print("PROGRAM ", words[0], " ok\n", NULL);
	print("INIT took ", decimal(milliseconds() - start), "\n", NULL);
	return got == pid && status == 0;
}

int main(int argc, char **argv, char **envp)
{
	static char *environment[8] = {"PATH=/bin:/usr/bin", "HOME=/tmp", "TMPDIR=/tmp"};
	char *words[WORDS + 1];
	long failures = 0, programs;

	(void)argc, (void)argv;
	/* What the kernel's command line says to Tidal's tests. */
	for (int n = 3; *envp && n < 7; envp++)
		if (same_start(*envp, "TIDAL_"))
			environment[n++] = *envp;
	mount("proc", "/proc");
	mount("sysfs", "/sys");
	mount("devtmpfs", "/dev");
	mount("devpts", "/dev/pts");
	mount("tmpfs", "/dev/shm");
	mount("tmpfs", "/tmp");
	open_console();
	print("INIT cpus ", decimal(count_cpus()), "\n", NULL);
	programs = syscall(SYS_open, "/programs", 0);
	syscall(SYS_read, programs, list, sizeof list - 1);
	syscall(SYS_close, programs);
	for (char *line = list; *line;) {
		line = split(line, words);
		if (words[0] && words[1] && words[2] && words[3] && words[0][0] != '#')
			failures += !run(words, environment);
	}
	print("INIT done ", decimal(failures), "\n", NULL);
	syscall(SYS_ioctl, 1, 0x5409 /* TCSBRK: drain */, 1);
	if (syscall(SYS_ioperm, EXIT_PORT, 1, 1) == 0)
		asm volatile("outb %0, %1" : : "a"((char)(failures != 0)), "Nd"(EXIT_PORT));
	for (;;)
		syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_RESTART, 0);
}
