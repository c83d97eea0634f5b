/* Programs allocate and free at random and free one block twice: all of them end before a block is given out that is in use,
   and none ends that does not free twice. An argument is how many programs. */
/* harness: glibc no */
/* harness: flags -O1 -w -fno-builtin */
#include "one_cpu.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PROGRAMS = 400, MOST = 800, STEPS = 6000 };
enum { FINE, UNNOTICED, GIVEN_OUT_TWICE };

static uint64_t state;
static void *live[MOST], *freed[2 * STEPS];
static int lives, frees;

static unsigned below(unsigned limit)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (state >> 20) % limit;
}

static int is_live(const void *block)
{
    for (int i = 0; i < lives; i++)
        if (live[i] == block)
            return 1;
    return 0;
}

static int allocate(size_t size)
{
    void *block = malloc(size);
    if (is_live(block))
        return GIVEN_OUT_TWICE;
    for (int i = 0; i < frees; i++)
        while (i < frees && freed[i] == block)
            freed[i] = freed[--frees];
    *(uint64_t *)block = state;
    live[lives++] = block;
    return FINE;
}

static int run(int twice_at)
{
    static const size_t sizes[] = { 24, 100, 500, 5000, 100000 };
    unsigned kinds = 1 + below(3), most = 20 + below(below(2) ? 60 : MOST - 20), phase = 0;
    int twice = 0;
    for (int step = 0; step < 2 * STEPS; step++) {
        if (below(200) == 0)
            phase = below(3);
        if (step >= twice_at && !twice && frees) {
            unsigned recent = frees < 600 ? frees : 600;
            free(freed[frees - 1 - below(recent)]);
            twice = 1;
        }
        if (below(100) < (phase == 0 ? 50 : phase == 1 ? 75 : 25) && lives < most) {
            if (allocate(sizes[below(kinds)]))
                return GIVEN_OUT_TWICE;
        } else if (lives) {
            int at = phase == 2 ? lives - 1 : below(lives);
            void *block = live[at];
            live[at] = live[--lives];
            free(block);
            freed[frees++] = block;
        }
    }
    return twice ? UNNOTICED : FINE;
}

int main(int argc, char **argv)
{
    int programs = argc > 1 ? atoi(argv[1]) : PROGRAMS;
    if (stay())
        return 2;
    for (int i = 0; i < programs; i++) {
        int frees_twice = i % 8 != 0, status;
        if (fork() == 0) {
            close(2);
            state = 88172645463325252 + i * 7919ull * 104729;
            below(1);
            _exit(run(frees_twice ? below(STEPS) : 2 * STEPS));
        }
        wait(&status);
        if (WIFSIGNALED(status) != frees_twice || (WIFEXITED(status) && WEXITSTATUS(status) != FINE))
            return printf("program %d, which frees %s, ended with status %#x\n", i, frees_twice ? "twice" : "once", status), 1;
    }
    return 0;
}
