/* Thread-specific data and thread-local variables are the thread of control's: the child's changes stay, no destructor runs. */
#include "common.h"

static __thread int local;
static int destroyed;

static void destructor(void *unused)
{
    (void)unused;
    destroyed++;
}

int main(int argc, char **argv)
{
    pthread_key_t key;
    CHECK(pthread_key_create(&key, destructor) == 0);
    for (int i = iterations(argc, argv); i > 0; i--) {
        CHECK(pthread_setspecific(key, &local) == 0);
        local = i;
        pthread_key_t other;
        CHILD_PASSES(CHECK(pthread_getspecific(key) == &local && local == i); local = -i;
                     CHECK(pthread_setspecific(key, argv) == 0); CHECK(pthread_key_create(&other, NULL) == 0));
        CHECK(pthread_getspecific(key) == argv && local == -i && destroyed == 0);
        CHECK(pthread_key_delete(other) == 0);
    }
    return 0;
}
