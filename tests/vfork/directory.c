/* opendir, readdir and closedir in the child while threads do the same. */
#include "common.h"
#include <dirent.h>

static int read_all(void)
{
    DIR *directory = opendir("/proc/self/fd");
    CHECK(directory);
    int count = 0;
    while (readdir(directory)) count++;
    CHECK(closedir(directory) == 0);
    return count;
}

static atomic_int running = 1;

static void *run(void *unused)
{
    (void)unused;
    while (atomic_load(&running)) CHECK(read_all() >= 5);
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, run, NULL) == 0);
    for (int i = iterations(argc, argv); i > 0; i--) CHILD_PASSES(CHECK(read_all() >= 5));
    atomic_store(&running, 0);
    CHECK(pthread_join(thread, NULL) == 0);
    return 0;
}
