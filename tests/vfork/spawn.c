/* posix_spawn under threads that malloc: descriptors set up, failures reported as numbers without a child left over. */
#include "common.h"
#include <fcntl.h>
#include <spawn.h>

int main(int argc, char **argv)
{
    char *arguments[] = { "true", NULL };
    posix_spawn_file_actions_t actions;
    start_hammers();
    for (int i = iterations(argc, argv); i > 0; i--) {
        pid_t pid = -7;
        CHECK(posix_spawn_file_actions_init(&actions) == 0);
        CHECK(posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0) == 0);
        CHECK(posix_spawn_file_actions_adddup2(&actions, 1, 20) == 0);
        if (i % 10) {
            CHECK(posix_spawnp(&pid, "no-such-program", &actions, NULL, arguments, environ) == ENOENT);
        } else {
            CHECK(posix_spawnp(&pid, "true", &actions, NULL, arguments, environ) == 0);
            CHECK(wait_status(pid) == 0);
        }
        CHECK(posix_spawn_file_actions_destroy(&actions) == 0);
        check_identity();
    }
    stop_hammers();
    CHECK(waitpid(-1, NULL, 0) == -1 && errno == ECHILD);
    return 0;
}
