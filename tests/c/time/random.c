/* localtime, mktime, timegm, strftime and strptime on random times, dates, zones and formats: as glibc. */
/* harness: compare */
/* harness: args 20000 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include "../out.h"

static const char *const zones[] = {"UTC0", "CET-1CEST,M3.5.0,M10.5.0/3", "EST5EDT,M3.2.0,M11.1.0", "<-03>3",
    "NZST-12NZDT,M9.5.0,M4.1.0/3", "IST-5:30", "AAA3BBB,J60/0,J300/24", "XXX-3:15:30YYY,10/1,350/26", "EST5EDT", "<+0330>-3:30",
    "GGG-13:59:59HHH,M2.1.1/1,M11.5.6/23", ":", "UTC-24:59:59"};

#define ZONES (sizeof zones / sizeof *zones)

static void out_tm(const struct tm *t) {
    out_int(t->tm_year), out_int(t->tm_mon), out_int(t->tm_mday), out_int(t->tm_hour), out_int(t->tm_min), out_int(t->tm_sec);
    out_int(t->tm_wday), out_int(t->tm_yday), out_int(t->tm_isdst), out_int(t->tm_gmtoff);
}

static time_t random_time(void) {
    switch (below(4)) {
    /* Up to three million years away: further ahead the host has no daylight saving time. */
    case 0: return (long)(next_random() << 11) >> (17 + below(33));
    case 1: return (long)below(4102444800u) - 86400;
    /* Near a change of the clocks, in some year and zone. */
    default: return (long)below(90) * 31556952 + below(2) * 26000000 + (long)below(40 * 86400);
    }
}

static void local(void) {
    time_t at = random_time();
    struct tm t;
    errno = 0;
    if (!localtime_r(&at, &t)) {
        out_int(errno);
        return;
    }
    out_tm(&t);
    struct tm back = t;
    out_int(mktime(&back)), out_tm(&back);
}

/* Seconds are near: those that lead over a change of the clocks count by themselves with the host. */
static void make(void) {
    static const int ranges[] = {1, 30, 1000, 2000000};
    int far = ranges[below(4)];
#define NEAR(low, most) ((int)below(most) + low + (below(5) ? 0 : (int)below(2 * far) - far))
    struct tm t = {.tm_year = NEAR(70, 130), .tm_mon = NEAR(0, 12), .tm_mday = NEAR(1, 31), .tm_hour = NEAR(0, 24),
        .tm_min = NEAR(0, 60), .tm_sec = (int)below(70) - 5, .tm_isdst = (int)below(3) - 1};
    struct tm utc = t;
    errno = 0;
    time_t made = mktime(&t);
    out_int(made), out_int(made == -1 ? errno : 0), out_tm(&t);
    out_int(timegm(&utc)), out_tm(&utc);
}

static void format(void) {
    static const char *const flags[] = {"", "", "", "_", "-", "0", "^", "#", "E", "O", "10", "_5", "^20", "010"};
    char text[400], spec[40], *p = spec;
    for (int n = 1 + below(3); n--;) {
        *p++ = '%';
        /* The host's `%s` loses digits where it has a width. */
        char letter = "aAbBcCdDeFgGhHIjklmMnpPrRsStTuUVwWxXyYzZ%+"[below(42)];
        p = stpcpy(p, letter == 's' ? "" : flags[below(14)]);
        *p++ = letter;
        if (below(2)) *p++ = "-x :"[below(4)];
    }
    *p = 0;
    time_t at = below(8) ? (long)below(4102444800u) : (long)(next_random() << 11) >> (20 + below(30));
    struct tm t;
    if (!localtime_r(&at, &t)) return;
    size_t room = below(8) ? sizeof text : below(30);
    size_t length = strftime(text, room, spec, &t);
    out_text(spec), out_char('|'), out_int(length), out_bytes(text, length);
}

static void parse(void) {
    static const char *const formats[] = {"%Y-%m-%d %H:%M:%S", "%d %b %Y", "%A, %d %B %y", "%j %Y", "%D %T", "%I:%M:%S %p", "%F %R",
        "%a %b %e %H:%M:%S %Y", "%s", "%U %w %Y", "%C %y", "%y %C", "%n%t%d", "%H%M%S", "%m/%d/%y", "%Y-%j", "%h %d", "%r", "%c", "%x %X", "%z", "%Y%m%d", "%G-%V-%u", "%W %u %Y"};
    const char *f = formats[below(24)];
    char text[200];
    time_t at = (long)below(4102444800u);
    struct tm t, parsed;
    gmtime_r(&at, &t);
    size_t n = strftime(text, sizeof text - 1, f, &t);
    text[n] = 0;
    /* Often with a mistake in it. */
    if (n && below(2)) text[below(n)] = "09a :-+Z"[below(8)];
    memset(&parsed, 0, sizeof parsed);
    char *end = strptime(text, f, &parsed);
    out_text(f), out_char('|'), out_text(text), out_char('|'), out_int(end ? end - text : -1);
    /* Where a week's day lies in another year, or before the year 1, the host makes up month and day. */
    if (end && parsed.tm_year > -1900 && parsed.tm_yday >= 0 && parsed.tm_yday < 365) out_tm(&parsed);
}

int main(int argc, char **argv) {
    long rounds = argc > 1 ? atol(argv[1]) : 1000;
    for (long round = 0; round < rounds; round++) {
        if (round % 500 == 0) {
            setenv("TZ", zones[round / 500 % ZONES], 1), tzset();
            out_text(zones[round / 500 % ZONES]), out_text(tzname[0]), out_text(tzname[1]), out_int(timezone), out_int(daylight), out_line();
        }
        switch (round % 4) {
        case 0: local(); break;
        case 1: make(); break;
        case 2: format(); break;
        case 3: parse(); break;
        }
        out_line();
    }
    out_flush();
    return 0;
}
