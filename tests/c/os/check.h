/* What these tests share: CHECK that says where it failed, FAILS for a call that must fail with an error. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static void fail(int line, const char *what) {
    printf("line %d: %s (errno %d)\n", line, what, errno);
    exit(1);
}

#define CHECK(...) ((__VA_ARGS__) ? (void)0 : fail(__LINE__, #__VA_ARGS__))
#define FAILS(error, bad, ...) CHECK((errno = 0, __VA_ARGS__) == (bad) && errno == (error))
