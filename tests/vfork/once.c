/* pthread_once: done is done on both sides; a child that dies in the routine leaves it to be run again, with no hang. */
#include "common.h"

static int runs, die;
static pthread_once_t once;

static void routine(void)
{
    if (die) kill(getpid(), SIGKILL);
    runs++;
}

int main(int argc, char **argv)
{
    const pthread_once_t fresh = PTHREAD_ONCE_INIT;
    for (int i = iterations(argc, argv); i > 0; i--) {
        once = fresh;
        runs = die = 0;
        CHILD_PASSES(CHECK(pthread_once(&once, routine) == 0));
        CHECK(pthread_once(&once, routine) == 0 && runs == 1);
        CHILD_PASSES(CHECK(pthread_once(&once, routine) == 0));
        CHECK(runs == 1);
        once = fresh;
        die = 1;
        CHECK(WTERMSIG(IN_CHILD(pthread_once(&once, routine))) == SIGKILL);
        die = 0;
        alarm(5);
        CHECK(pthread_once(&once, routine) == 0 && runs == 2);
        alarm(0);
    }
    return 0;
}
