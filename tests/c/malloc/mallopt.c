/* mallopt takes what glibc takes; M_PERTURB fills new blocks and freed ones. For M_TRIM_THRESHOLD see trim-threshold. */
/* harness: flags -fno-builtin -w */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    int parameter, value, answer;
} cases[] = {
    {M_MXFAST, 0, 1},          {M_MXFAST, 160, 1},        {M_MXFAST, 161, 0},
    {M_TOP_PAD, 64 << 10, 1},  {M_TOP_PAD, 0, 1},         {M_MMAP_THRESHOLD, 64 << 10, 1},
    {M_MMAP_MAX, 0, 1},        {M_MMAP_MAX, 64 << 10, 1}, {M_MMAP_THRESHOLD, 32 << 20, 1},
    {M_ARENA_TEST, 4, 1},      {M_ARENA_MAX, 1, 1},       {M_ARENA_MAX, 0, 1},
    {M_CHECK_ACTION, 1, 1},    {M_TRIM_THRESHOLD, 0, 1},  {M_TRIM_THRESHOLD, 1 << 20, 1},
    {M_TRIM_THRESHOLD, -1, 1}, {M_PERTURB, 0, 1},
};

static int all(const unsigned char *p, int byte, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (p[i] != byte)
            return 0;
    return 1;
}

/* Larger than what glibc's per-thread cache holds, which does not fill. */
static int perturbed(size_t size)
{
    unsigned char *volatile p = malloc(size), *volatile next = malloc(size);
    if (!all(p, 0x5a, size))
        return printf("a new block of %zu is not filled\n", size), 1;
    memset(p, 1, size);
    free(p);
    if (!all(p + 32, 0xa5, size - 64))
        return printf("a freed block of %zu is not filled\n", size), 1;
    p = calloc(1, size);
    if (!all(p, 0, size))
        return printf("calloc's block of %zu is not zero\n", size), 1;
    free(p);
    free(next);
    return 0;
}

int main(void)
{
    int wrong = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int answer = mallopt(cases[i].parameter, cases[i].value);
        if (answer != cases[i].answer)
            wrong += printf("mallopt(%d, %d) is %d\n", cases[i].parameter, cases[i].value, answer);
    }
    mallopt(M_PERTURB, 0xa5);
    wrong += perturbed(5000) + perturbed(20000);
    mallopt(M_PERTURB, 0);
    unsigned char *p = malloc(5000);
    memset(p, 7, 5000);
    free(p);
    if (malloc(5000) != p || !all(p + 32, 7, 4900))
        wrong += printf("still filled\n");
    return wrong != 0;
}
