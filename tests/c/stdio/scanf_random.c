/* Scans random text with random formats, as the host does: from strings and from a stream. */
/* harness: compare */
/* harness: args 20 40000 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static uint64_t state;
static unsigned rnd(unsigned n) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (state >> 20) % n;
}

static const char *pieces[] = {"0x", "12", "-", "+", " ", "e", "1e5", ".", "5", "99999999999999999999",
                               "abc", "0", "007", "%", "\n", "\t", "]", "^", "-9223372036854775808", "p3", "f", "x",
                               "4294967296", "1.5", "0x1.8p3", "zz", ",", "1e", "0x.8", "1e400"};

static char *text(char *p) {
    for (int i = rnd(9); i--;) {
        const char *s = pieces[rnd(sizeof pieces / sizeof *pieces)];
        strcpy(p, s);
        p += strlen(p);
    }
    *p = 0;
    return p;
}

static char kinds[8];
static int count;

static void spec(char *p) {
    static const char *sets[] = {"[a-z]", "[^ ]", "[]0-9]", "[^]]", "[-0-9]", "[0-9-]", "[x0.]"};
    *p++ = '%';
    int suppressed = rnd(6) == 0;
    if (suppressed) *p++ = '*';
    unsigned which = rnd(5);
    /* The host takes "0x" within a width of 2 for 0, and reads one character too many of what is not quite "inf": ISO C
       says otherwise, so numbers with a point get neither a width nor such text. */
    if (which != 2 && rnd(3) == 0) p += sprintf(p, "%d", 1 + rnd(8));
    char kind;
    switch (which) {
    case 0:
    case 1: {
        static const char *lengths[] = {"hh", "h", "", "l", "ll", "j", "z", "t", "L"};
        p += sprintf(p, "%s%c", lengths[rnd(9)], "diuoxX"[rnd(6)]);
        kind = 'i';
        break;
    }
    case 2: {
        int l = rnd(3);
        p += sprintf(p, "%s%c", l == 0 ? "" : l == 1 ? "l" : "L", "efga"[rnd(4)]);
        kind = "fdD"[l];
        break;
    }
    case 3:
        p += sprintf(p, "%s", rnd(2) ? "s" : sets[rnd(7)]);
        kind = 's';
        break;
    default:
        *p++ = rnd(2) ? 'c' : 'n';
        *p = 0;
        kind = p[-1] == 'c' ? 's' : 'i';
        /* The host's %*n is its own affair. */
        if (p[-1] == 'n' && suppressed) p[-1] = 'd';
    }
    *p = 0;
    if (!suppressed) kinds[count++] = kind;
}

int main(int argc, char **argv) {
    state = strtoull(argv[1], 0, 0) * 0x9E3779B97F4A7C15u + 1;
    for (long n = atol(argv[2]); n--;) {
        char in[400], format[200] = "";
        static union {
            char s[400];
            uint64_t i;
            float f;
            double d;
            long double D;
        } v[6];
        text(in);
        count = 0;
        for (int i = 1 + rnd(4); i--;) {
            spec(format + strlen(format));
            if (rnd(4) == 0) strcat(format, " ");
            if (rnd(8) == 0) strcat(format, pieces[rnd(18)]);
        }
        /* What a stray percent sign in a format does is undefined. */
        for (char *p = format; (p = strstr(p, "%")); p++)
            if (p[1] == '%' || p[1] == 0 || p[1] == ' ') p[0] = 'q';
        memset(v, 0, sizeof v);
        int r;
        if (n % 4) {
            r = sscanf(in, format, v, v + 1, v + 2, v + 3, v + 4, v + 5);
        } else {
            FILE *f = fopen("/tmp/tidal-scanf-test", "w+");
            unlink("/tmp/tidal-scanf-test");
            fputs(in, f);
            rewind(f);
            r = fscanf(f, format, v, v + 1, v + 2, v + 3, v + 4, v + 5);
            printf("at %ld ", ftell(f));
            fclose(f);
        }
        printf("<%s> <%s> %d:", in, format, r);
        for (int i = 0; i < count && i < r; i++) switch (kinds[i]) {
            case 'i': printf(" %llx", (long long)v[i].i); break;
            case 'f': printf(" %a", v[i].f); break;
            case 'd': printf(" %a", v[i].d); break;
            case 'D': printf(" %La", v[i].D); break;
            default: printf(" '%s'", v[i].s);
            }
        puts("");
    }
}
