/* fork while threads malloc and print: the child mallocs, locks and prints at once. */
#include "common.h"
#include <stdio.h>

static FILE *file;
static pthread_t printer;

static void *print(void *unused)
{
    (void)unused;
    while (atomic_load(&hammering)) fprintf(file, "%d\n", 7);
    return NULL;
}

int main(int argc, char **argv)
{
    file = fopen("/dev/null", "w");
    CHECK(file);
    start_hammers();
    CHECK(pthread_create(&printer, NULL, print, NULL) == 0);
    for (int i = iterations(argc, argv); i > 0; i--) {
        pid_t pid = fork();
        if (pid == 0) {
            check_identity();
            for (unsigned k = 0; k < 50; k++) exchange(k, 1 + k * 61 % 3000);
            CHECK(fprintf(file, "child\n") > 0 && fflush(file) == 0);
            _exit(0);
        }
        CHECK(wait_status(pid) == 0);
        check_identity();
    }
    stop_hammers();
    CHECK(pthread_join(printer, NULL) == 0);
    return 0;
}
