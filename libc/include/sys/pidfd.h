/* <sys/pidfd.h>: the system's, and what Tidal has beyond an older one: glibc declares this since 2.39. */
#include_next <sys/pidfd.h>

#ifndef TIDAL_SYS_PIDFD_H
#define TIDAL_SYS_PIDFD_H
#include <features.h>
#if !defined(__GLIBC_PREREQ) || !__GLIBC_PREREQ(2, 39)
#include <sys/types.h>

__BEGIN_DECLS

/* The PID of the process that a descriptor stands for. */
extern pid_t pidfd_getpid(int __pidfd);

__END_DECLS

#endif
#endif
