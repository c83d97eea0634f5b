/* A fork child keeps the name by which its private locks know their owner, also when a thread that it makes later gets that
   very number as its TID. */
/* harness: glibc no */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "check.h"

static pthread_mutex_t checked = PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP, recursive = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static pid_t wanted;

/* Asks the kernel to give the next task this number; needs privileges. */
static int choose_next_tid(pid_t tid)
{
    char digits[16], *at = digits + sizeof digits;
    for (tid--; tid; tid /= 10) *--at = (char)('0' + tid % 10);
    int file = open("/proc/sys/kernel/ns_last_pid", O_WRONLY);
    if (file < 0) return 0;
    size_t length = (size_t)(digits + sizeof digits - at);
    int done = write(file, at, length) == (ssize_t)length;
    close(file);
    return done;
}

static void *stranger(void *unused)
{
    (void)unused;
    if (gettid() != wanted) return NULL;
    CHECK(pthread_mutex_trylock(&checked) == EBUSY);
    CHECK(pthread_mutex_unlock(&checked) == EPERM);
    CHECK(pthread_mutex_trylock(&recursive) == EBUSY);
    CHECK(pthread_mutex_unlock(&recursive) == EPERM);
    CHECK(pthread_kill(pthread_self(), 0) == 0);
    return &wanted;
}

static void child(void)
{
    void *met = NULL;
    /* The parent's thread has gone, so that its number is free. */
    for (int ms = 0; kill(wanted, 0) == 0; ms++) {
        CHECK(ms < 10000);
        usleep(1000);
    }
    for (int i = 0; i < 100 && !met; i++) {
        pthread_t t;
        if (!choose_next_tid(wanted)) _exit(0);
        CHECK(pthread_create(&t, NULL, stranger, NULL) == 0 && pthread_join(t, &met) == 0);
    }
    /* Another process may take the number each time; then nothing was tested. */
    CHECK(pthread_mutex_unlock(&checked) == 0);
    CHECK(pthread_mutex_lock(&recursive) == 0 && pthread_mutex_unlock(&recursive) == 0 && pthread_mutex_unlock(&recursive) == 0);
    CHECK(pthread_mutex_unlock(&recursive) == EPERM);
    _exit(met ? 7 : 0);
}

static void *forks(void *made)
{
    wanted = gettid();
    CHECK(pthread_mutex_lock(&checked) == 0 && pthread_mutex_lock(&recursive) == 0);
    *(pid_t *)made = fork();
    if (*(pid_t *)made == 0) child();
    return NULL;
}

int main(void)
{
    pthread_t t;
    pid_t made;
    int status;
    CHECK(pthread_create(&t, NULL, forks, &made) == 0 && pthread_join(t, NULL) == 0);
    CHECK(made > 0 && waitpid(made, &status, 0) == made);
    CHECK(WIFEXITED(status) && (WEXITSTATUS(status) == 7 || WEXITSTATUS(status) == 0));
    if (WEXITSTATUS(status) == 0) (void)!write(1, "the number could not be had\n", 28);
    return 0;
}
