/* malloc, calloc, realloc, aligned_alloc and free in the child; blocks cross between child and parent both ways. */
#include "common.h"

static unsigned char *small, *large, *zeros, *aligned;

int main(int argc, char **argv)
{
    for (int i = iterations(argc, argv); i > 0; i--) {
        size_t size = 1 + (size_t)(i * 7919) % 1500;
        small = malloc(size);
        CHECK(small);
        memset(small, 7, size);
        CHILD_PASSES(CHECK(small[size - 1] == 7); small = realloc(small, size * 3); CHECK(small && small[size - 1] == 7);
                     large = malloc(300000 + size); CHECK(large); large[299999] = 9;
                     zeros = calloc(size, 3); CHECK(zeros && zeros[size * 3 - 1] == 0);
                     aligned = aligned_alloc(256, 512); CHECK(aligned && (size_t)aligned % 256 == 0);
                     free(malloc(0)); free(NULL));
        CHECK(small[size - 1] == 7 && large[299999] == 9 && zeros[0] == 0);
        free(small);
        free(zeros);
        free(aligned);
        CHILD_PASSES(free(large));
    }
    return 0;
}
