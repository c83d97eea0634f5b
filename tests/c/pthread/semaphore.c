/* Semaphores: limits, EINTR whatever SA_RESTART says of timed ones, deadlines, names, destroyed as soon as let through. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include "check.h"

static void handler(int unused) { (void)unused; }

static void *interrupt(void *target)
{
    usleep(20000);
    pthread_kill(*(pthread_t *)target, SIGUSR1);
    return NULL;
}

static void *post(void *semaphore)
{
    CHECK(sem_post(semaphore) == 0);
    return NULL;
}

int main(void)
{
    sem_t s;
    int value;
    pthread_t t, self = pthread_self();
    CHECK(sem_init(&s, 0, (unsigned)SEM_VALUE_MAX + 1) == -1 && errno == EINVAL);
    CHECK(sem_init(&s, 0, SEM_VALUE_MAX) == 0);
    CHECK(sem_post(&s) == -1 && errno == EOVERFLOW);
    CHECK(sem_init(&s, 0, 1) == 0);
    CHECK(sem_trywait(&s) == 0 && sem_trywait(&s) == -1 && errno == EAGAIN);
    struct timespec past = {0, 0}, wrong = {0, 1000000000}, far;
    CHECK(sem_timedwait(&s, &past) == -1 && errno == ETIMEDOUT);
    CHECK(sem_timedwait(&s, &wrong) == -1 && errno == EINVAL);

    struct sigaction action = {.sa_handler = handler};
    CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
    clock_gettime(CLOCK_REALTIME, &far);
    far.tv_sec += 100;
    CHECK(pthread_create(&t, NULL, interrupt, &self) == 0);
    CHECK(sem_wait(&s) == -1 && errno == EINTR);
    CHECK(pthread_join(t, NULL) == 0);
    CHECK(pthread_create(&t, NULL, interrupt, &self) == 0);
    CHECK(sem_timedwait(&s, &far) == -1 && errno == EINTR);
    CHECK(pthread_join(t, NULL) == 0);

    char name[32] = "/tidal-test-", *end = name + strlen(name);
    for (pid_t pid = getpid(); pid; pid /= 10) *end++ = '0' + pid % 10;
    *end = 0;
    sem_unlink(name);
    CHECK(sem_open(name, 0) == SEM_FAILED && errno == ENOENT);
    CHECK(sem_open("", O_CREAT, 0600, 1) == SEM_FAILED && errno == EINVAL);
    sem_t *named = sem_open(name, O_CREAT | O_EXCL, 0600, 3);
    CHECK(named != SEM_FAILED);
    CHECK(sem_open(name, O_CREAT | O_EXCL, 0600, 3) == SEM_FAILED && errno == EEXIST);
    CHECK(sem_open(name, O_CREAT, 0600, 9) == named);
    CHECK(sem_getvalue(named, &value) == 0 && value == 3);
    CHECK(sem_unlink(name) == 0 && sem_unlink(name) == -1 && errno == ENOENT);
    CHECK(sem_close(named) == 0 && sem_wait(named) == 0 && sem_close(named) == 0);

    /* The memory goes as soon as the waiter is through; the poster may still be in sem_post. */
    for (int i = 0; i < 2000; i++) {
        void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        CHECK(page != MAP_FAILED && sem_init(page, 0, 0) == 0);
        CHECK(pthread_create(&t, NULL, post, page) == 0);
        CHECK(sem_wait(page) == 0 && sem_destroy(page) == 0 && munmap(page, 4096) == 0);
        CHECK(pthread_join(t, NULL) == 0);
    }
    return 0;
}
