/* A child mallocs and frees, also blocks of other threads, while four of them do the same. */
#include "common.h"

int main(int argc, char **argv)
{
    start_hammers();
    for (int i = iterations(argc, argv); i > 0; i--)
        CHILD_PASSES(for (unsigned k = 0; k < 100; k++) exchange((unsigned)i * 31 + k, 1 + (k * 37 + (unsigned)i) % 3000));
    stop_hammers();
    for (int i = 0; i < SHELF; i++) free(shelf[i]);
    return 0;
}
