/* Asynchronous reading and writing: order, offsets, lists, waiting, cancelling, signals and threads that tell, a fork child. */
#define _GNU_SOURCE
#include <aio.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

#define MANY 200

static sem_t told;
static volatile sig_atomic_t signals, value;

static void handler(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)context;
    signals++;
    if (info->si_code == SI_ASYNCIO) value = info->si_value.sival_int;
}

static void in_thread(union sigval v) {
    if (v.sival_int == 77) sem_post(&told);
}

static void finish(struct aiocb *block) {
    const struct aiocb *list[] = {NULL, block};
    while (aio_error(block) == EINPROGRESS) CHECK(aio_suspend(list, 2, NULL) == 0 || errno == EINTR);
}

static void files(void) {
    static char data[MANY][100], back[MANY][100];
    static struct aiocb blocks[MANY];
    int fd = open("/tmp", O_TMPFILE | O_RDWR, 0600);
    CHECK(fd >= 0);
    for (int i = 0; i < MANY; i++) {
        memset(data[i], 'a' + i % 26, 100);
        blocks[i] = (struct aiocb){.aio_fildes = fd, .aio_buf = data[i], .aio_nbytes = 100, .aio_offset = (MANY - 1 - i) * 100};
        blocks[i].aio_sigevent.sigev_notify = SIGEV_NONE;
        CHECK(aio_write(&blocks[i]) == 0);
    }
    struct aiocb sync = {.aio_fildes = fd, .aio_sigevent = {.sigev_notify = SIGEV_NONE}};
    CHECK(aio_fsync(O_SYNC, &sync) == 0);
    finish(&sync);
    /* Those of one descriptor are done in their order. */
    for (int i = 0; i < MANY; i++) CHECK(aio_error(&blocks[i]) == 0 && aio_return(&blocks[i]) == 100);
    struct aiocb *list[MANY];
    for (int i = 0; i < MANY; i++) {
        blocks[i].aio_buf = back[i];
        blocks[i].aio_lio_opcode = i == 5 ? LIO_NOP : LIO_READ;
        list[i] = i == 7 ? NULL : &blocks[i];
    }
    CHECK(lio_listio(LIO_WAIT, list, MANY, NULL) == 0);
    for (int i = 0; i < MANY; i++) CHECK(i == 5 || i == 7 || memcmp(back[i], data[i], 100) == 0);
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value = {.sival_int = 55}};
    int before = signals;
    CHECK(lio_listio(LIO_NOWAIT, list, 3, &event) == 0);
    while (signals == before) usleep(1000);
    CHECK(signals == before + 1 && value == 55);
    for (int i = 0; i < 3; i++) CHECK(aio_error(&blocks[i]) == 0 && aio_return(&blocks[i]) == 100);
    struct aiocb wrong = {.aio_fildes = fd, .aio_buf = (void *)1, .aio_nbytes = 10, .aio_lio_opcode = LIO_READ, .aio_sigevent = {.sigev_notify = SIGEV_NONE}};
    list[0] = &wrong;
    CHECK(lio_listio(LIO_WAIT, list, 1, NULL) == -1 && errno == EIO && aio_error(&wrong) == EFAULT && aio_return(&wrong) == -1);
    CHECK(aio_fsync(12345, &sync) == -1 && errno == EINVAL);
    close(fd);
}

static void pipes(void) {
    int p[2];
    char byte = 0, other = 0, third = 0;
    CHECK(pipe(p) == 0);
    struct aiocb first = {.aio_fildes = p[0], .aio_buf = &byte, .aio_nbytes = 1, .aio_sigevent = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value = {.sival_int = 9}}};
    struct aiocb second = {.aio_fildes = p[0], .aio_buf = &other, .aio_nbytes = 1, .aio_sigevent = {.sigev_notify = SIGEV_NONE}};
    struct aiocb last = {.aio_fildes = p[0], .aio_buf = &third, .aio_nbytes = 1, .aio_sigevent = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = in_thread, .sigev_value = {.sival_int = 77}}};
    CHECK(aio_read(&first) == 0 && aio_read(&second) == 0 && aio_read(&last) == 0);
    const struct aiocb *list[] = {&first};
    CHECK(aio_suspend(list, 1, &(struct timespec){0, 1000000}) == -1 && errno == EAGAIN);
    CHECK(aio_error(&first) == EINPROGRESS);
    CHECK(aio_cancel(p[0], &second) == AIO_CANCELED && aio_error(&second) == ECANCELED && aio_return(&second) == -1);
    CHECK(aio_cancel(p[0], &second) == AIO_ALLDONE);
    if (fork() == 0) _exit(aio_cancel(p[0], NULL) == AIO_ALLDONE ? 0 : 1);
    int status;
    wait(&status);
    int before = signals;
    CHECK(write(p[1], "xy", 2) == 2);
    finish(&first), finish(&last);
    CHECK(byte == 'x' && third == 'y' && other == 0 && aio_return(&first) == 1);
    while (signals == before) usleep(1000);
    CHECK(value == 9);
    while (sem_wait(&told) == -1) continue;
    CHECK(aio_cancel(p[0], NULL) == AIO_ALLDONE);
    close(p[0]), close(p[1]);
    CHECK(aio_cancel(p[0], NULL) == -1 && errno == EBADF);
    struct aiocb bad = {.aio_fildes = p[0]};
    CHECK((aio_read(&bad) == -1 && errno == EBADF) || (finish(&bad), aio_error(&bad) == EBADF));
}

int main(void) {
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigaction(SIGUSR1, &action, NULL);
    sem_init(&told, 0, 0);
    for (int i = 0; i < 3; i++) files(), pipes();
    return 0;
}
