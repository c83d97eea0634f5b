/* The resolver and a name server that errs, lies, or keeps silent: names of hosts only, an error for the rest, and always an end.
   As root: the server is two threads, in a network and with an /etc of the process's own. */
/* harness: glibc no */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { CNAME = 5, PTR = 12 };
enum behaviour { ANSWERS, ANSWERS_LATE, LETS_STRANGERS, SENDS_TO_TCP };
static _Atomic enum behaviour behaviour;
/* The answer's record. */
static const char *data;
static size_t length;
static int kind;
static atomic_int came_in_one;

/* Makes a question an answer: the record, and behind an alias its address. */
static size_t answer(uint8_t *message, size_t n) {
    message[2] |= 0x80, message[3] = 0x80, message[7] = kind == CNAME ? 2 : 1;
    uint8_t *at = message + n;
    const uint8_t record[] = {0xc0, 12, 0, kind, 0, 1, 0, 0, 0, 0, 0, length};
    const uint8_t address[] = {0xc0, n + sizeof record, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 10, 0, 0, 9};
    at = mempcpy(mempcpy(at, record, sizeof record), data, length);
    if (kind == CNAME) at = mempcpy(at, address, sizeof address);
    return at - message;
}

static void *serve(void *argument) {
    int fd = (int)(intptr_t)argument;
    for (;;) {
        uint8_t message[1000];
        struct sockaddr_in peer;
        socklen_t size = sizeof peer;
        ssize_t n = recvfrom(fd, message, 512, 0, (struct sockaddr *)&peer, &size);
        if (n < 17) continue;
        if (behaviour == ANSWERS_LATE) usleep(50000);
        if (behaviour == LETS_STRANGERS) message[0] ^= 1;
        if (behaviour == SENDS_TO_TCP) message[2] |= 0x82, message[3] = 0x80;
        else n = answer(message, n);
        do sendto(fd, message, n, 0, (struct sockaddr *)&peer, size);
        while (behaviour == LETS_STRANGERS);
    }
    return NULL;
}

/* Answers one question. */
static void *serve_by_tcp(void *argument) {
    uint8_t message[1000];
    int fd = accept((int)(intptr_t)argument, NULL, NULL);
    ssize_t n = recv(fd, message, 500, 0);
    came_in_one = n > 2 && n == message[1] + 2;
    n = answer(message + 2, n - 2);
    message[0] = n >> 8, message[1] = n;
    send(fd, message, n + 2, 0);
    close(fd);
    return NULL;
}

static const struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = 53 << 8, .sin_addr = {1 << 24 | 127}};

static int bound(int type) {
    int fd = socket(AF_INET, type, 0);
    return bind(fd, (struct sockaddr *)&here, sizeof here) == 0 ? fd : -1;
}

static int put_file(const char *path, const char *text) {
    FILE *f = fopen(path, "w");
    return !f || fputs(text, f) < 0 || fclose(f);
}

static int failed;

/* The canonical name that getaddrinfo gives, or its error. */
static void forward_of(const char *name, int line, const char *wanted, int error) {
    struct addrinfo hints = {.ai_family = AF_INET, .ai_flags = AI_CANONNAME, .ai_socktype = SOCK_STREAM}, *list;
    int got = getaddrinfo(name, NULL, &hints, &list);
    if (got != error || (!got && strcmp(list->ai_canonname, wanted))) printf("line %d: %d, %s\n", line, got, got ? "" : list->ai_canonname), failed = 1;
    if (got == 0) freeaddrinfo(list);
}

static void forward(int line, const char *wanted, int error) {
    forward_of("host.example.", line, wanted, error);
}

/* The name that getnameinfo gives, or its error; without a name, the number can be had. */
static void backward(int line, const char *wanted, int error) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(0x0a010203)}};
    char name[300] = "";
    int got = getnameinfo((struct sockaddr *)&address, sizeof address, name, sizeof name, NULL, 0, NI_NAMEREQD);
    if (got != error || (!got && strcmp(name, wanted))) printf("line %d: %d, %s\n", line, got, name), failed = 1;
    if (got == 0) return;
    if (getnameinfo((struct sockaddr *)&address, sizeof address, name, sizeof name, NULL, 0, 0) || strcmp(name, "10.1.2.3")) printf("line %d: %s\n", line, name), failed = 1;
}

static void names(void) {
    static char label64[70] = {64}, label191[200] = {(char)191}, label63[70] = {63};
    memset(label64 + 1, 'a', 64), memset(label191 + 1, 'a', 191), memset(label63 + 1, 'a', 63);
#define DATA(text) (data = text, length = sizeof text - 1)
    for (kind = CNAME; kind; kind = kind == CNAME ? PTR : 0) {
        void (*check)(int, const char *, int) = kind == CNAME ? forward : backward;
        /* An alias that is none leaves the name that was asked for. */
        int error = kind == CNAME ? 0 : EAI_NONAME;
        const char *asked = "host.example";
        DATA("\7alias_1\6x-ampl\0"), check(__LINE__, "alias_1.x-ampl", 0);
        data = label63, length = 65, check(__LINE__, label63 + 1, 0);
        DATA("\3a;b\0"), check(__LINE__, asked, error);
        DATA("\3a\nb\0"), check(__LINE__, asked, error);
        DATA("\3a b\0"), check(__LINE__, asked, error);
        DATA("\3a.b\0"), check(__LINE__, asked, error);
        DATA("\3a\0b\0"), check(__LINE__, asked, error);
        DATA("\2\303\251\0"), check(__LINE__, asked, error);
        DATA("\2-f\0"), check(__LINE__, asked, error);
        DATA("\0"), check(__LINE__, asked, error);
        data = label64, length = 66, check(__LINE__, asked, error);
        data = label191, length = 193, check(__LINE__, asked, error);
    }
    kind = CNAME, DATA("\3a;b\0");
    forward_of("host", __LINE__, "host.in.example", 0);
    DATA("\1a\0"), forward_of("host..", __LINE__, "", EAI_NONAME);
    /* The host itself, which nobody is asked for. */
    forward_of("localhost.", __LINE__, "localhost", 0);
    forward_of("a.localhost.", __LINE__, "a.localhost", 0);
}

static void nothing(int signal) {
    (void)signal;
}

/* A signal handler that runs meanwhile changes nothing. */
static void interrupted(void) {
    struct itimerval often = {{0, 5000}, {0, 5000}}, never = {0};
    sigaction(SIGALRM, &(struct sigaction){.sa_handler = nothing}, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
    behaviour = ANSWERS_LATE;
    forward(__LINE__, "a", 0);
    setitimer(ITIMER_REAL, &never, NULL);
}

int main(void) {
    if (unshare(CLONE_NEWNS | CLONE_NEWNET) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 || mount("own", "/etc", "tmpfs", 0, NULL) != 0) return puts("may not have a network and files of its own: not tried"), 0;
    if (put_file("/etc/hosts", "127.0.0.1 localhost\n") || put_file("/etc/resolv.conf", "nameserver 127.0.0.1\nsearch . in.example.\noptions timeout:10\n")) return perror("/etc"), 1;
    struct ifreq loopback = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    int up = ioctl(socket(AF_INET, SOCK_DGRAM, 0), SIOCSIFFLAGS, &loopback), server = bound(SOCK_DGRAM), by_tcp = bound(SOCK_STREAM);
    if (up || server < 0 || by_tcp < 0 || listen(by_tcp, 0)) return perror("server"), 1;
    sigset_t alarm;
    sigemptyset(&alarm), sigaddset(&alarm, SIGALRM), sigprocmask(SIG_BLOCK, &alarm, NULL);
    pthread_t threads[2];
    if (pthread_create(&threads[0], NULL, serve, (void *)(intptr_t)server) || pthread_create(&threads[1], NULL, serve_by_tcp, (void *)(intptr_t)by_tcp)) return 1;
    sigprocmask(SIG_UNBLOCK, &alarm, NULL);

    names();
    interrupted();
    behaviour = SENDS_TO_TCP;
    forward(__LINE__, "a", 0);
    if (!came_in_one) failed = 1, puts("the question came in two parts");

    put_file("/etc/resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n");
    /* Nothing but answers to other questions. */
    behaviour = LETS_STRANGERS;
    forward(__LINE__, "", EAI_AGAIN);
    /* A server that takes no connection, as its queue is full. */
    for (int i = 0; i < 3; i++) connect(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), (struct sockaddr *)&here, sizeof here);
    behaviour = SENDS_TO_TCP;
    forward(__LINE__, "", EAI_AGAIN);
    return failed;
}
