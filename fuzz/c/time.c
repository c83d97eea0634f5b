/* Times as text: strptime, strftime, TZ values and zone files, whatever they are. */
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>
#include "input.h"

/* What local time is everywhere. */
static void look_around(void) {
    static const time_t times[] = {0, -1, 1, 1700000000, -2000000000, 5000000000, 67767976233529199, -67768040609740800};
    for (unsigned i = 0; i < sizeof times / sizeof *times; i++) {
        struct tm tm;
        char text[100];
        if (!localtime_r(&times[i], &tm)) continue;
        REQUIRE(tm.tm_mon >= 0 && tm.tm_mon < 12 && tm.tm_mday >= 1 && tm.tm_mday <= 31 && tm.tm_yday >= 0 && tm.tm_yday < 366);
        REQUIRE(tm.tm_wday >= 0 && tm.tm_wday < 7 && tm.tm_hour >= 0 && tm.tm_hour < 24);
        strftime(text, sizeof text, "%Z %z %c %s", &tm);
        tm.tm_isdst = (int)(i % 3) - 1;
        mktime(&tm);
    }
}

static void zone(const char *name) {
    setenv("TZ", name, 1);
    tzset();
    look_around();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    /* A zone that was read stays in memory, so not too many of them. */
    static int zones, file;
    struct input in = {data, data + size};
    switch (take(&in) % 4) {
    case 0: {
        char *format = take_string(&in), *text = take_string(&in);
        struct tm tm = {0};
        char *end = strptime(text, format, &tm);
        REQUIRE(!end || (end >= text && end <= text + strlen(text)));
        free(format), free(text);
        break;
    }
    case 1: {
        int fields[10];
        for (int i = 0; i < 10; i++) fields[i] = (int)(take2(&in) << 16 | take2(&in)) >> take(&in) % 32;
        struct tm tm = {fields[0], fields[1], fields[2], fields[3], fields[4], fields[5], fields[6], fields[7], fields[8], fields[9], "ABC"};
        size_t room = take(&in);
        char *format = take_string(&in), *text = malloc(room + 1);
        size_t length = strftime(text, room, format, &tm);
        REQUIRE(length == 0 || (length < room && text[length] == 0));
        timegm(&tm);
        free(format), free(text);
        break;
    }
    case 2:
        if (++zones < 100000) {
            char *name = take_string(&in);
            if (*name && *name != ':' && *name != '/') zone(name);
            free(name);
        }
        break;
    case 3:
        if (++zones < 100000) {
            if (!file) file = memfd_create("zone", 0);
            REQUIRE(ftruncate(file, 0) == 0 && pwrite(file, in.at, in.end - in.at, 0) == in.end - in.at);
            /* A name of its own each time: zones are known by name. */
            char name[256] = ":";
            int slashes = 1 + zones / 600;
            memset(name + 1, '/', slashes);
            int fd = 10 + zones % 600;
            dup2(file, fd);
            snprintf(name + 1 + slashes, 40, "proc/self/fd/%d", fd);
            zone(name);
            close(fd);
        }
    }
    return 0;
}
