/* setenv, putenv, unsetenv, clearenv and a replaced environ. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

static int is(const char *name, const char *want) {
    const char *got = getenv(name);
    return want ? got && strcmp(got, want) == 0 : !got;
}

int main(void) {
    if (setenv("TIDAL_A", "1", 0) || !is("TIDAL_A", "1"))
        return 1;
    if (setenv("TIDAL_A", "2", 0) || !is("TIDAL_A", "1"))
        return 2;
    if (setenv("TIDAL_A", "2", 1) || !is("TIDAL_A", "2"))
        return 3;
    static char entry[] = "TIDAL_B=x";
    if (putenv(entry) || !is("TIDAL_B", "x"))
        return 4;
    entry[8] = 'y';
    if (!is("TIDAL_B", "y") || !is("TIDAL", 0) || !is("TIDAL_", 0))
        return 5;
    if (unsetenv("TIDAL_B") || !is("TIDAL_B", 0) || !is("TIDAL_A", "2"))
        return 6;
    errno = 0;
    if (setenv("a=b", "", 1) != -1 || errno != EINVAL || setenv("", "", 1) != -1 || unsetenv("a=b") != -1)
        return 7;
    for (int i = 0; i < 200; i++) {
        char name[8] = "N000";
        name[1] += i / 100, name[2] += i / 10 % 10, name[3] += i % 10;
        if (setenv(name, name + 1, 1) || !is(name, name + 1))
            return 8;
    }
    char *own[] = {"P=q", 0};
    environ = own;
    if (!is("P", "q") || !is("TIDAL_A", 0) || setenv("R", "s", 1) || !is("P", "q") || !is("R", "s") || environ == own)
        return 9;
    if (clearenv() || getenv("P") || setenv("P", "z", 1) || !is("P", "z"))
        return 10;
    return 0;
}
