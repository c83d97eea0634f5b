/* Entry point, output and the memory functions that gcc calls of its own accord. */
#include "sys.h"

#include <stdarg.h>

asm(".globl _start\n"
    "_start:\n"
    "	xor %ebp, %ebp\n"
    "	mov (%rsp), %rdi\n"
    "	lea 8(%rsp), %rsi\n"
    "	lea 16(%rsp,%rdi,8), %rdx\n"
    "	and $-16, %rsp\n"
    "	call start\n");

_Noreturn __attribute__((used)) static void start(int argc, char **argv, char **envp) asm("start");
_Noreturn static void start(int argc, char **argv, char **envp)
{
	leave(main(argc, argv, envp));
}

void *memset(void *to, int byte, size_t n)
{
	for (volatile char *p = to; n; n--)
		*p++ = byte;
	return to;
}

void *memcpy(void *to, const void *from, size_t n)
{
	const char *source = from;

	for (volatile char *p = to; n; n--)
		*p++ = *source++;
	return to;
}

const char *decimal(long n)
{
	static char texts[8][24];
	static unsigned int next;
	char *p = texts[next++ % 8] + 23;
	unsigned long rest = n < 0 ? -(unsigned long)n : (unsigned long)n;

	*p = 0;
	do
		*--p = '0' + rest % 10;
	while (rest /= 10);
	if (n < 0)
		*--p = '-';
	return p;
}

/* One write per call, so that lines of several programs do not mix. */
void print(const char *text, ...)
{
	char line[512];
	size_t used = 0;
	va_list rest;

	va_start(rest, text);
	for (; text; text = va_arg(rest, const char *))
		while (*text && used < sizeof line)
			line[used++] = *text++;
	va_end(rest);
	syscall(SYS_write, 1, line, used);
}
