/* What `tidal vfork --kill` steps through: a parent whose vfork children each do one thing between two breakpoints and are
   killed somewhere in it. After each the parent and a second thread use everything that the child may have touched. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define BREAKPOINT() __asm__ volatile("int3" ::: "memory")

static void fail(const char *what)
{
    (void)!write(2, what, strlen(what));
    (void)!write(2, "\n", 1);
    _exit(1);
}

#define CHECK(condition) ((condition) ? (void)0 : fail(#condition))

/* Blocks with known contents: overlap and damage show. */
#define BLOCKS 48
static struct block { unsigned char *at; size_t size; unsigned char mark; } blocks[2][BLOCKS];

static void renew(struct block *b, unsigned seed)
{
    static const size_t sizes[] = { 24, 40, 100, 400, 1000, 5000 };
    if (b->at) {
        for (size_t i = 0; i < b->size; i++)
            if (b->at[i] != b->mark) fail("heap: a block was overwritten");
        free(b->at);
    }
    b->size = sizes[seed % 6];
    b->mark = (unsigned char)(seed * 31 + 1);
    b->at = malloc(b->size);
    CHECK(b->at);
    memset(b->at, b->mark, b->size);
}

static FILE *file;
static pthread_mutex_t mutex;
static void *subject, *many[8];
static size_t kept_size;

/* What every thread does after a child is gone. */
static void go_on(int who, unsigned round)
{
    for (unsigned i = 0; i < BLOCKS / 2; i++) renew(&blocks[who][(round * 7 + i) % BLOCKS], round + i);
    free(malloc(300000));
    CHECK(fprintf(file, "round %u\n", round) > 0);
    CHECK(fflush(file) == 0);
    int result = pthread_mutex_lock(&mutex);
    if (result == EOWNERDEAD) result = pthread_mutex_consistent(&mutex);
    CHECK(result == 0);
    CHECK(pthread_mutex_unlock(&mutex) == 0);
}

/* The second thread works when told, and otherwise sleeps in read: no lock of libc's is used to tell it. */
static int to_worker[2], from_worker[2];

static void *work(void *unused)
{
    unsigned round;
    (void)unused;
    while (read(to_worker[0], &round, sizeof round) == sizeof round) {
        go_on(1, round);
        (void)!write(from_worker[1], "", 1);
    }
    return NULL;
}

/* A third thread waits for what the child releases or signals. It is told, and tells, by pipes too. */
static int to_sleeper[2], from_sleeper[2];
static _Atomic pid_t sleeper_tid;
static void (*wait_for_child)(void);

static void *sleep_and_wake(void *unused)
{
    char go;
    (void)unused;
    atomic_store(&sleeper_tid, (pid_t)syscall(SYS_gettid));
    while (read(to_sleeper[0], &go, 1) == 1) {
        wait_for_child();
        /* A child that tells it expects no answer. */
        if (go == 'p') (void)!write(from_sleeper[1], "", 1);
    }
    return NULL;
}

static void start_sleeper(void) { CHECK(write(to_sleeper[1], "p", 1) == 1); }

/* Has told the sleeper to wait, and sees it asleep. */
static void sleeper_sleeps(void)
{
    static char path[64];
    char text[256];
    if (!path[0]) snprintf(path, sizeof path, "/proc/self/task/%d/stat", (int)atomic_load(&sleeper_tid));
    start_sleeper();
    for (;;) {
        /* It may still sleep in read: then the pipe is not empty. */
        int fd = open(path, O_RDONLY), left = 1;
        ssize_t n = read(fd, text, sizeof text - 1);
        close(fd);
        CHECK(n > 0);
        text[n] = 0;
        char *state = strrchr(text, ')');
        if (state && state[2] == 'S' && ioctl(to_sleeper[0], FIONREAD, &left) == 0 && left == 0) return;
        sched_yield();
    }
}

static void sleeper_is_done(void)
{
    char done;
    CHECK(read(from_sleeper[0], &done, 1) == 1);
}

static int mutex_type;

/* A private mutex that a dead child held is the parent's: it lets go. A robust one says so when it is locked. */
static void let_go(void)
{
    if (mutex_type != PTHREAD_MUTEX_NORMAL) {
        while (pthread_mutex_unlock(&mutex) == 0) {}
        return;
    }
    int result = pthread_mutex_trylock(&mutex);
    CHECK(result == 0 || result == EBUSY);
    CHECK(pthread_mutex_unlock(&mutex) == 0);
}

static void make_mutex(int type, int protocol, int robust)
{
    pthread_mutexattr_t attributes;
    mutex_type = type;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, type);
    pthread_mutexattr_setprotocol(&attributes, protocol);
    pthread_mutexattr_setrobust(&attributes, robust);
    CHECK(pthread_mutex_init(&mutex, &attributes) == 0);
}

static void nothing(void) {}
static void before_small(void) { subject = malloc(40); memset(subject, 1, 40); }
static void before_large(void) { subject = malloc(300000); memset(subject, 1, 300000); }
static void before_medium(void) { subject = malloc(3000); memset(subject, 1, 3000); }
static void before_many(void) { for (int i = 0; i < 8; i++) many[i] = malloc(700); }
static void do_malloc(void) { subject = malloc(kept_size); }
static void do_free(void) { free(subject); }
static void do_calloc(void) { subject = calloc(3, 100); }
static void do_aligned(void) { subject = aligned_alloc(1024, 2048); }
static void do_grow(void) { subject = realloc(subject, 400); }
static void do_grow_large(void) { subject = realloc(subject, 900000); }
static void do_shrink(void) { subject = realloc(subject, 30); }
static void do_many(void) { for (int i = 0; i < 8; i++) many[i] = malloc(700); }
static void do_free_many(void) { for (int i = 0; i < 8; i++) free(many[i]); }
static void do_lock(void) { pthread_mutex_lock(&mutex); pthread_mutex_unlock(&mutex); }
static void do_print(void) { fprintf(file, "%d %s %x\n", 42, "child", 0xbeef); }
static void do_flush(void) { fputs("some text", file); fflush(file); }
static void do_open(void) { FILE *f = fopen("/dev/null", "w"); if (f) fclose(f); }
static void do_directory(void) { DIR *d = opendir("/"); if (d) { readdir(d); closedir(d); } }
static void do_environment(void) { setenv("CHILD", "some value or other", 1); unsetenv("CHILD"); }
/* What go_on does not use and the child did. */
static void after_open(void)
{
    FILE *f = fopen("/dev/null", "w");
    CHECK(f && fclose(f) == 0);
}
static void after_directory(void)
{
    DIR *d = opendir("/");
    CHECK(d && readdir(d) && closedir(d) == 0);
}
static void after_environment(void)
{
    CHECK(setenv("CHILD", "of the parent", 1) == 0 && strcmp(getenv("CHILD"), "of the parent") == 0);
    CHECK(unsetenv("CHILD") == 0 && !getenv("CHILD"));
}
static void do_spawn(void)
{
    char *arguments[] = { "x", NULL };
    pid_t pid;
    posix_spawn(&pid, "/nonexistent", NULL, NULL, arguments, environ);
}
static void normal(void) { make_mutex(PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_NONE, PTHREAD_MUTEX_STALLED); }
static void recursive(void) { make_mutex(PTHREAD_MUTEX_RECURSIVE, PTHREAD_PRIO_NONE, PTHREAD_MUTEX_STALLED); }
static void errorcheck(void) { make_mutex(PTHREAD_MUTEX_ERRORCHECK, PTHREAD_PRIO_NONE, PTHREAD_MUTEX_STALLED); }
static void robust(void) { make_mutex(PTHREAD_MUTEX_ERRORCHECK, PTHREAD_PRIO_NONE, PTHREAD_MUTEX_ROBUST); }
static void inherit(void) { make_mutex(PTHREAD_MUTEX_ERRORCHECK, PTHREAD_PRIO_INHERIT, PTHREAD_MUTEX_STALLED); }


/* A mutex that the parent holds, a thread waits for and the child releases. */
static void wait_mutex(void) { CHECK(pthread_mutex_lock(&mutex) == 0 && pthread_mutex_unlock(&mutex) == 0); }
static void before_unlock(void) { CHECK(pthread_mutex_lock(&mutex) == 0); sleeper_sleeps(); }
static void before_unlock_recursive(void) { recursive(); before_unlock(); }
static void before_unlock_errorcheck(void) { errorcheck(); before_unlock(); }
static void do_unlock(void) { pthread_mutex_unlock(&mutex); }
static void after_unlock(void)
{
    int result = pthread_mutex_unlock(&mutex);
    CHECK(result == 0 || result == EPERM);
    sleeper_is_done();
}

/* One that the child takes, and a thread wants meanwhile. */
static void sleeper_from_child(void)
{
    (void)!write(to_sleeper[1], "c", 1);
    for (int i = 0; i < 3; i++) sched_yield();
}
static void do_lock_wanted(void)
{
    pthread_mutex_lock(&mutex);
    sleeper_from_child();
    pthread_mutex_unlock(&mutex);
}
static void wait_wanted(void)
{
    int result = pthread_mutex_lock(&mutex);
    if (result == EOWNERDEAD) result = pthread_mutex_consistent(&mutex);
    CHECK(result == 0 && pthread_mutex_unlock(&mutex) == 0);
}
static void after_lock_wanted(void)
{
    if (mutex_type != PTHREAD_MUTEX_NORMAL) while (pthread_mutex_unlock(&mutex) == 0) {}
    /* It takes its turns in order: when this one is over, one that the child told of is too. */
    start_sleeper();
    sleeper_is_done();
}

static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static void wait_read(void) { CHECK(pthread_rwlock_rdlock(&rwlock) == 0 && pthread_rwlock_unlock(&rwlock) == 0); }
static void before_rwlock(void) { CHECK(pthread_rwlock_wrlock(&rwlock) == 0); sleeper_sleeps(); }
static void do_rwunlock(void) { pthread_rwlock_unlock(&rwlock); }
static void after_rwlock(void)
{
    /* Nobody but this thread writes. */
    CHECK(pthread_rwlock_tryrdlock(&rwlock) != EBUSY || pthread_rwlock_unlock(&rwlock) == 0);
    sleeper_is_done();
    rwlock = (pthread_rwlock_t)PTHREAD_RWLOCK_INITIALIZER;
}

static sem_t semaphore;
static _Atomic int sem_taken;
static void wait_semaphore(void) { CHECK(sem_wait(&semaphore) == 0); atomic_store(&sem_taken, 1); }
static void before_semaphore(void)
{
    CHECK(sem_init(&semaphore, 0, 0) == 0);
    atomic_store(&sem_taken, 0);
    sleeper_sleeps();
}
static void do_post(void) { sem_post(&semaphore); }
static void after_semaphore(void)
{
    int value = 0;
    for (int i = 0; i < 100 && !atomic_load(&sem_taken) && value == 0; i++) {
        CHECK(sem_getvalue(&semaphore, &value) == 0);
        usleep(100);
    }
    /* What the child has posted must reach the sleeper without another post. */
    if (value == 0 && !atomic_load(&sem_taken)) CHECK(sem_post(&semaphore) == 0);
    sleeper_is_done();
}

static pthread_mutex_t cond_mutex;
static pthread_cond_t cond;
static int flag;
static void wait_cond(void)
{
    CHECK(pthread_mutex_lock(&cond_mutex) == 0);
    while (!flag) CHECK(pthread_cond_wait(&cond, &cond_mutex) == 0);
    CHECK(pthread_mutex_unlock(&cond_mutex) == 0);
}
static void make_cond(int shared)
{
    pthread_condattr_t attributes;
    pthread_mutexattr_t checked;
    pthread_condattr_init(&attributes);
    pthread_condattr_setpshared(&attributes, shared);
    pthread_mutexattr_init(&checked);
    pthread_mutexattr_settype(&checked, PTHREAD_MUTEX_ERRORCHECK);
    CHECK(pthread_mutex_init(&cond_mutex, &checked) == 0);
    CHECK(pthread_cond_init(&cond, &attributes) == 0);
    flag = 0;
    sleeper_sleeps();
}
static void before_cond(void) { make_cond(PTHREAD_PROCESS_PRIVATE); }
static void before_cond_shared(void) { make_cond(PTHREAD_PROCESS_SHARED); }
static void set_flag(void)
{
    /* Left locked by the child, it is the parent's. */
    int result = pthread_mutex_lock(&cond_mutex);
    CHECK(result == 0 || result == EDEADLK);
    flag = 1;
    CHECK(pthread_mutex_unlock(&cond_mutex) == 0);
}
static void do_signal(void) { set_flag(); pthread_cond_signal(&cond); }
static void do_broadcast(void) { set_flag(); pthread_cond_broadcast(&cond); }
static void do_cond_wait(void)
{
    struct timespec soon;
    clock_gettime(CLOCK_REALTIME, &soon);
    soon.tv_nsec += 100000;
    soon.tv_sec += soon.tv_nsec / 1000000000;
    soon.tv_nsec %= 1000000000;
    pthread_mutex_lock(&cond_mutex);
    pthread_cond_timedwait(&cond, &cond_mutex, &soon);
    pthread_mutex_unlock(&cond_mutex);
}
static void after_cond(void)
{
    set_flag();
    CHECK(pthread_cond_signal(&cond) == 0);
    sleeper_is_done();
    CHECK(pthread_cond_destroy(&cond) == 0);
}

static pthread_once_t once;
static int once_runs;
static void run_once(void) { once_runs++; }
static void before_once(void) { once = (pthread_once_t)PTHREAD_ONCE_INIT; once_runs = 0; }
static void do_once(void) { pthread_once(&once, run_once); }
static void after_once(void) { CHECK(pthread_once(&once, run_once) == 0 && once_runs > 0); }

static void wait_print(void) { CHECK(fprintf(file, "sleeper\n") > 0); }
static void do_print_wanted(void)
{
    flockfile(file);
    sleeper_from_child();
    fprintf(file, "%s\n", "child");
    funlockfile(file);
}

/* `in_spawn`: the parent itself calls posix_spawn, and the child is stepped from its first instruction. */
static const struct scenario {
    const char *name;
    size_t size;
    void (*before)(void), (*in_child)(void);
    int in_spawn;
    void (*sleeper)(void), (*after)(void);
} scenarios[] = {
    { "malloc 40 B", 40, nothing, do_malloc, 0 },
    { "malloc 3000 B", 3000, nothing, do_malloc, 0 },
    { "malloc 300 KB", 300000, nothing, do_malloc, 0 },
    { "calloc 300 B", 0, nothing, do_calloc, 0 },
    { "aligned_alloc", 0, nothing, do_aligned, 0 },
    { "free 40 B", 0, before_small, do_free, 0 },
    { "free 300 KB", 0, before_large, do_free, 0 },
    { "realloc 40 to 400 B", 0, before_small, do_grow, 0 },
    { "realloc 300 to 900 KB", 0, before_large, do_grow_large, 0 },
    { "realloc 3000 to 30 B", 0, before_medium, do_shrink, 0 },
    { "malloc 8 times", 0, nothing, do_many, 0 },
    { "free 8 times", 0, before_many, do_free_many, 0 },
    { "mutex normal", 0, normal, do_lock, 0 },
    { "mutex recursive", 0, recursive, do_lock, 0 },
    { "mutex errorcheck", 0, errorcheck, do_lock, 0 },
    { "mutex robust", 0, robust, do_lock, 0 },
    { "mutex PI", 0, inherit, do_lock, 0 },
    { "fprintf", 0, nothing, do_print, 0 },
    { "fputs, fflush", 0, nothing, do_flush, 0 },
    { "fopen, fclose", 0, nothing, do_open, 0, NULL, after_open },
    { "opendir, readdir", 0, nothing, do_directory, 0, NULL, after_directory },
    { "setenv, unsetenv", 0, nothing, do_environment, 0, NULL, after_environment },
    { "posix_spawn in child", 0, nothing, do_spawn, 0 },
    { "posix_spawn's child", 0, nothing, do_spawn, 1 },
    { "unlock, recursive, wanted", 0, before_unlock_recursive, do_unlock, 0, wait_mutex, after_unlock },
    { "unlock, errorcheck, wanted", 0, before_unlock_errorcheck, do_unlock, 0, wait_mutex, after_unlock },
    { "mutex errorcheck, wanted", 0, errorcheck, do_lock_wanted, 0, wait_wanted, after_lock_wanted },
    { "mutex robust, wanted", 0, robust, do_lock_wanted, 0, wait_wanted, after_lock_wanted },
    { "mutex PI, wanted", 0, inherit, do_lock_wanted, 0, wait_wanted, after_lock_wanted },
    { "rwlock unlock, wanted", 0, before_rwlock, do_rwunlock, 0, wait_read, after_rwlock },
    { "sem_post, wanted", 0, before_semaphore, do_post, 0, wait_semaphore, after_semaphore },
    { "cond signal", 0, before_cond, do_signal, 0, wait_cond, after_cond },
    { "cond broadcast", 0, before_cond, do_broadcast, 0, wait_cond, after_cond },
    { "cond signal, shared", 0, before_cond_shared, do_signal, 0, wait_cond, after_cond },
    { "cond timed wait", 0, before_cond, do_cond_wait, 0, wait_cond, after_cond },
    { "cond timed wait, shared", 0, before_cond_shared, do_cond_wait, 0, wait_cond, after_cond },
    { "pthread_once", 0, before_once, do_once, 0, NULL, after_once },
    { "fprintf, wanted", 0, nothing, do_print_wanted, 0, wait_print, after_lock_wanted },
};

int main(int argc, char **argv)
{
    int count = (int)(sizeof scenarios / sizeof *scenarios), number = argc > 1 ? atoi(argv[1]) : -1;
    char go;
    pthread_t worker;
    if (number < 0 || number >= count) {
        for (int i = 0; i < count; i++) printf("%s\n", scenarios[i].name);
        return 0;
    }
    const struct scenario *s = &scenarios[number];
    kept_size = s->size;
    normal();
    file = fopen("/dev/null", "w");
    CHECK(file && pipe(to_worker) == 0 && pipe(from_worker) == 0);
    CHECK(pthread_create(&worker, NULL, work, NULL) == 0);
    if (s->sleeper) {
        wait_for_child = s->sleeper;
        CHECK(pipe(to_sleeper) == 0 && pipe(from_sleeper) == 0);
        CHECK(pthread_create(&worker, NULL, sleep_and_wake, NULL) == 0);
        while (!atomic_load(&sleeper_tid)) sched_yield();
    }
    /* The tracer takes hold of this thread between these two. */
    CHECK(write(1, "r", 1) == 1);
    CHECK(read(0, &go, 1) == 1);
    for (unsigned round = 0;; round++) {
        s->before();
        if (s->in_spawn) {
            s->in_child();
        } else {
            pid_t pid = vfork();
            if (pid == 0) {
                BREAKPOINT();
                s->in_child();
                BREAKPOINT();
                _exit(0);
            }
            CHECK(pid > 0);
        }
        int status;
        while (waitpid(-1, &status, 0) > 0 || errno == EINTR) {}
        if (s->after)
            s->after();
        else if (strncmp(s->name, "mutex", 5) == 0)
            let_go();
        CHECK(write(to_worker[1], &round, sizeof round) == sizeof round);
        go_on(0, round);
        CHECK(read(from_worker[0], &go, 1) == 1);
        subject = NULL;
    }
}
