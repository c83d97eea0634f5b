// An exception that leaves an initialisation routine leaves it to be run again, by whoever comes or waits.
/* harness: flags -lstdc++ */
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <pthread.h>
#include <stdexcept>
#include <thread>
#include <unistd.h>
#include "check.h"

static std::once_flag flag;
static pthread_once_t bare = PTHREAD_ONCE_INIT, nested = PTHREAD_ONCE_INIT;
static std::atomic<int> attempts, successes, caught, waiting;

static void fails_twice()
{
    while (attempts == 0 && waiting < 3) std::this_thread::yield();
    usleep(1000);
    if (attempts++ < 2) throw std::runtime_error("not yet");
    successes++;
}

static void call()
{
    waiting++;
    for (;;) {
        try {
            std::call_once(flag, fails_twice);
            CHECK(successes == 1);
            return;
        } catch (const std::runtime_error &) {
            caught++;
        }
    }
}

static int runs;

static void throws_once()
{
    if (runs++ == 0) throw 7;
}

static void nests() { pthread_once(&bare, throws_once); }

struct Counts {
    ~Counts() { caught++; }
};

static void exits()
{
    Counts counts;
    pthread_exit(NULL);
}

static void *call_exits(void *once)
{
    Counts counts;
    pthread_once(static_cast<pthread_once_t *>(once), exits);
    return once;
}

int main()
{
    std::thread threads[4];
    for (auto &t : threads) t = std::thread(call);
    for (auto &t : threads) t.join();
    CHECK(attempts == 3 && successes == 1 && caught == 2);

    // Through two frames of pthread_once: both are open again.
    for (int i = 0; i < 3; i++) {
        try {
            CHECK(pthread_once(&nested, nests) == 0);
            CHECK(i > 0);
        } catch (int value) {
            CHECK(value == 7 && i == 0);
        }
    }
    CHECK(runs == 2);

    // A thread that ends in the routine runs the destructors on its way, and leaves the object open too.
    static pthread_once_t left = PTHREAD_ONCE_INIT;
    caught = 0;
    for (int i = 0; i < 2; i++) {
        pthread_t t;
        CHECK(pthread_create(&t, NULL, call_exits, &left) == 0 && pthread_join(t, NULL) == 0);
    }
    CHECK(caught == 4);
    return 0;
}
