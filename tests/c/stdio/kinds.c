/* Streams on memory, on functions of the program's and on commands; temporary files, error messages. */
/* harness: compare */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <error.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void fmem(void) {
    char buf[40];
    static const char *modes[] = {"r", "w", "a", "r+", "w+", "a+"};
    for (int i = 0; i < 6; i++) {
        memset(buf, '.', sizeof buf);
        strcpy(buf, "hello");
        FILE *f = fmemopen(buf, 20, modes[i]);
        printf("%s: at %ld", modes[i], ftell(f));
        int c = getc(f);
        printf(" getc %d eof %d err %d", c, !!feof(f), !!ferror(f));
        fseek(f, 0, SEEK_CUR);
        clearerr(f);
        int r = fputs("xyz", f);
        printf(" puts %d flush %d at %ld", r >= 0, fflush(f), ftell(f));
        r = fseek(f, 0, SEEK_END);
        printf(" end %d %ld", r, ftell(f));
        errno = 0;
        r = fwrite("0123456789012345678901234567890", 1, 31, f);
        printf(" write %d", r);
        r = fflush(f);
        printf(" flush %d", r);
        r = fclose(f);
        for (int j = 0; j < 40; j++) putchar(buf[j] ? buf[j] : '_');
        puts("");
    }
    errno = 0;
    printf("%d", fmemopen(buf, 3, "q") == NULL);
    printf(" %d\n", errno);
    FILE *f = fmemopen(NULL, 100, "w+");
    fprintf(f, "%s %d", "abc", 12);
    rewind(f);
    char word[10];
    int n;
    printf("%d", fscanf(f, "%9s %d", word, &n));
    printf(" %s %d\n", word, n);
    fclose(f);
}

static void memstream(void) {
    char *p = NULL;
    size_t n = 99;
    FILE *f = open_memstream(&p, &n);
    fprintf(f, "hello %d", 42);
    fflush(f);
    printf("%s %zu\n", p, n);
    for (int i = 0; i < 3000; i++) fprintf(f, "%d,", i);
    fflush(f);
    printf("%zu %zu %s\n", n, strlen(p), p + n - 10);
    fseek(f, 2, SEEK_SET);
    fputs("LL", f);
    fflush(f);
    printf("%zu %.10s\n", n, p);
    fclose(f);
    free(p);
    f = open_memstream(&p, &n);
    fputs("abc", f);
    fseek(f, 10, SEEK_CUR);
    putc('!', f);
    printf("close %d", fclose(f));
    printf(" %zu %d %c\n", n, p[n - 5], p[n - 1]);
    free(p);
}

static char log_text[4000];
static long my_read(void *c, char *b, size_t n) {
    sprintf(log_text + strlen(log_text), "read;");
    if (n > 5) n = 5;
    memcpy(b, "abcde", n);
    return ++*(int *)c > 3 ? 0 : n;
}
static long my_write(void *c, const char *b, size_t n) {
    sprintf(log_text + strlen(log_text), "write %zu '%.*s';", n, (int)n, b);
    return n;
}
static int my_seek(void *c, off64_t *o, int w) {
    sprintf(log_text + strlen(log_text), "seek %ld %d;", (long)*o, w);
    *o = 77;
    return 0;
}
static int my_close(void *c) {
    sprintf(log_text + strlen(log_text), "close;");
    return 0;
}

static void cookie(void) {
    int count = 0;
    cookie_io_functions_t io = {my_read, my_write, my_seek, my_close};
    FILE *f = fopencookie(&count, "r", io);
    char line[100];
    printf("%s", fgets(line, 9, f));
    printf(" %s\n", fgets(line, 99, f));
    fclose(f);
    f = fopencookie(&count, "w", io);
    setvbuf(f, NULL, _IOLBF, 100);
    fprintf(f, "one %d\ntwo", 1);
    fclose(f);
    printf("%s\n", log_text);
}

static void commands(void) {
    FILE *f = popen("echo hi; exit 3", "r");
    char line[100];
    printf("%s", fgets(line, 99, f));
    int status = pclose(f);
    printf("%d\n", WEXITSTATUS(status));
    fflush(stdout);
    f = popen("cat; exit 2", "w");
    fprintf(f, "through a pipe\n");
    status = pclose(f);
    printf("%d\n", WEXITSTATUS(status));
    FILE *a = popen("cat >/dev/null", "w"), *b = popen("cat > /dev/null", "w");
    /* Ends only if b's child has not got a's pipe. */
    printf("%d", pclose(a));
    printf(" %d\n", pclose(b));
    errno = 0;
    printf("%d", popen("true", "x") == NULL);
    printf(" %d\n", errno);
}

static void temporary(void) {
    FILE *f = tmpfile();
    fputs("temporary", f);
    rewind(f);
    char word[20];
    printf("%d", fscanf(f, "%s", word));
    printf(" %s\n", word);
    fclose(f);
    char name[] = "/tmp/tidal-XXXXXX.c", folder[] = "/tmp/tidal-XXXXXX", bad[] = "/tmp/XXXXX";
    int fd = mkstemps(name, 2);
    printf("%d %d", fd >= 0, strcmp(name + 17, ".c"));
    unlink(name);
    printf(" %d", mkdtemp(folder) == folder);
    printf(" %d", rmdir(folder));
    printf(" %d %d\n", mkstemp(bad), errno);
    char *p = tempnam(NULL, "pre");
    printf("%.8s %zu\n", p, strlen(p));
    free(p);
}

static void buffers(void) {
    char path[] = "/tmp/tidal-buf-XXXXXX";
    close(mkstemp(path));
    FILE *f = fopen(path, "w");
    printf("%zu %d %d %d %d\n", __fpending(f), !!__freadable(f), !!__fwritable(f), !!__fwriting(f), !!__freading(f));
    fputs("12345", f);
    printf("%zu\n", __fpending(f));
    __fpurge(f);
    fputs("abc", f);
    fclose(f);
    f = fopen(path, "r+e");
    printf("%d", fcntl(fileno(f), F_GETFD));
    printf(" %d", fgetc(f));
    printf(" %d %d", fputc('x', fdopen(dup(fileno(f)), "r")), errno);
    f = freopen(path, "a", f);
    fputs("def", f);
    f = freopen(NULL, "r", f);
    char line[20];
    printf(" %s\n", fgets(line, 20, f));
    fclose(f);
    errno = 0;
    printf("%d", fopen(path, "wx") == NULL);
    printf(" %d", errno);
    printf(" %d", fopen("/nonexistent/x", "r") == NULL);
    printf(" %d", errno);
    printf(" %d", fopen(path, "z") == NULL);
    printf(" %d\n", errno);
    unlink(path);
    f = fopen("/dev/full", "w");
    printf("%zu", fwrite(line, 1, 10, f));
    printf(" %d", fflush(f));
    printf(" %d %d", errno, !!ferror(f));
    /* The host has thrown the ten bytes away by now. */
    fclose(f);
    puts("");
}

static void messages(void) {
    fflush(stdout);
    dup2(1, 2);
    program_invocation_name = "/some/program";
    program_invocation_short_name = "program";
    errno = ENOENT;
    perror("prefix");
    errno = ENOENT;
    perror("");
    errno = ENOENT;
    warn("file %d", 1);
    warnx("file %d", 2);
    errno = EACCES;
    warn(NULL);
    error(0, EINTR, "an %s", "error");
    error(0, 0, "no number");
    error_at_line(0, EPERM, "file.c", 12, "at %d", 3);
    error_one_per_line = 1;
    error_at_line(0, 0, "file.c", 13, "once");
    error_at_line(0, 0, "file.c", 13, "twice");
    printf("%u\n", error_message_count);
    fflush(stdout);
    if (fork() == 0) err(7, "the end");
    int status;
    wait(&status);
    printf("%d\n", WEXITSTATUS(status));
}

int main(void) {
    fmem();
    memstream();
    cookie();
    commands();
    temporary();
    buffers();
    messages();
}
