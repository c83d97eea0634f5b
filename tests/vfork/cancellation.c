/* A cancellation request that waits is the parent's: the child passes cancellation points, then the thread is cancelled. */
#include "common.h"
#include <fcntl.h>

static void *run(void *unused)
{
    int old;
    (void)unused;
    CHECK(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old) == 0);
    CHECK(pthread_cancel(pthread_self()) == 0);
    CHILD_PASSES(CHECK(pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &old) == 0); pthread_testcancel();
                 int fd = open("/dev/null", O_WRONLY); CHECK(write(fd, "x", 1) == 1); close(fd));
    CHECK(pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &old) == 0);
    pthread_testcancel();
    return NULL;
}

int main(int argc, char **argv)
{
    for (int i = iterations(argc, argv); i > 0; i--) {
        pthread_t thread;
        void *result;
        CHECK(pthread_create(&thread, NULL, run, NULL) == 0);
        CHECK(pthread_join(thread, &result) == 0 && result == PTHREAD_CANCELED);
    }
    return 0;
}
