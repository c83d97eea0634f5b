/* What a compared program prints with: no stdio, so that these tests stand on the function under test alone. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static char out_buffer[1 << 16];
static size_t out_length;

static void out_flush(void) {
    size_t done = 0;
    while (done < out_length) {
        long n;
        __asm__ volatile("syscall"
                         : "=a"(n)
                         : "a"(1L), "D"(1L), "S"(out_buffer + done), "d"(out_length - done)
                         : "rcx", "r11", "memory");
        if (n <= 0) break;
        done += n;
    }
    out_length = 0;
}

static void out_char(char c) {
    if (out_length == sizeof out_buffer) out_flush();
    out_buffer[out_length++] = c;
}

static void out_text(const char *s) {
    if (!s) s = "(null)";
    while (*s) out_char(*s++);
}

/* Visible whatever the bytes are. */
static void out_bytes(const void *p, size_t n) {
    const unsigned char *s = p;
    for (size_t i = 0; i < n; i++) {
        if (s[i] >= 32 && s[i] < 127 && s[i] != '\\') {
            out_char(s[i]);
        } else {
            out_char('\\');
            out_char("0123456789abcdef"[s[i] >> 4]);
            out_char("0123456789abcdef"[s[i] & 15]);
        }
    }
}

static void out_unsigned(unsigned long long v) {
    char digits[24];
    int i = 0;
    do digits[i++] = '0' + v % 10;
    while (v /= 10);
    while (i) out_char(digits[--i]);
    out_char(' ');
}

static void out_int(long long v) {
    if (v < 0) out_char('-');
    out_unsigned(v < 0 ? -(unsigned long long)v : (unsigned long long)v);
}

static void out_line(void) { out_char('\n'); }

static int out_sign(int v) { return (v > 0) - (v < 0); }

/* The same numbers on every run. */
static uint64_t random_state = 88172645463325252ull;

static uint64_t next_random(void) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state >> 11;
}

static unsigned below(unsigned n) { return next_random() % n; }

/* A string of at most `most` bytes from the alphabet. */
static char *random_text(char *buffer, unsigned most, const char *alphabet) {
    unsigned n = below(most + 1), kinds = strlen(alphabet);
    for (unsigned i = 0; i < n; i++) buffer[i] = alphabet[below(kinds)];
    buffer[n] = 0;
    return buffer;
}
