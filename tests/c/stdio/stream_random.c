/* Random operations on files and memory, with the results that the host gets. */
/* harness: compare */
/* harness: args 20 3000 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdio_ext.h>
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

static void fill(char *p, int n) {
    while (n--) *p++ = rnd(10) ? 'a' + rnd(26) : '\n';
}

static unsigned sum(const char *p, int n) {
    unsigned s = 1;
    while (n-- > 0) s = s * 31 + (unsigned char)*p++;
    return s;
}

static void use(FILE *f, int appending, int steps, int memory) {
    static char data[20000];
    int writing = 0;
    static char own[5000];
    if (rnd(3) == 0) printf("setvbuf %d\n", setvbuf(f, rnd(2) ? own : NULL, rnd(3), 1 + rnd(5000)));
    while (steps--) {
        int n = rnd(4) ? rnd(40) : rnd(sizeof data);
        unsigned op = rnd(14);
        /* Between writing and reading ISO C wants a seek or a flush. */
        if (rnd(4) == 0 || (writing ? op < 6 : op >= 6 && op < 10)) {
            long at = rnd(3) ? rnd(memory ? 400 : 9000) : 0;
            int r = fseek(f, at, SEEK_SET);
            printf("seek %d %ld\n", r, ftell(f));
            writing = op >= 6 && op < 10;
        }
        switch (op) {
        case 0: {
            int c = getc(f);
            printf("getc %d eof %d\n", c, !!feof(f));
            break;
        }
        case 1: {
            int r = fread(data, 1, n, f);
            printf("fread %d of %d: %x eof %d\n", r, n, sum(data, r), !!feof(f));
            break;
        }
        case 2: {
            char *r = fgets(data, 1 + n, f);
            printf("fgets %s\n", r ? r : "(none)");
            break;
        }
        case 3: {
            long at = ftell(f);
            if (at > 0 && !memory) {
                int c = rnd(2) ? 'Q' : getc(f), r = ungetc(c, f);
                printf("ungetc %d", r);
                if (r != EOF) printf(" tell %ld getc %d\n", ftell(f), getc(f));
                else puts("");
            }
            break;
        }
        case 4: {
            char *line = NULL;
            size_t size = 0;
            long r = getline(&line, &size, f);
            printf("getline %ld %x\n", r, r > 0 ? sum(line, r) : 0);
            free(line);
            break;
        }
        case 5: printf("tell %ld\n", ftell(f)); break;
        case 6: {
            int c = 'A' + rnd(26);
            printf("putc %d\n", putc(c, f));
            break;
        }
        case 7:
            if (memory) n %= 30;
            fill(data, n);
            printf("fwrite %d of %d\n", (int)fwrite(data, 1, n, f), n);
            break;
        case 8: printf("fprintf %d\n", fprintf(f, "%d %s\n", n, "word")); break;
        case 9: printf("fputs %d\n", fputs("some text", f) >= 0); break;
        case 10: {
            int r = fflush(f);
            printf("fflush %d\n", r);
            if (memory) fseek(f, 0, SEEK_SET);
            writing = 0;
            break;
        }
        case 11: {
            int r = fseek(f, -(long)rnd(30), SEEK_END);
            printf("seek from end %d %ld\n", r, ftell(f));
            writing = 0;
            break;
        }
        case 12: {
            long at = ftell(f);
            int d = rnd(60) - 30, r = fseek(f, d, SEEK_CUR);
            printf("from %ld by %d: %d %ld\n", at, d, r, ftell(f));
            writing = 0;
            break;
        }
        case 13:
            rewind(f);
            printf("rewind %ld\n", ftell(f));
            writing = 0;
        }
        (void)appending;
    }
}

int main(int argc, char **argv) {
    state = strtoull(argv[1], 0, 0) * 0x9E3779B97F4A7C15u + 1;
    int rounds = atoi(argv[2]) / 100;
    char path[] = "/tmp/tidal-stream-XXXXXX";
    close(mkstemp(path));
    for (int i = 0; i < rounds; i++) {
        static const char *modes[] = {"w+", "r+", "a+"};
        const char *mode = modes[rnd(3)];
        printf("== %s\n", mode);
        FILE *f = fopen(path, mode);
        use(f, *mode == 'a', 100, 0);
        printf("close %d\n", fclose(f));
        static char all[2000000];
        f = fopen(path, "r");
        int n = fread(all, 1, sizeof all, f);
        printf("file %d %x\n", n, sum(all, n));
        fclose(f);
        if (n > 1000000) truncate(path, 0);
    }
    unlink(path);
}
