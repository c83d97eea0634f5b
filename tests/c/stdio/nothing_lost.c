/* What a stream has accepted survives a write that fails: EAGAIN, EINTR and ENOSPC, short writes, and a full pipe. */
/* harness: glibc no */
#define _GNU_SOURCE
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

static unsigned next_out, next_in;

/* Takes what is in the pipe and checks that it is the sequence. */
static void drain(int fd) {
    unsigned char bytes[5000];
    int n = read(fd, bytes, 1 + rand() % sizeof bytes);
    for (int i = 0; i < n; i++) assert(bytes[i] == next_in++ % 251);
}

/* Writes the sequence in pieces, going on where the stream stopped accepting. */
static void piece(FILE *f, int reader) {
    static unsigned char data[20000];
    int n = rand() % 3 ? rand() % 50 : rand() % sizeof data;
    for (int i = 0; i < n; i++) data[i] = (next_out + i) % 251;
    int done = 0;
    while (done < n) {
        errno = 0;
        size_t r = fwrite(data + done, 1, n - done, f);
        done += r;
        if (done < n) {
            assert(ferror(f) && (errno == EAGAIN || errno == EINTR));
            clearerr(f);
            drain(reader);
        }
    }
    next_out += n;
}

static void finish(FILE *f, int reader) {
    while (fflush(f) == EOF) {
        assert(errno == EAGAIN || errno == EINTR);
        drain(reader);
    }
    while (next_in < next_out) drain(reader);
}

static void would_block(int mode) {
    int p[2];
    assert(pipe2(p, O_NONBLOCK) == 0);
    fcntl(p[1], F_SETPIPE_SZ, 4096);
    FILE *f = fdopen(p[1], "w");
    setvbuf(f, NULL, mode, 1000);
    for (int i = 0; i < 300; i++) piece(f, p[0]);
    finish(f, p[0]);
    fclose(f);
    close(p[0]);
}

static void on_alarm(int signal) {
    (void)signal;
}

/* A write that a signal interrupts before it wrote anything fails with EINTR; the bytes wait. */
static void interrupted(void) {
    int p[2];
    assert(pipe(p) == 0);
    fcntl(p[1], F_SETPIPE_SZ, 4096);
    fcntl(p[0], F_SETFL, O_NONBLOCK);
    struct sigaction action = {.sa_handler = on_alarm};
    sigaction(SIGALRM, &action, NULL);
    struct itimerval often = {{0, 2000}, {0, 2000}};
    setitimer(ITIMER_REAL, &often, NULL);
    FILE *f = fdopen(p[1], "w");
    for (int i = 0; i < 60; i++) piece(f, p[0]);
    finish(f, p[0]);
    struct itimerval never = {0};
    setitimer(ITIMER_REAL, &never, NULL);
    fclose(f);
    close(p[0]);
}

/* A read that a signal interrupts fails with EINTR and sets the error flag; the next one goes on. */
static void interrupted_read(void) {
    int p[2];
    assert(pipe(p) == 0);
    FILE *f = fdopen(p[0], "r");
    struct itimerval soon = {{0, 0}, {0, 5000}};
    setitimer(ITIMER_REAL, &soon, NULL);
    errno = 0;
    assert(getc(f) == EOF && errno == EINTR && ferror(f) && !feof(f));
    clearerr(f);
    assert(write(p[1], "xy", 2) == 2);
    assert(getc(f) == 'x' && getc(f) == 'y');
    fclose(f);
    close(p[1]);
}

/* A file that may not grow further: what is over waits until there is room. */
static void no_space(void) {
    char path[] = "/tmp/tidal-space-XXXXXX";
    int fd = mkstemp(path);
    unlink(path);
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit small = {10000, RLIM_INFINITY}, old;
    getrlimit(RLIMIT_FSIZE, &old);
    setrlimit(RLIMIT_FSIZE, &small);
    FILE *f = fdopen(fd, "w+");
    char data[3000];
    memset(data, 'd', sizeof data);
    int accepted = 0;
    for (int i = 0; i < 4; i++) accepted += fwrite(data, 1, sizeof data, f);
    assert(fflush(f) == EOF && errno == EFBIG && ferror(f));
    assert(ftell(f) == accepted);
    setrlimit(RLIMIT_FSIZE, &old);
    clearerr(f);
    assert(fflush(f) == 0);
    rewind(f);
    int n = 0;
    while (getc(f) == 'd') n++;
    assert(n == accepted && feof(f));
    fclose(f);
}

int main(void) {
    would_block(_IOFBF);
    would_block(_IOLBF);
    would_block(_IONBF);
    interrupted();
    interrupted_read();
    no_space();
    puts("nothing lost");
}
