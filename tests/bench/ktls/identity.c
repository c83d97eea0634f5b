/* bench: what asking who and where one is */
/* bench: cpus 1 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <unistd.h>

#include "../bench.h"

int main(int argc, char **argv)
{
    long n = scaled(2000000, argc, argv);
    report("gettid", BEST_OF(5, n, KEEP(gettid())), "ns");
    report("getpid", BEST_OF(5, n, KEEP(getpid())), "ns");
    report("errno", BEST_OF(5, n, KEEP(errno)), "ns");
    report("sched_getcpu", BEST_OF(5, n, KEEP(sched_getcpu())), "ns");
    return 0;
}
