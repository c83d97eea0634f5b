/* A signal without SA_RESTART, again and again: every call that waits fails with EINTR, and what must not give up does not. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

static volatile sig_atomic_t ticks;

static void tick(int signal) {
    (void)signal;
    ticks++;
}

/* The call would wait for ever. */
#define INTERRUPTED(...) CHECK((errno = 0, __VA_ARGS__) == -1 && errno == EINTR)

static void every_millisecond(int on) {
    struct itimerval timer = {{0, on * 1000}, {0, on * 1000}};
    CHECK(setitimer(ITIMER_REAL, &timer, NULL) == 0);
}

static void files_and_sockets(void) {
    int ends[2], pair[2], status;
    char bytes[100000] = {0};
    CHECK(pipe(ends) == 0 && socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    INTERRUPTED(read(ends[0], bytes, 1));
    INTERRUPTED(readv(ends[0], &(struct iovec){bytes, 1}, 1));
    /* The first write fills the pipe and tells so; the next has nothing to tell. */
    ssize_t written = write(ends[1], bytes, sizeof bytes);
    CHECK(written > 0 && written < (ssize_t)sizeof bytes);
    INTERRUPTED(write(ends[1], bytes, sizeof bytes));
    INTERRUPTED(recv(pair[0], bytes, 1, 0));
    INTERRUPTED(recvfrom(pair[0], bytes, 1, 0, NULL, NULL));
    struct msghdr message = {.msg_iov = &(struct iovec){bytes, 1}, .msg_iovlen = 1};
    INTERRUPTED(recvmsg(pair[0], &message, 0));
    while (send(pair[1], bytes, sizeof bytes, MSG_DONTWAIT) > 0) continue;
    INTERRUPTED(send(pair[1], bytes, sizeof bytes, 0));
    message.msg_iov->iov_len = sizeof bytes;
    INTERRUPTED(sendmsg(pair[1], &message, 0));
    INTERRUPTED(sendto(pair[1], bytes, sizeof bytes, 0, NULL, 0));
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un name = {AF_UNIX, ""};
    CHECK(bind(listener, (void *)&name, sizeof(sa_family_t)) == 0 && listen(listener, 1) == 0);
    INTERRUPTED(accept(listener, NULL, NULL));
    INTERRUPTED(accept4(listener, NULL, NULL, SOCK_CLOEXEC));
    int file = open("/tmp", O_TMPFILE | O_RDWR, 0600), again;
    char path[64];
    CHECK(file >= 0);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    CHECK((again = open(path, O_RDWR)) >= 0 && flock(file, LOCK_EX) == 0);
    INTERRUPTED(flock(again, LOCK_EX));
    int holds[2];
    CHECK(pipe(holds) == 0);
    pid_t holder = fork();
    if (holder == 0) {
        CHECK(lockf(again, F_LOCK, 0) == 0 && write(holds[1], "x", 1) == 1);
        for (;;) pause();
    }
    while (read(holds[0], bytes, 1) != 1) continue;
    INTERRUPTED(lockf(file, F_LOCK, 0));
    INTERRUPTED(fcntl(file, F_SETLKW, &(struct flock){.l_type = F_WRLCK}));
    kill(holder, SIGKILL);
    while (waitpid(holder, &status, 0) == -1) CHECK(errno == EINTR);
    for (int i = 0; i < 2; i++) close(ends[i]), close(pair[i]), close(holds[i]);
    close(listener), close(file), close(again);
}

static void waiting(void) {
    int ends[2], status;
    CHECK(pipe(ends) == 0);
    struct pollfd p = {ends[0], POLLIN, 0};
    struct timespec hour = {3600, 0}, left = {0};
    INTERRUPTED(poll(&p, 1, -1));
    INTERRUPTED(ppoll(&p, 1, &hour, NULL));
    CHECK(hour.tv_sec == 3600 && hour.tv_nsec == 0);
    fd_set set;
    FD_ZERO(&set);
    FD_SET(ends[0], &set);
    INTERRUPTED(select(ends[0] + 1, &set, NULL, NULL, NULL));
    INTERRUPTED(pselect(ends[0] + 1, &set, NULL, NULL, &hour, NULL));
    CHECK(hour.tv_sec == 3600 && hour.tv_nsec == 0);
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN};
    CHECK(epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &event) == 0);
    INTERRUPTED(epoll_wait(epoll, &event, 1, -1));
    INTERRUPTED(epoll_pwait(epoll, &event, 1, -1, NULL));
    INTERRUPTED(nanosleep(&hour, &left));
    CHECK(left.tv_sec > 3500 && left.tv_sec <= 3600);
    CHECK(clock_nanosleep(CLOCK_MONOTONIC, 0, &hour, &left) == EINTR && left.tv_sec > 3500);
    CHECK(sleep(3600) > 3500);
    INTERRUPTED(usleep(900000));
    INTERRUPTED(pause());
    sigset_t none;
    sigemptyset(&none);
    INTERRUPTED(sigsuspend(&none));
    sigaddset(&none, SIGUSR1);
    INTERRUPTED(sigwaitinfo(&none, NULL));
    INTERRUPTED(sigtimedwait(&none, NULL, &hour));
    uint64_t count;
    int events = eventfd(0, 0), timer = timerfd_create(CLOCK_MONOTONIC, 0);
    INTERRUPTED(eventfd_read(events, &count));
    INTERRUPTED(read(timer, &count, sizeof count));
    sem_t semaphore;
    CHECK(sem_init(&semaphore, 0, 0) == 0);
    INTERRUPTED(sem_wait(&semaphore));
    clock_gettime(CLOCK_REALTIME, &left);
    left.tv_sec += 3600;
    INTERRUPTED(sem_timedwait(&semaphore, &left));
    int queue = msgget(IPC_PRIVATE, 0600), set_of_one = semget(IPC_PRIVATE, 1, 0600);
    if (queue != -1 && set_of_one != -1) {
        struct { long type; char text[8]; } message;
        INTERRUPTED(msgrcv(queue, &message, 8, 0, 0));
        INTERRUPTED(semop(set_of_one, &(struct sembuf){0, -1, 0}, 1));
        msgctl(queue, IPC_RMID, NULL), semctl(set_of_one, 0, IPC_RMID);
    }
    pid_t child = fork();
    if (child == 0) {
        for (;;) pause();
    }
    INTERRUPTED(wait(&status));
    INTERRUPTED(waitpid(child, &status, 0));
    siginfo_t about;
    INTERRUPTED(waitid(P_PID, child, &about, WEXITED));
    kill(child, SIGKILL);
    while (wait(&status) == -1) CHECK(errno == EINTR);
    close(ends[0]), close(ends[1]), close(epoll), close(events), close(timer);
}

/* These go on by themselves, or with the next call. */
static void patient(void) {
    CHECK(system("sleep 0.02; exit 3") == 3 << 8);
    FILE *f = popen("sleep 0.02; exit 4", "r");
    CHECK(f && pclose(f) == 4 << 8);
    int ends[2];
    CHECK(pipe(ends) == 0);
    f = fdopen(ends[0], "r");
    for (int i = 0; i < 3; i++) CHECK(getc(f) == EOF && errno == EINTR && ferror(f)), clearerr(f);
    CHECK(write(ends[1], "z", 1) == 1 && getc(f) == 'z');
    fclose(f), close(ends[1]);
}

int main(void) {
    struct sigaction action = {.sa_handler = tick};
    CHECK(sigaction(SIGALRM, &action, NULL) == 0);
    every_millisecond(1);
    files_and_sockets();
    waiting();
    patient();
    every_millisecond(0);
    CHECK(ticks > 40);
    return 0;
}
