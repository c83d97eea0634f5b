/* Zone files cut off at each byte, or with a byte changed: never a crash, and UTC where nothing else can be read. glibc takes a new file for an old one. */
/* harness: glibc no */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static unsigned char file[1000];
static size_t length;

static void put(unsigned long long value, int bytes) {
    while (bytes--) file[length++] = value >> 8 * bytes;
}

/* A header and its data: two kinds of time, three changes between them. */
static void part(int bytes) {
    memcpy(file + length, "TZif2", 5), length += 5;
    memset(file + length, 0, 15), length += 15;
    static const int counts[] = {0, 0, 0, 3, 2, 8};
    for (int i = 0; i < 6; i++) put(counts[i], 4);
    static const long times[] = {-1000000, 1000000000, 1500000000};
    for (int i = 0; i < 3; i++) put(times[i], bytes);
    put(0x010001, 3);
    put(3600, 4), put(0, 2), put(7200, 4), put(0x0104, 2);
    memcpy(file + length, "CET\0DST", 8), length += 8;
}

static int number;

/* The hour at some time by the file as it is now. */
static int hour(size_t size) {
    char path[60], name[64];
    snprintf(path, sizeof path, "/tmp/tidal-zone-%d-%d", (int)getpid(), number++);
    int fd = open(path, O_CREAT | O_EXCL | O_WRONLY, 0600);
    if (fd < 0 || write(fd, file, size) != (ssize_t)size) exit(2);
    close(fd);
    snprintf(name, sizeof name, ":%s", path);
    setenv("TZ", name, 1), tzset();
    int result = 0;
    static const long at[] = {-5000000, 1200000000, 1400000000, 1784000000, 2000000000000};
    for (int i = 0; i < 5; i++) {
        struct tm broken;
        if (!localtime_r(&at[i], &broken)) exit(3);
        if (strnlen(broken.tm_zone, 1000) == 1000) exit(4);
        if (mktime(&broken) == -1) exit(5);
        if (i == 1) result = broken.tm_hour;
    }
    unlink(path);
    return result;
}

int main(void) {
    part(4), part(8);
    memcpy(file + length, "\nCET-1DST,M3.5.0,M10.5.0/3\n", 27), length += 27;
    /* 21:20 UTC. */
    if (hour(length) != 22) return printf("the whole file says %d\n", hour(length)), 1;
    for (size_t size = 0; size < length - 27; size++) {
        int by_part = hour(size);
        if (by_part != 21) return printf("%zu of %zu bytes say %d\n", size, length, by_part), 1;
    }
    for (size_t at = 0; at < length; at++) {
        static const unsigned char values[] = {0, 0x7f, 0xff};
        unsigned char old = file[at];
        for (int i = 0; i < 3; i++) file[at] = values[i], hour(length);
        file[at] = old;
    }
    return 0;
}
