/* Login records with several writers: none is lost, one that comes in two parts is read whole; login and logout have a file of their own. */
/* harness: glibc no */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utmp.h>

#define REQUIRE(c) do { if (!(c)) { printf("line %d: %s (errno %d)\n", __LINE__, #c, errno); return 1; } } while (0)

enum { THREADS = 3, EACH = 30, SIZE = sizeof(struct utmp) };
static char path[] = "/tmp/utmp-writersXXXXXX", folder[] = "/tmp/utmp-logoutXXXXXX";

/* The lock is the open file's: two threads have it as little as two processes, and it outlives the other's close. */
static void *append(void *line) {
    struct utmp u = {.ut_type = USER_PROCESS};
    strcpy(u.ut_line, line);
    for (int i = 0; i < EACH; i++) updwtmp(path, &u);
    return NULL;
}

static int writers(int fd) {
    static char *lines[THREADS] = {"a", "b", "c"};
    pthread_t threads[THREADS];
    pid_t child = fork();
    if (child == 0) append("d"), _exit(0);
    for (int i = 0; i < THREADS; i++) REQUIRE(pthread_create(&threads[i], NULL, append, lines[i]) == 0);
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    REQUIRE(waitpid(child, NULL, 0) == child);
    REQUIRE(lseek(fd, 0, SEEK_END) == (THREADS + 1) * EACH * SIZE);
    return 0;
}

static int in_two_parts(int fd) {
    struct utmp whole = {.ut_type = USER_PROCESS, .ut_line = "tty1"}, *read;
    REQUIRE(ftruncate(fd, 0) == 0 && pwrite(fd, &whole, 100, 0) == 100 && utmpname(path) == 0);
    setutent();
    REQUIRE(!getutent() && pwrite(fd, (char *)&whole + 100, SIZE - 100, 100) == SIZE - 100);
    REQUIRE((read = getutent()) && strcmp(read->ut_line, "tty1") == 0 && !getutent());
    endutent();
    return 0;
}

static int logged_out(int fd) {
    struct utmp on = {.ut_type = USER_PROCESS, .ut_line = "tty1", .ut_id = "1", .ut_user = "anna"}, is;
    REQUIRE(pwrite(fd, &on, SIZE, 0) == SIZE && mkdtemp(folder) && chdir(folder) == 0);
    if (chroot(".") != 0) return rmdir(folder);
    REQUIRE(mkdir("/var", 0755) == 0 && mkdir("/var/run", 0755) == 0);
    REQUIRE(!logout("tty1") && errno == ENOENT);
    int own = open(_PATH_UTMP, O_RDWR | O_CREAT, 0644);
    REQUIRE(own >= 0 && pwrite(own, &on, SIZE, 0) == SIZE);
    REQUIRE(utmpname("/other") == 0 && !logout("tty2") && errno == ESRCH && logout("tty1") == 1 && !logout("tty1"));
    REQUIRE(pread(own, &is, SIZE, 0) == SIZE && is.ut_type == DEAD_PROCESS && !is.ut_user[0] && is.ut_tv.tv_sec);
    int next = dup(own);
    REQUIRE(next == own + 1);
    unlink(_PATH_UTMP), rmdir("/var/run"), rmdir("/var");
    return 0;
}

int main(void) {
    int fd = mkstemp(path), outside = open("/tmp", O_RDONLY | O_DIRECTORY);
    REQUIRE(fd >= 0 && outside >= 0);
    int wrong = writers(fd) || in_two_parts(fd) || logged_out(fd);
    /* Out of the new root again. */
    if (fchdir(outside) == 0) unlink(path + 5), unlinkat(outside, folder + 5, AT_REMOVEDIR);
    return wrong;
}
