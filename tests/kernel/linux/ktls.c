// SPDX-License-Identifier: GPL-2.0
/*
 * Kernel TLS: one process-wide offset from the thread pointer at which every
 * thread made with CLONE_RSEQ_KTLS has a struct rseq and, behind it, its TID.
 *
 * A KTLS thread is an rseq-registered thread like any other (t->rseq is set),
 * so cpu_id, critical sections, membarrier and ptrace need no change. New are
 * who sets t->rseq, namely the kernel at clone, and the TID word.
 *
 * The process-wide values live in each task. They can only be set while the
 * process has one thread, and dup_task_struct() copies them to later ones.
 *
 * x86-64 only, as the RFC's prototype: the thread pointer is the FS base, taken
 * at clone (or when a thread joins) and not followed when it changes later.
 */
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/compat.h>
#include <linux/uaccess.h>
#include <linux/rseq.h>
#include <linux/ktls.h>
#include <asm/fsgsbase.h>

/* The area is the 32 bytes of struct rseq, then what KTLS adds. */
#define KTLS_TID_OFF	32
#define KTLS_AREA_SIZE	36

#define KTLS_OFFSET_SET	1u	/* ktls_offset holds for the process */
#define KTLS_SIG_SET	2u	/* ktls_sig holds for the process */
#define KTLS_ACTIVE	4u	/* t->rseq is a KTLS area: keep its TID right */
#define KTLS_TID_DIRTY	8u	/* write the TID before user code runs */
#define KTLS_FRESH	16u	/* clear rseq_cs before user code runs */

static bool ktls_area(unsigned long tp, long off, struct rseq __user **area)
{
	unsigned long a = tp + off;

	*area = (struct rseq __user *)a;
	return tp && IS_ALIGNED(a, __alignof__(struct rseq)) &&
	       access_ok((void __user *)a, KTLS_AREA_SIZE);
}

static void ktls_attach(struct task_struct *t, struct rseq __user *area, u32 sig)
{
	t->rseq = area;
	t->rseq_sig = sig;
}

static void ktls_mark(struct task_struct *t, unsigned int flags)
{
	t->ktls_flags |= flags;
	rseq_set_notify_resume(t);
}

/* On the way back to user mode, where user memory may be written. */
int __ktls_resume(struct task_struct *t)
{
	if (t->ktls_flags & KTLS_FRESH) {
		if (put_user(0ULL, &t->rseq->rseq_cs))
			return -EFAULT;
		t->ktls_flags &= ~KTLS_FRESH;
	}
	if (t->ktls_flags & KTLS_TID_DIRTY) {
		u32 __user *utid = (u32 __user *)((char __user *)t->rseq + KTLS_TID_OFF);

		if (put_user((u32)task_pid_vnr(t), utid))
			return -EFAULT;
		t->ktls_flags &= ~KTLS_TID_DIRTY;
	}
	return 0;
}

/* In the parent, late in copy_process() and under its locks: may not sleep. */
void ktls_fork(struct task_struct *p, u64 clone_flags)
{
	struct task_struct *cur = current;
	struct rseq __user *area;

	p->ktls_flags &= KTLS_OFFSET_SET | KTLS_SIG_SET;

	if (clone_flags & CLONE_RSEQ_KTLS) {
		if (!ktls_area(p->thread.fsbase, p->ktls_offset, &area))
			return;		/* ktls_clone_valid() excludes it */
		ktls_attach(p, area, p->ktls_sig);
		ktls_mark(p, KTLS_ACTIVE | KTLS_TID_DIRTY | KTLS_FRESH);
	} else if (!(cur->ktls_flags & KTLS_ACTIVE) || !cur->rseq) {
		return;
	} else if (!(clone_flags & CLONE_VM)) {
		/* fork: rseq_fork() kept the area, which is in p's own memory */
		ktls_mark(p, KTLS_ACTIVE | KTLS_TID_DIRTY);
	} else if ((clone_flags & CLONE_VFORK) && !(clone_flags & CLONE_SETTLS)) {
		/* vfork: the child borrows the suspended parent's area ... */
		ktls_attach(p, cur->rseq, cur->rseq_sig);
		ktls_mark(p, KTLS_ACTIVE | KTLS_TID_DIRTY);
		/* ... which the parent repairs before its next user instruction,
		 * even if the child was too fast for it to sleep. */
		ktls_mark(cur, KTLS_TID_DIRTY);
	}
	/* CLONE_VM without VFORK: two tasks would share the area. Unregistered. */
}

void ktls_execve(struct task_struct *t)
{
	t->ktls_flags = 0;
	t->ktls_offset = 0;
	t->ktls_sig = 0;
}

bool ktls_clone_valid(struct kernel_clone_args *args)
{
	struct rseq __user *area;

	/* a 32-bit program's tls is not an address */
	if (in_compat_syscall())
		return false;
	return (args->flags & CLONE_THREAD) && (args->flags & CLONE_SETTLS) &&
	       (current->ktls_flags & KTLS_OFFSET_SET) &&
	       ktls_area(args->tls, current->ktls_offset, &area);
}

static long ktls_join(struct task_struct *t)
{
	struct rseq __user *area;

	if (!ktls_area(x86_fsbase_read_cpu(), t->ktls_offset, &area))
		return -EINVAL;
	if (t->rseq && t->rseq != area)
		return -EBUSY;		/* a library registered elsewhere */
	if (t->rseq && (t->ktls_flags & KTLS_ACTIVE))
		return 0;
	ktls_attach(t, area, t->ktls_sig);
	ktls_mark(t, KTLS_ACTIVE | KTLS_TID_DIRTY | KTLS_FRESH);
	return 0;
}

static long ktls_get_layout(void __user *uptr)
{
	struct rseq_ktls_layout layout = {
		.size = KTLS_AREA_SIZE,
		.alignment = __alignof__(struct rseq),
		.offset = (u64)current->ktls_offset,
	};

	return copy_to_user(uptr, &layout, sizeof(layout)) ? -EFAULT : 0;
}

static long ktls_set_offset(struct task_struct *t, void __user *uptr)
{
	struct rseq_ktls_offset arg;
	long ret;

	if (copy_from_user(&arg, uptr, sizeof(arg)))
		return -EFAULT;
	if (get_nr_threads(t) != 1 || (t->ktls_flags & KTLS_OFFSET_SET))
		return -EBUSY;
	if (!arg.offset)
		return -EINVAL;
	t->ktls_offset = arg.offset;
	ret = ktls_join(t);
	if (ret)
		t->ktls_offset = 0;
	else
		t->ktls_flags |= KTLS_OFFSET_SET;
	return ret;
}

static long ktls_set_sig(struct task_struct *t, u32 sig)
{
	if (get_nr_threads(t) != 1)
		return -EBUSY;
	if (t->ktls_flags & KTLS_SIG_SET)
		return -EPERM;
	t->ktls_sig = sig;
	t->ktls_flags |= KTLS_SIG_SET;
	if (t->ktls_flags & KTLS_ACTIVE)
		t->rseq_sig = sig;
	return 0;
}

/* rseq(2) took the area away: the plain one that may follow has no TID. */
void ktls_detach(struct task_struct *t)
{
	t->ktls_flags &= KTLS_OFFSET_SET | KTLS_SIG_SET;
}

/* rseq(2) with one of RSEQ_KTLS_FLAGS */
long ktls_syscall(void __user *uptr, int flags, u32 sig)
{
	struct task_struct *t = current;

	switch (flags) {
	case RSEQ_FLAG_GET_KTLS_LAYOUT:
		return ktls_get_layout(uptr);
	case RSEQ_FLAG_SET_KTLS_OFFSET:
		return ktls_set_offset(t, uptr);
	case RSEQ_FLAG_SET_SIG:
		return ktls_set_sig(t, sig);
	case RSEQ_FLAG_SET_KTLS_THREAD:
		if (!(t->ktls_flags & KTLS_OFFSET_SET))
			return -EFAULT;
		return ktls_join(t);
	}
	return -EINVAL;
}
