/* An exec that fails leaves a child that goes on, with errno; the heap is whole on both sides. */
#include "common.h"

int main(int argc, char **argv)
{
    static char huge[200000];
    char *argument[] = { huge, NULL }, *none[] = { NULL };
    memset(huge, 'x', sizeof huge - 1);
    for (int i = iterations(argc, argv); i > 0; i--)
        CHILD_PASSES(CHECK(execve("/nonexistent", none, none) == -1 && errno == ENOENT);
                     CHECK(execve("/etc/passwd", none, none) == -1 && errno == EACCES);
                     CHECK(execve("/usr/bin/true", argument, none) == -1 && errno == E2BIG);
                     CHECK(execvp("no-such-program", none) == -1 && errno == ENOENT);
                     CHECK(execlp("", "x", (char *)NULL) == -1 && errno == ENOENT);
                     char *p = malloc(100); CHECK(p); free(p); check_identity());
    return 0;
}
