/* A child that dies with a stream locked leaves it to the parent, which prints on; what the parent had locked stays so. */
#include "common.h"
#include <stdio.h>

static FILE *file;

static void *try_lock(void *unused)
{
    (void)unused;
    int result = ftrylockfile(file);
    if (result == 0) funlockfile(file);
    return (void *)(size_t)result;
}

static int busy_for_threads(void)
{
    pthread_t thread;
    void *result;
    CHECK(pthread_create(&thread, NULL, try_lock, NULL) == 0);
    CHECK(pthread_join(thread, &result) == 0);
    return result != NULL;
}

int main(int argc, char **argv)
{
    file = fopen("/dev/null", "w");
    CHECK(file);
    for (int i = iterations(argc, argv) / 3 + 1; i > 0; i--) {
        CHECK(WTERMSIG(IN_CHILD(flockfile(file); flockfile(file); fputs("half", file); kill(getpid(), SIGKILL))) == SIGKILL);
        CHECK(fprintf(file, "%d\n", i) > 0);
        CHECK(!busy_for_threads());
        flockfile(file);
        CHILD_PASSES(CHECK(fputs("x", file) >= 0); flockfile(file); flockfile(file));
        CHECK(busy_for_threads());
        funlockfile(file);
        CHECK(!busy_for_threads());
        CHILD_PASSES(flockfile(file); fputs("x", file); funlockfile(file));
        CHECK(!busy_for_threads());
    }
    return 0;
}
