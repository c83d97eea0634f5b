/* posix_spawn, system and popen in a vfork child. */
#include "common.h"
#include <spawn.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    char *arguments[] = { "true", NULL };
    for (int i = iterations(argc, argv) / 10 + 1; i > 0; i--) {
        CHILD_PASSES(pid_t pid; CHECK(posix_spawn(&pid, "/usr/bin/true", NULL, NULL, arguments, environ) == 0);
                     CHECK(wait_status(pid) == 0); check_identity();
                     CHECK(posix_spawn(&pid, "/nonexistent", NULL, NULL, arguments, environ) == ENOENT));
        if (i % 8 == 0)
            CHILD_PASSES(CHECK(system("exit 3") == 3 << 8); FILE *f = popen("echo 42", "r"); int n = 0; CHECK(f);
                         CHECK(fscanf(f, "%d", &n) == 1 && n == 42); CHECK(pclose(f) == 0));
        check_identity();
    }
    return 0;
}
