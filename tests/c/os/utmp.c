/* Login records: written, found by id and by line, replaced in place, a broken end mended. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utmp.h>
#include <utmpx.h>

#define REQUIRE(c) do { if (!(c)) { printf("line %d: %s\n", __LINE__, #c); return 1; } } while (0)

static struct utmpx entry(short type, const char *id, const char *line, const char *user) {
    struct utmpx u = {.ut_type = type, .ut_pid = 7};
    strncpy(u.ut_id, id, 4), strncpy(u.ut_line, line, 32), strncpy(u.ut_user, user, 32);
    return u;
}

int main(void) {
    char path[] = "/tmp/utmpXXXXXX";
    int fd = mkstemp(path);
    struct stat about;
    REQUIRE(utmpxname("/nothing/here") == 0);
    errno = 0, setutxent();
    REQUIRE(!getutxent() && errno == ENOENT);
    REQUIRE(utmpxname(path) == 0);
    struct utmpx boot = entry(BOOT_TIME, "~~", "~", "reboot"), a = entry(USER_PROCESS, "a", "tty1", "anna"), b = entry(USER_PROCESS, "bbbb", "pts/0", "bert");
    setutxent();
    REQUIRE(pututxline(&boot) && pututxline(&a));
    struct utmpx *put = pututxline(&b);
    REQUIRE(put && !memcmp(put, &b, sizeof b));
    REQUIRE(fstat(fd, &about) == 0 && about.st_size == 3 * 384);

    setutxent();
    struct utmpx *u = getutxent();
    REQUIRE(u && u->ut_type == BOOT_TIME);
    REQUIRE((u = getutxent()) && !strcmp(u->ut_user, "anna") && (u = getutxent()) && !strcmp(u->ut_line, "pts/0") && !getutxent());
    setutxent();
    struct utmpx wanted = entry(DEAD_PROCESS, "a", "", "");
    REQUIRE((u = getutxid(&wanted)) && !strcmp(u->ut_user, "anna"));
    errno = 0;
    REQUIRE(!getutxid(&wanted) && errno == ESRCH);
    wanted.ut_type = 77;
    REQUIRE(!getutxid(&wanted) && errno == EINVAL);
    setutxent();
    wanted = entry(0, "", "pts/0", "");
    REQUIRE((u = getutxline(&wanted)) && !strcmp(u->ut_user, "bert"));

    /* In place. */
    a.ut_type = DEAD_PROCESS, memset(a.ut_user, 0, 32);
    setutxent();
    REQUIRE(pututxline(&a) && fstat(fd, &about) == 0 && about.st_size == 3 * 384);
    setutxent();
    wanted = entry(0, "", "tty1", "");
    REQUIRE(!getutxline(&wanted));
    /* A broken record at the end is no record, and gives way to the next. */
    REQUIRE(ftruncate(fd, 3 * 384 + 100) == 0);
    setutxent();
    int records = 0;
    while (getutxent()) records++;
    REQUIRE(records == 3);
    struct utmp c = {.ut_type = USER_PROCESS, .ut_line = "pts/1", .ut_id = "c", .ut_user = "carl"}, got, *result;
    setutent();
    REQUIRE(pututline(&c) && fstat(fd, &about) == 0 && about.st_size == 4 * 384);
    setutent();
    REQUIRE(getutline_r(&c, &got, &result) == 0 && result == &got && !strcmp(got.ut_user, "carl"));
    REQUIRE(getutent_r(&got, &result) == -1 && !result);
    updwtmp(path, &c), updwtmp("/nothing/here", &c);
    REQUIRE(fstat(fd, &about) == 0 && about.st_size == 5 * 384);
    endutent(), endutxent();
    close(fd), unlink(path);
    return 0;
}
