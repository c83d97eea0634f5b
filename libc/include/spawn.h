/* <spawn.h>: the system's, and what Tidal has beyond an older one: glibc declares these since 2.39. */
#include_next <spawn.h>

#ifndef TIDAL_SPAWN_H
#define TIDAL_SPAWN_H
#if defined(__USE_GNU) && (!defined(__GLIBC_PREREQ) || !__GLIBC_PREREQ(2, 39))

/* The child starts in the control group (version 2) whose directory this descriptor is. */
#define POSIX_SPAWN_SETCGROUP 0x100

__BEGIN_DECLS

/* As posix_spawn and posix_spawnp; what they give of the child is a descriptor, with close-on-exec. */
extern int pidfd_spawn(int *__restrict __pidfd, const char *__restrict __path,
                       const posix_spawn_file_actions_t *__restrict __actions,
                       const posix_spawnattr_t *__restrict __attributes, char *const __argv[__restrict_arr],
                       char *const __envp[__restrict_arr]);
extern int pidfd_spawnp(int *__restrict __pidfd, const char *__restrict __file,
                        const posix_spawn_file_actions_t *__restrict __actions,
                        const posix_spawnattr_t *__restrict __attributes, char *const __argv[__restrict_arr],
                        char *const __envp[__restrict_arr]);
extern int posix_spawnattr_getcgroup_np(const posix_spawnattr_t *__restrict __attributes, int *__restrict __cgroup);
extern int posix_spawnattr_setcgroup_np(posix_spawnattr_t *__attributes, int __cgroup);

__END_DECLS

#endif
#endif
