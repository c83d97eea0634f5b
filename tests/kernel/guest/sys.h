/* System calls without a libc: what runs inside must not have an rseq area that somebody else registered. */
#ifndef SYS_H
#define SYS_H

#include <errno.h>
#include <linux/sched.h>
#include <linux/signal.h>
#include <linux/time_types.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>

#define syscall(...) syscall_with(__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0)
#define syscall_with(n, a, b, c, d, e, f, ...) \
	syscall6(n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

/* Returns what the kernel returns: -4095..-1 is an error. */
static inline long syscall6(long n, long a, long b, long c, long d, long e, long f)
{
	register long r10 asm("r10") = d;
	register long r8 asm("r8") = e;
	register long r9 asm("r9") = f;
	long r;

	asm volatile("syscall"
		     : "=a"(r)
		     : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
		     : "rcx", "r11", "memory");
	return r;
}

/* <sys/wait.h>'s macros for the one case each that is used. */
#define EXITED(status) (((status) & 0x7f) == 0)
#define EXIT_STATUS(status) (((status) >> 8) & 0xff)
#define TERM_SIGNAL(status) ((status) & 0x7f)

static inline int same_text(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

static inline int same_start(const char *text, const char *start)
{
	while (*start && *text == *start)
		text++, start++;
	return !*start;
}

static inline long milliseconds(void)
{
	struct __kernel_timespec t;

	syscall(SYS_clock_gettime, 7 /* CLOCK_BOOTTIME */, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static inline void sleep_ms(long ms)
{
	struct __kernel_timespec t = {ms / 1000, ms % 1000 * 1000000};

	syscall(SYS_nanosleep, &t, 0);
}

_Noreturn static inline void leave(int code)
{
	for (;;)
		syscall(SYS_exit_group, code);
}

/* Prints its arguments up to the null pointer. */
void print(const char *text, ...) __attribute__((sentinel));
/* Decimal text of a number; good until the eighth next call. */
const char *decimal(long n);

int main(int argc, char **argv, char **envp);

#endif
