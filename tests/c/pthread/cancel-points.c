/* Each cancellation point of POSIX, and those that Linux adds, acts on a request that is there before; what is no such
   point, or where requests are held back, does its work. */
/* There a join of a thread that has ended is none. */
/* harness: glibc no */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <termios.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>
#include "check.h"

static char byte;
static struct iovec one = {&byte, 1};
static struct msghdr message = {.msg_iov = &one, .msg_iovlen = 1};
static struct mmsghdr several = {.msg_hdr = {.msg_iov = &one, .msg_iovlen = 1}};
static struct timespec moment = {0, 1000};
static struct timeval instant = {0, 1};
static sigset_t none, usr1;
static siginfo_t info;
static fd_set descriptors;
static struct epoll_event event;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static sem_t semaphore;
static pthread_t self_made;
static int status, file;
static void *result;

static void *nothing(void *p) { return p; }

static void unlock(void *m) { pthread_mutex_unlock(m); }

/* With values that make each fail or return at once if it is let through. */
#define POINTS(_)                                                                      \
    _(accept(-1, NULL, NULL)) _(accept4(-1, NULL, NULL, 0)) _(connect(-1, NULL, 0))    \
    _(clock_nanosleep(CLOCK_MONOTONIC, 0, &moment, NULL)) _(nanosleep(&moment, NULL))  \
    _(usleep(1)) _(sleep(0)) _(thrd_sleep(&moment, NULL)) _(close(-1))                 \
    _(open("/", O_RDONLY)) _(openat(-1, "", O_RDONLY)) _(creat("", 0600))              \
    _(fcntl(-1, F_SETLKW, NULL)) _(lockf(-1, F_LOCK, 0)) _(fsync(-1)) _(fdatasync(-1)) \
    _(read(-1, &byte, 1)) _(readv(-1, &one, 1)) _(pread(-1, &byte, 1, 0)) _(preadv(-1, &one, 1, 0))     \
    _(write(-1, &byte, 1)) _(writev(-1, &one, 1)) _(pwrite(-1, &byte, 1, 0)) _(pwritev(-1, &one, 1, 0)) \
    _(recv(-1, &byte, 1, 0)) _(recvfrom(-1, &byte, 1, 0, NULL, NULL)) _(recvmsg(-1, &message, 0))       \
    _(recvmmsg(-1, &several, 1, 0, NULL)) _(sendmmsg(-1, &several, 1, 0))              \
    _(send(-1, &byte, 1, 0)) _(sendto(-1, &byte, 1, 0, NULL, 0)) _(sendmsg(-1, &message, 0)) \
    _(poll(NULL, 0, 0)) _(ppoll(NULL, 0, &moment, NULL)) _(select(0, NULL, NULL, NULL, &instant))       \
    _(pselect(0, NULL, NULL, &descriptors, &moment, NULL))                             \
    _(epoll_wait(-1, &event, 1, 0)) _(epoll_pwait(-1, &event, 1, 0, &none))            \
    _(msgrcv(-1, &message, 0, 0, 0)) _(msgsnd(-1, &message, 0, 0)) _(msync(NULL, 0, MS_SYNC)) \
    _(mq_receive(-1, &byte, 1, NULL)) _(mq_send(-1, &byte, 1, 0))                      \
    _(mq_timedreceive(-1, &byte, 1, NULL, &moment)) _(mq_timedsend(-1, &byte, 1, 0, &moment)) \
    _(sigtimedwait(&usr1, &info, &moment)) _(pause()) _(sigsuspend(&none))             \
    _(sigwait(&usr1, &status)) _(sigwaitinfo(&usr1, &info)) _(tcdrain(-1))             \
    _(wait(&status)) _(waitpid(-1, &status, WNOHANG)) _(waitid(P_ALL, 0, &info, WEXITED | WNOHANG)) _(wait4(-1, &status, WNOHANG, NULL)) \
    _(sem_wait(&semaphore)) _(sem_timedwait(&semaphore, &moment)) _(sem_clockwait(&semaphore, CLOCK_MONOTONIC, &moment)) \
    _(pthread_join(self_made, &result)) _(pthread_timedjoin_np(self_made, &result, &moment)) _(pthread_testcancel()) \
    _(wait_for_signal(0)) _(wait_for_signal(1)) _(system("exit 0"))                    \
    _(splice(-1, NULL, -1, NULL, 1, 0)) _(tee(-1, -1, 1, 0)) _(vmsplice(-1, &one, 1, 0)) _(sync_file_range(-1, 0, 0, 0))

static void wait_for_signal(int timed)
{
    pthread_mutex_lock(&lock);
    pthread_cleanup_push(unlock, &lock);
    if (timed)
        pthread_cond_timedwait(&cond, &lock, &moment);
    else
        pthread_cond_wait(&cond, &lock);
    pthread_cleanup_pop(1);
}

static const char *const names[] = {
#define NAME(call) #call,
    POINTS(NAME)};
enum { COUNT = sizeof names / sizeof *names };

static void *run(void *which)
{
    long wanted = (long)which, at = 0;
    pthread_cancel(pthread_self());
#define CALL(call) \
    if (at++ == wanted) (void)!(call, 1);
    POINTS(CALL)
    return NULL;
}

/* What must work with a request pending: none of them is a cancellation point. */
static void *go_on(void *unused)
{
    int kept = 0;
    pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
    pthread_cancel(pthread_self());
    CHECK(pthread_mutex_lock(&m) == 0 && pthread_cond_signal(&cond) == 0 && pthread_mutex_unlock(&m) == 0);
    CHECK(sem_post(&semaphore) == 0 && sem_trywait(&semaphore) == 0);
    free(malloc(10));
    CHECK(getpid() > 0 && lseek(file, 0, SEEK_SET) == 0);
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &kept);
    /* Held back: all are let through. */
    CHECK(read(file, &byte, 1) == 0 && poll(NULL, 0, 0) == 0 && usleep(1) == 0);
    CHECK(sem_post(&semaphore) == 0 && sem_wait(&semaphore) == 0);
    pthread_testcancel();
    *(int *)unused = 1;
    pthread_setcancelstate(kept, NULL);
    pthread_testcancel();
    *(int *)unused = 2;
    return NULL;
}

int main(void)
{
    pthread_t t;
    void *end;
    int reached = 0;
    alarm(40);
    sigemptyset(&none);
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    file = open("/dev/null", O_RDONLY);
    CHECK(file >= 0 && sem_init(&semaphore, 0, 0) == 0);
    for (long i = 0; i < COUNT; i++) {
        CHECK(pthread_create(&self_made, NULL, nothing, NULL) == 0);
        CHECK(pthread_create(&t, NULL, run, (void *)i) == 0);
        CHECK(pthread_join(t, &end) == 0);
        if (end != PTHREAD_CANCELED) {
            (void)!write(2, names[i], strlen(names[i]));
            (void)!write(2, " let a request pass\n", 20);
            return 1;
        }
        /* Left joinable by the cancelled join. */
        CHECK(pthread_join(self_made, NULL) == 0);
    }
    CHECK(pthread_create(&t, NULL, go_on, &reached) == 0 && pthread_join(t, &end) == 0);
    CHECK(end == PTHREAD_CANCELED && reached == 1);
    return 0;
}
