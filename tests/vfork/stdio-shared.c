/* Children and threads print on one stream: every line arrives whole, whoever printed it. */
#include "common.h"
#include <stdio.h>

static FILE *file;

static void *print(void *rounds)
{
    for (int i = (int)(size_t)rounds; i > 0; i--) CHECK(fprintf(file, "thread %d\n", i) > 0);
    return NULL;
}

int main(int argc, char **argv)
{
    int rounds = iterations(argc, argv), lines = 0;
    pthread_t thread;
    char line[64];
    file = tmpfile();
    CHECK(file);
    CHECK(pthread_create(&thread, NULL, print, (void *)(size_t)rounds) == 0);
    for (int i = 0; i < rounds; i++) CHILD_PASSES(CHECK(fprintf(file, "child %d\n", i) > 0));
    CHECK(pthread_join(thread, NULL) == 0);
    rewind(file);
    while (fgets(line, sizeof line, file)) {
        CHECK(strncmp(line, "thread ", 7) == 0 || strncmp(line, "child ", 6) == 0);
        CHECK(line[strlen(line) - 1] == '\n');
        lines++;
    }
    CHECK(lines == 2 * rounds);
    return 0;
}
