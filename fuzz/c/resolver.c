/* Answers of a name server, whatever is in them: getaddrinfo and getnameinfo end, with addresses or an error. As root: the
   server is a thread here, in a network and with a resolv.conf and hosts of the process's own. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netdb.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>
#include "input.h"

static uint8_t answer[4000];
static size_t answer_length;

/* The number and the question come back as they were; the flags, the counts and the records are the input. */
static void *serve(void *argument) {
    int fd = (int)(intptr_t)argument;
    for (;;) {
        uint8_t message[5000];
        struct sockaddr_in peer;
        socklen_t size = sizeof peer;
        ssize_t n = recvfrom(fd, message, 512, 0, (struct sockaddr *)&peer, &size);
        if (n < 17) continue;
        size_t head = answer_length < 10 ? answer_length : 10;
        memcpy(message + 2, answer, head);
        /* An answer, to one question, and not a cut one, which would be asked for by TCP. */
        message[2] = (message[2] | 0x80) & ~2;
        message[4] = 0, message[5] = 1;
        memcpy(message + n, answer + head, answer_length - head);
        sendto(fd, message, n + answer_length - head, 0, (struct sockaddr *)&peer, size);
    }
    return NULL;
}

static void put_file(const char *text, const char *over) {
    char path[] = "/tmp/fuzz-resolver-XXXXXX";
    int fd = mkstemp(path);
    REQUIRE(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
    REQUIRE(mount(path, over, NULL, MS_BIND, NULL) == 0);
    unlink(path);
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    REQUIRE(unshare(CLONE_NEWNS | CLONE_NEWNET) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
    put_file("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n", "/etc/resolv.conf");
    put_file("127.0.0.1 localhost\n", "/etc/hosts");
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    struct ifreq loopback = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(53), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    REQUIRE(ioctl(fd, SIOCSIFFLAGS, &loopback) == 0 && bind(fd, (struct sockaddr *)&here, sizeof here) == 0);
    pthread_t thread;
    REQUIRE(pthread_create(&thread, NULL, serve, (void *)(intptr_t)fd) == 0);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 1 || size > sizeof answer) return 0;
    unsigned kind = data[0];
    answer_length = size - 1;
    memcpy(answer, data + 1, answer_length);
    if (kind & 1) {
        struct addrinfo hints = {.ai_family = kind & 2 ? AF_INET : AF_INET6, .ai_flags = AI_CANONNAME, .ai_socktype = SOCK_STREAM}, *list;
        if (getaddrinfo("host.example.", "80", &hints, &list) == 0) {
            REQUIRE(list && list->ai_canonname);
            for (struct addrinfo *a = list; a; a = a->ai_next) REQUIRE(a->ai_family == hints.ai_family);
            freeaddrinfo(list);
        }
    } else {
        struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(0x0a010203)}};
        char name[300];
        memset(name, 1, sizeof name);
        if (getnameinfo((struct sockaddr *)&address, sizeof address, name, sizeof name, NULL, 0, 0) == 0)
            REQUIRE(memchr(name, 0, sizeof name));
    }
    return 0;
}
