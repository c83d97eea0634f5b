/* Threads, vfork children and critical sections without a libc. */
#include "check.h"

long set_offset(long offset)
{
	long r = rseq(0, SET_SIG);

	return r ? r : rseq(&offset, SET_KTLS_OFFSET);
}

void pin(int cpu)
{
	unsigned long mask = cpu < 0 ? ~0ul : 1ul << cpu;

	syscall(SYS_sched_setaffinity, 0, sizeof mask, &mask);
}

int current_cpu(void)
{
	unsigned int cpu = 0;

	syscall(SYS_getcpu, &cpu, 0, 0);
	return cpu;
}

void signal_return(void);
asm("signal_return:\n"
    "	mov $15, %eax\n" /* rt_sigreturn */
    "	syscall\n");

void on_signal(int signal, void (*handler)(int))
{
	struct {
		void (*handler)(int);
		unsigned long flags;
		void (*restorer)(void);
		unsigned long mask;
	} action = {handler, 0x04000000 /* SA_RESTORER */, signal_return, 0};

	syscall(SYS_rt_sigaction, signal, &action, 0, 8);
}

int wait_for(long pid)
{
	int status = -1;

	syscall(SYS_wait4, pid, &status, 0x40000000 /* __WALL */, 0);
	return status;
}

/* Reads the area before the thread has made any system call. */
__attribute__((used)) static void first_code(struct thread *thread)
{
	thread->tid_at_birth = own()->tid;
	thread->cpu_at_birth = own()->cpu_id;
	if (thread->body)
		thread->body(thread);
	for (;;)
		syscall(SYS_exit, 0);
}

long start_thread_as_is(struct thread *thread, uint64_t flags, void (*body)(struct thread *))
{
	struct clone_args args = {
		.flags = flags,
		.child_tid = (uint64_t)&thread->alive,
		.stack = (uint64_t)thread->stack,
		.stack_size = sizeof thread->stack,
		.tls = (uint64_t)&thread->block,
	};
	long r;

	thread->block.self = &thread->block;
	thread->alive = 1;
	thread->body = body;
	asm volatile("mov %[thread], %%r12\n"
		     "	syscall\n"
		     "	test %%rax, %%rax\n"
		     "	jnz 1f\n"
		     "	xor %%ebp, %%ebp\n"
		     "	mov %%r12, %%rdi\n"
		     "	call first_code\n"
		     "	ud2\n"
		     "1:"
		     : "=a"(r)
		     : "0"((long)SYS_clone3), "D"(&args), "S"(sizeof args), [thread] "r"(thread)
		     : "rcx", "r11", "r12", "memory");
	if (r < 0)
		thread->alive = 0;
	return r;
}

long start_thread(struct thread *thread, uint64_t flags, void (*body)(struct thread *))
{
	for (size_t i = 0; i < sizeof *thread; i++)
		((volatile char *)thread)[i] = 0;
	thread->block.area.cpu_id = -1;
	return start_thread_as_is(thread, flags, body);
}

void join(struct thread *thread)
{
	while (thread->alive)
		sleep_ms(1);
}

long clone_on(char *stack_end, uint64_t flags, void (*child)(void *), void *argument)
{
	long r;

	asm volatile("mov %[child], %%r12\n"
		     "	mov %[argument], %%r13\n"
		     "	xor %%r10d, %%r10d\n"
		     "	syscall\n"
		     "	test %%rax, %%rax\n"
		     "	jnz 1f\n"
		     "	xor %%ebp, %%ebp\n"
		     "	mov %%r13, %%rdi\n"
		     "	call *%%r12\n"
		     "	mov $60, %%eax\n"
		     "	xor %%edi, %%edi\n"
		     "	syscall\n"
		     "1:"
		     : "=a"(r)
		     : "0"((long)SYS_clone), "D"(flags | SIGCHLD), "S"(stack_end), "d"(0L), [child] "r"(child),
		       [argument] "r"(argument)
		     : "rcx", "r8", "r10", "r11", "r12", "r13", "memory");
	return r;
}

long vfork_child(void (*child)(void *), void *argument)
{
	static char stack[32768] __attribute__((aligned(64)));

	return clone_on(stack + sizeof stack, VFORK, child, argument);
}

int counting_section(volatile struct area *area, long n)
{
	int aborted = 0;

	asm volatile(".pushsection __rseq_cs, \"aw\"\n"
		     "	.balign 32\n"
		     "3:	.long 0, 0\n"
		     "	.quad 1f, 2f-1f, 4f\n"
		     "	.popsection\n"
		     "	lea 3b(%%rip), %%rax\n"
		     "	mov %%rax, 8(%[area])\n"
		     "1:	dec %[n]\n"
		     "	jnz 1b\n"
		     "2:\n"
		     "	.pushsection .text.unlikely, \"ax\"\n"
		     "	.byte 0x0f, 0xb9, 0x3d\n"
		     "	.long 0x53053053\n"
		     "4:	mov $1, %[aborted]\n"
		     "	jmp 5f\n"
		     "	.popsection\n"
		     "5:"
		     : [n] "+r"(n), [aborted] "+r"(aborted)
		     : [area] "r"(area)
		     : "rax", "memory", "cc");
	return aborted;
}
