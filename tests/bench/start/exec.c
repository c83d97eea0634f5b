/* bench: what fork, exec and exit of a static program, and wait */
/* bench: cpus 1 */
#include <sys/wait.h>
#include <unistd.h>

#include "../bench.h"

static char *self;

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median_us(const char *job, int rounds)
{
    double *times = malloc((size_t)rounds * sizeof *times);
    for (int i = 0; i < rounds; i++) {
        double start = now_ns();
        pid_t pid = fork();
        if (pid == 0) {
            execl(self, self, job, (char *)0);
            _exit(127);
        }
        int status;
        if (waitpid(pid, &status, 0) != pid || status != 0) exit(1);
        times[i] = (now_ns() - start) / 1e3;
    }
    qsort(times, (size_t)rounds, sizeof *times, compare);
    double median = times[rounds / 2];
    free(times);
    return median;
}

int main(int argc, char **argv)
{
    /* The started programs write nothing, but stdio holds what they would. */
    static char buffer[BUFSIZ];
    if (argc > 1 && strcmp(argv[1], "nothing") == 0) return 0;
    if (argc > 1 && strcmp(argv[1], "printf") == 0) {
        snprintf(buffer, sizeof buffer, "Hello %d %s\n", argc, argv[0]);
        return buffer[0] != 'H';
    }
    if (argc > 1 && strcmp(argv[1], "malloc") == 0) {
        char *volatile p = malloc(100);
        free(p);
        return 0;
    }
    self = argv[0];
    int rounds = (int)scaled(1000, argc, argv);
    report("start and exit", median_us("nothing", rounds), "us");
    report("start, printf and exit", median_us("printf", rounds), "us");
    report("start, malloc and exit", median_us("malloc", rounds), "us");
    return 0;
}
