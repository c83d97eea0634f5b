/* bench: what making a thread and joining it */
#include <pthread.h>

#include "../bench.h"

static void *nothing(void *arg) { return arg; }

static void *allocate(void *arg)
{
    void *volatile p = malloc(64);
    free(p);
    return arg;
}

static void one(void *(*job)(void *))
{
    pthread_t t;
    if (pthread_create(&t, 0, job, 0) || pthread_join(t, 0)) exit(1);
}

int main(int argc, char **argv)
{
    long n = scaled(5000, argc, argv);
    report("create, join", BEST_OF(5, n, one(nothing)) / 1e3, "us");
    report("create, malloc, join", BEST_OF(5, n, one(allocate)) / 1e3, "us");
    return 0;
}
