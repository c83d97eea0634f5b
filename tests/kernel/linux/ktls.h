/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Kernel TLS: the user ABI of the 2020 RFC, and a TID behind the rseq area.
 */
#ifndef _LINUX_KTLS_H
#define _LINUX_KTLS_H

#include <linux/types.h>

/* rseq(2) flags and the clone3(2) flag, numbered as in the RFC */
#define RSEQ_FLAG_GET_KTLS_LAYOUT	(1 << 1)
#define RSEQ_FLAG_SET_KTLS_OFFSET	(1 << 2)
#define RSEQ_FLAG_SET_SIG		(1 << 3)
#define RSEQ_FLAG_SET_KTLS_THREAD	(1 << 4)
#define RSEQ_KTLS_FLAGS			(0xf << 1)
#define CLONE_RSEQ_KTLS			0x400000000ULL

struct rseq_ktls_layout {
	__u32 size;		/* bytes the kernel may write */
	__u32 alignment;	/* of thread pointer + offset */
	__u64 offset;		/* 0 while not set */
};

struct rseq_ktls_offset {
	__s64 offset;
};

struct task_struct;
struct kernel_clone_args;

#ifdef CONFIG_RSEQ

long ktls_syscall(void __user *uptr, int flags, u32 sig);
bool ktls_clone_valid(struct kernel_clone_args *args);
void ktls_fork(struct task_struct *p, u64 clone_flags);
void ktls_detach(struct task_struct *t);
void ktls_execve(struct task_struct *t);
int __ktls_resume(struct task_struct *t);

#else

static inline bool ktls_clone_valid(struct kernel_clone_args *args)
{
	return false;
}

static inline void ktls_fork(struct task_struct *p, u64 clone_flags)
{
}

static inline void ktls_execve(struct task_struct *t)
{
}

#endif

#endif
