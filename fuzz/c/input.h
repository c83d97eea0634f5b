/* What a target makes of its input: numbers from the front, strings up to a NUL or the end. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct input {
    const uint8_t *at, *end;
};

static unsigned take(struct input *in) { return in->at < in->end ? *in->at++ : 0; }

__attribute__((unused)) static unsigned take2(struct input *in) {
    unsigned high = take(in);
    return high << 8 | take(in);
}

/* A copy of its own, so that a step too far meets malloc's checks. */
__attribute__((unused)) static char *take_string(struct input *in) {
    size_t n = strnlen((const char *)in->at, in->end - in->at);
    char *copy = malloc(n + 1);
    memcpy(copy, in->at, n);
    copy[n] = 0;
    in->at += n + (in->at + n < in->end);
    return copy;
}

#define REQUIRE(...) ((__VA_ARGS__) ? (void)0 : __builtin_trap())
