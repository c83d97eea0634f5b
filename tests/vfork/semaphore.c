/* Semaphores have no owner: what the child posts the parent and its threads get, what it takes is taken. */
#include "common.h"
#include <semaphore.h>

static sem_t semaphore;

static void *take(void *rounds)
{
    for (int i = (int)(size_t)rounds; i > 0; i--)
        while (sem_wait(&semaphore) != 0) CHECK(errno == EINTR);
    return NULL;
}

int main(int argc, char **argv)
{
    int rounds = iterations(argc, argv), value;
    pthread_t thread;
    CHECK(sem_init(&semaphore, 0, 0) == 0);
    CHECK(pthread_create(&thread, NULL, take, (void *)(size_t)rounds) == 0);
    for (int i = 0; i < rounds; i++) CHILD_PASSES(CHECK(sem_post(&semaphore) == 0));
    CHECK(pthread_join(thread, NULL) == 0);
    for (int i = 0; i < rounds; i++) {
        CHECK(sem_post(&semaphore) == 0);
        CHILD_PASSES(CHECK(sem_trywait(&semaphore) == 0); CHECK(sem_trywait(&semaphore) == -1 && errno == EAGAIN));
        CHECK(sem_getvalue(&semaphore, &value) == 0 && value == 0);
    }
    return 0;
}
