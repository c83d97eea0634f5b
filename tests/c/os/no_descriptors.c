/* No descriptor is left: EMFILE from everything that needs one, success from what does not, and nothing stays open. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <grp.h>
#include <netdb.h>
#include <pwd.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

static int visit(const char *path, const struct stat *about, int flag) {
    (void)path, (void)about, (void)flag;
    return 0;
}

int main(void) {
    int pair[2], status;
    struct rlimit old, few = {4, 4};
    /* The last one is free again in the programs that are started. */
    CHECK(open("/dev/null", O_RDONLY | O_CLOEXEC) == 3);
    CHECK(getrlimit(RLIMIT_NOFILE, &old) == 0);
    few.rlim_max = old.rlim_max;
    CHECK(setrlimit(RLIMIT_NOFILE, &few) == 0);
    FAILS(EMFILE, -1, open("/dev/null", O_RDONLY));
    FAILS(EMFILE, NULL, fopen("/dev/null", "r"));
    FAILS(EMFILE, NULL, tmpfile());
    char name[] = "/tmp/tidal-XXXXXX";
    FAILS(EMFILE, -1, mkstemp(name));
    FAILS(EMFILE, NULL, opendir("/"));
    FAILS(EMFILE, NULL, popen("true", "r"));
    FAILS(EMFILE, -1, pipe(pair));
    FAILS(EMFILE, -1, socket(AF_UNIX, SOCK_STREAM, 0));
    FAILS(EMFILE, -1, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    FAILS(EMFILE, -1, dup(0));
    FAILS(EMFILE, -1, fcntl(0, F_DUPFD, 0));
    FAILS(EMFILE, -1, epoll_create1(0));
    FAILS(EMFILE, -1, eventfd(0, 0));
    FAILS(EMFILE, -1, memfd_create("none", 0));
    FAILS(EMFILE, -1, posix_openpt(O_RDWR));
    struct dirent **names;
    FAILS(EMFILE, -1, scandir("/", &names, NULL, NULL));
    FAILS(EMFILE, NULL, getpwnam("root"));
    FAILS(EMFILE, NULL, getgrnam("root"));
    struct passwd user, *found = &user;
    char text[1000];
    CHECK(getpwuid_r(0, &user, text, sizeof text, &found) == EMFILE && found == NULL);
    glob_t matches;
    CHECK(glob("/*", GLOB_ERR, NULL, &matches) == GLOB_ABORTED);
    FAILS(EMFILE, -1, ftw("/", visit, 5));
    /* No file is needed for these. */
    CHECK(system("exit 5") == 5 << 8);
    char *shell[] = {"sh", "-c", "exit 6", NULL};
    pid_t child;
    CHECK(posix_spawn(&child, "/bin/sh", NULL, NULL, shell, NULL) == 0);
    CHECK(waitpid(child, &status, 0) == child && status == 6 << 8);
    struct addrinfo numeric = {.ai_flags = AI_NUMERICHOST}, *list;
    CHECK(getaddrinfo("127.0.0.1", "80", &numeric, &list) == 0);
    freeaddrinfo(list);
    setenv("TZ", "Europe/Nowhere", 1), tzset();
    time_t zero = 0;
    CHECK(localtime(&zero)->tm_hour == 0);
    syslog(LOG_DEBUG, "to nobody");
    CHECK(setrlimit(RLIMIT_NOFILE, &old) == 0);
    /* What failed kept nothing open. */
    CHECK(dup(0) == 4);
    close(3), close(4);
    CHECK(getpwnam("root") != NULL && getgrnam("root") != NULL);
    return 0;
}
