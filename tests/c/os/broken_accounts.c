/* Lists of users and groups that are cut, garbled, overlong, empty or missing: what is whole is found, the rest is passed over. */
/* harness: glibc no */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REQUIRE(c) do { if (!(c)) { printf("line %d: %s (errno %d)\n", __LINE__, #c, errno); return 1; } } while (0)

static void put(const char *path, const char *text, size_t length) {
    int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0644);
    if (fd < 0 || write(fd, text, length) != (ssize_t)length) exit(1);
    close(fd);
}
#define PUT(path, text) put(path, text, sizeof text - 1)

static int users(void) {
    int n = 0;
    setpwent();
    while (getpwent()) n++;
    endpwent();
    return n;
}

static int groups(void) {
    int n = 0;
    setgrent();
    while (getgrent()) n++;
    endgrent();
    return n;
}

int main(void) {
    char folder[] = "/tmp/tidal-accounts-XXXXXX";
    int outside = open("/tmp", O_RDONLY | O_DIRECTORY);
    REQUIRE(outside >= 0 && mkdtemp(folder) && chdir(folder) == 0 && mkdir("etc", 0755) == 0);
    if (chroot(".") != 0) {
        puts("may not chroot: broken lists are not tried");
        return rmdir("etc") | rmdir(folder);
    }
    int lowest = dup(outside);
    close(lowest);
    /* Missing: nobody, and that is no error. */
    errno = 0;
    REQUIRE(!getpwnam("root") && !getpwuid(0) && !getgrnam("root") && !getgrgid(0) && errno == 0);
    struct passwd p, *pr;
    struct group g, *gr;
    char buffer[300];
    REQUIRE(getpwnam_r("root", &p, buffer, sizeof buffer, &pr) == 0 && !pr);
    REQUIRE(getgrgid_r(0, &g, buffer, sizeof buffer, &gr) == 0 && !gr);

    PUT("/etc/passwd", "");
    PUT("/etc/group", "\n\n");
    REQUIRE(users() == 0 && groups() == 0 && !getpwuid(0));

    PUT("/etc/passwd", "anna:x:5:6:Anna:/home/anna:/bin/sh\nbert:x:7:8:B\n:::::::\ncarl:x:9\0:9::/:\n"
        "dora:x:99999999999999999999:1::/:\nemil:x:-1:1::/:\nfred:x:1f:1::/:\n+nis\n-no:x:1:1::/:\nx:x:3:3::::::\nlast:x:4294967294:4294967295::/:");
    REQUIRE(users() == 2);
    struct passwd *u = getpwnam("last");
    REQUIRE(u && u->pw_uid == 4294967294u && !strcmp(u->pw_dir, "/") && !strcmp(u->pw_shell, ""));
    REQUIRE(getpwuid(5) && !getpwnam("bert") && !getpwnam("dora") && !getpwnam("emil") && !getpwnam("fred") && !getpwnam("x") && !getpwnam(""));
    REQUIRE(getpwnam_r("anna", &p, buffer, 10, &pr) == ERANGE && !pr);
    REQUIRE(getpwnam_r("anna", &p, buffer, sizeof buffer, &pr) == 0 && pr == &p && !strcmp(p.pw_gecos, "Anna"));
    /* Cut anywhere, the last line counts only where it has all fields. */
    static const char whole[] = "a:x:1:1:G:/d:/s\nb:x:2:2:G:/d:/s";
    for (size_t length = 0; length < sizeof whole; length++) {
        put("/etc/passwd", whole, length);
        REQUIRE(users() == (length >= 13) + (length >= 16 + 13));
        put("/etc/group", whole, length);
        /* A group has three colons: a line that is cut behind the third, or the number after it. */
        REQUIRE(groups() == (length % 16 == 6 || length % 16 == 7));
    }

    /* A line without end, then a good one. */
    char *large = malloc(100000);
    memset(large, 'a', 100000);
    strcpy(large + 99000, "\nlate:x:1:2:a,,b,:x\nlate:x:1:a,,b,\n");
    put("/etc/group", large, strlen(large));
    struct group *found = getgrnam("late");
    REQUIRE(found && found->gr_gid == 1 && !strcmp(found->gr_mem[0], "a") && !strcmp(found->gr_mem[1], "b") && !found->gr_mem[2]);
    REQUIRE(groups() == 1 && getgrgid_r(1, &g, buffer, 8, &gr) == ERANGE && !gr);
    gid_t list[4];
    int room = 4;
    REQUIRE(getgrouplist("b", 9, list, &room) == 2 && room == 2 && list[0] == 9 && list[1] == 1);
    /* A directory in its place, and no descriptors left. */
    unlink("/etc/passwd"), mkdir("/etc/passwd", 0755);
    REQUIRE(!getpwnam("anna") && users() == 0);
    int next = dup(outside);
    REQUIRE(next == lowest);
    rmdir("/etc/passwd"), unlink("/etc/group"), rmdir("/etc");
    REQUIRE(unlinkat(outside, strrchr(folder, '/') + 1, AT_REMOVEDIR) == 0);
    return 0;
}
