/* A pseudo-terminal: names, settings, what goes in comes out. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

int main(void) {
    int master, slave;
    char name[64], buffer[64];
    struct winsize size = {.ws_row = 11, .ws_col = 22};
    if (openpty(&master, &slave, name, 0, &size))
        return 1;
    if (!isatty(slave) || strcmp(ttyname(slave), name) || strcmp(ptsname(master), name))
        return 2;
    struct termios t, u;
    if (tcgetattr(slave, &t))
        return 3;
    cfmakeraw(&t);
    cfsetspeed(&t, B9600);
    if (tcsetattr(slave, TCSANOW, &t) || tcgetattr(slave, &u) || cfgetospeed(&u) != B9600 || u.c_lflag != t.c_lflag)
        return 4;
    if (write(slave, "abc\n", 4) != 4 || read(master, buffer, sizeof buffer) != 4 || memcmp(buffer, "abc\n", 4))
        return 5;
    if (write(master, "xyz", 3) != 3 || read(slave, buffer, sizeof buffer) != 3 || memcmp(buffer, "xyz", 3))
        return 6;
    errno = 0;
    if (tcgetattr(open("/dev/null", O_RDONLY), &t) != -1 || errno != ENOTTY)
        return 7;
    int m = posix_openpt(O_RDWR | O_NOCTTY);
    if (m < 0 || grantpt(m) || unlockpt(m) || ptsname_r(m, buffer, 3) != ERANGE)
        return 8;
    return 0;
}
