/* getlogin: a name or an error that POSIX has, and want of room or descriptors said as such, which glibc takes for no terminal. */
/* harness: glibc no */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define REQUIRE(c) do { if (!(c)) { printf("line %d: %s (%d)\n", __LINE__, #c, error); return 1; } } while (0)

int main(void) {
    char name[300];
    int error = getlogin_r(name, sizeof name);
    REQUIRE(error == 0 || error == ENOTTY || error == ENXIO);
    /* Where the kernel lets us, this process logs in. */
    int fd = open("/proc/self/loginuid", O_WRONLY), is_in = fd >= 0 && write(fd, "0", 1) == 1;
    close(fd);
    if (is_in) error = getlogin_r(name, sizeof name);
    REQUIRE(!is_in || (error == 0 && strcmp(name, "root") == 0));
    if (error == 0) {
        REQUIRE(getlogin() && strcmp(getlogin(), name) == 0);
        size_t size = strlen(name) + 1;
        REQUIRE((error = getlogin_r(name, size - 1)) == ERANGE);
        REQUIRE((error = getlogin_r(name, 0)) == ERANGE);
        REQUIRE((error = getlogin_r(name, size)) == 0 && strlen(name) + 1 == size);
    }
    struct rlimit none = {0, 0};
    REQUIRE(setrlimit(RLIMIT_NOFILE, &none) == 0);
    REQUIRE((error = getlogin_r(name, sizeof name)) == EMFILE);
    errno = 0;
    REQUIRE(!getlogin() && errno == EMFILE);
    return 0;
}
