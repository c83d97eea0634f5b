/* The provider is the one for this kernel, and the gate in a vfork child is what the provider says. */
/* harness: glibc no */
#define _GNU_SOURCE
#include <errno.h>
#include <ktls.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define GET_KTLS_LAYOUT 2

static struct {
	uint32_t size, alignment;
	uint64_t offset;
} layout;

static volatile unsigned gate_in_child;
static volatile int cpu_in_child;

#pragma GCC diagnostic ignored "-Wunused-result"
static int wrong(const char *what)
{
	write(2, what, strlen(what));
	write(2, "\n", 1);
	return 1;
}

int main(void)
{
	int offered = syscall(SYS_rseq, &layout, sizeof layout, GET_KTLS_LAYOUT, 0) == 0;
	int has_rseq = offered || errno == EINVAL;
	int serves = strcmp(ktls_provider(), "ktls") == 0;
	/* Where the area ends before the TID would come, nothing says that vfork children are looked after. */
	int protects = serves && layout.size >= 36;
	const char *expected = getenv("TIDAL_EXPECTED_PROVIDER");
	unsigned gate = ktls_gate();
	int status = -1;
	pid_t child;

	if (expected && strcmp(ktls_provider(), expected) != 0)
		return wrong("wrong provider");
	if ((offered && !serves) != (ktls_declined() != NULL))
		return wrong("an offer is declined without a reason");
	if (has_rseq != (gate != 0) || has_rseq != (ktls_cpu() >= 0))
		return wrong("wrong gate");
	if (serves && (long)layout.offset != ktls_field_offset(KTLS_RSEQ))
		return wrong("the kernel has another offset");
	if (serves && protects != (ktls_field_offset(KTLS_TID) == ktls_field_offset(KTLS_RSEQ) + 32))
		return wrong("the TID is not the kernel's");
	if (serves && ktls_size() < ktls_field_offset(KTLS_RSEQ) + layout.size)
		return wrong("the block does not reach as far as the kernel's area");
	child = vfork();
	if (child == 0) {
		gate_in_child = ktls_gate();
		cpu_in_child = ktls_cpu();
		_exit(0);
	}
	waitpid(child, NULL, 0);
	if (gate_in_child != (protects ? gate : 0) || (cpu_in_child >= 0) != protects)
		return wrong("wrong gate in a vfork child");
	if (ktls_gate() != gate)
		return wrong("wrong gate after vfork");
	child = vfork();
	if (child == 0) {
		pid_t grandchild = _Fork();
		/* Its copy of the CPU number says nothing: it is a thread with an open gate only if the kernel knows its area. */
		if (grandchild == 0)
			_exit((ktls_gate() != 0) != (serves ? protects : has_rseq));
		waitpid(grandchild, &status, 0);
		_exit(status != 0);
	}
	waitpid(child, &status, 0);
	if (status != 0)
		return wrong("wrong gate in a vfork child's fork child");
	return 0;
}
