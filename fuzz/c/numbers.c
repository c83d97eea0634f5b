/* Numbers and addresses as text: what is read lies in the text, and reads the same when it is written and read again. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <netdb.h>
#include <stdio.h>
#include <wchar.h>
#include "input.h"

static void floats(const char *text) {
    char *end, again[100];
    double d = strtod(text, &end);
    REQUIRE(end >= text && end <= text + strlen(text));
    snprintf(again, sizeof again, "%.17g", d);
    double back = strtod(again, NULL);
    REQUIRE(back == d || (isnan(back) && isnan(d)));
    snprintf(again, sizeof again, "%a", d);
    back = strtod(again, NULL);
    REQUIRE(back == d || isnan(d));
    long double l = strtold(text, &end);
    snprintf(again, sizeof again, "%.21Lg", l);
    REQUIRE(strtold(again, NULL) == l || l != l);
    /* One rounding after the other moves it by at most one step. */
    REQUIRE(isnan(d) || isinf(d) || fabs((double)l - d) <= fabs(d) * 0x1p-52 + 0x1p-1074);
    float f = strtof(text, &end);
    snprintf(again, sizeof again, "%.9g", f);
    REQUIRE(strtof(again, NULL) == f || isnan(f));
}

static void integers(const char *text, int base) {
    char *end = NULL, again[40];
    errno = 0;
    long n = strtol(text, &end, base);
    REQUIRE(errno == EINVAL || (end >= text && end <= text + strlen(text)));
    snprintf(again, sizeof again, "%ld", n);
    REQUIRE(strtol(again, NULL, 10) == n);
    strtoul(text, &end, base), strtoimax(text, NULL, base);
    REQUIRE(atol(text) == strtol(text, NULL, 10));
    wchar_t wide[200];
    size_t length = strlen(text) < 199 ? strlen(text) : 199;
    for (size_t i = 0; i < length; i++) wide[i] = (unsigned char)text[i];
    wide[length] = 0;
    wchar_t *stop;
    long w = wcstol(wide, &stop, base);
    REQUIRE(length == 199 || w == n);
    wcstod(wide, &stop);
    REQUIRE(stop >= wide && stop <= wide + length);
}

static void addresses(const char *text) {
    unsigned char bytes[16];
    char again[INET6_ADDRSTRLEN];
    static const int families[] = {AF_INET, AF_INET6};
    for (int i = 0; i < 2; i++) {
        if (inet_pton(families[i], text, bytes) != 1) continue;
        unsigned char back[16];
        REQUIRE(inet_ntop(families[i], bytes, again, sizeof again) && inet_pton(families[i], again, back) == 1);
        REQUIRE(memcmp(bytes, back, i ? 16 : 4) == 0);
    }
    struct in_addr old;
    REQUIRE(!inet_aton(text, &old) || inet_addr(text) == old.s_addr);
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV}, *list;
    if (getaddrinfo(text, "80", &hints, &list) == 0) {
        char host[100], port[10];
        REQUIRE(getnameinfo(list->ai_addr, list->ai_addrlen, host, sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) == 0);
        freeaddrinfo(list);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct input in = {data, data + size};
    unsigned kind = take(&in), base = take(&in) % 40;
    char *text = take_string(&in);
    switch (kind % 3) {
    case 0: floats(text); break;
    case 1: integers(text, base); break;
    case 2: addresses(text); break;
    }
    free(text);
    return 0;
}
