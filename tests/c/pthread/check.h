/* CHECK for programs that may not use stdio: writes the line and ends the process. */
#include <string.h>
#include <unistd.h>

static void check_failed(const char *file, int line, const char *what)
{
    char digits[12], *at = digits + sizeof digits;
    do *--at = '0' + line % 10; while ((line /= 10) && at > digits);
    (void)!write(2, file, strlen(file));
    (void)!write(2, ":", 1);
    (void)!write(2, at, digits + sizeof digits - at);
    (void)!write(2, ": ", 2);
    (void)!write(2, what, strlen(what));
    (void)!write(2, "\n", 1);
    _exit(1);
}

#define CHECK(condition) ((condition) ? (void)0 : check_failed(__FILE__, __LINE__, #condition))
