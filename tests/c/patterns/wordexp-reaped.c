/* wordexp where the shell's exit status goes to nobody, or to another thread that waits for any child. */
/* harness: glibc no */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wordexp.h>

static volatile int done;

static void *reap(void *unused) {
    while (!done) if (waitpid(-1, NULL, 0) < 0) usleep(100);
    return unused;
}

static int expands(void) {
    wordexp_t w;
    if (wordexp("a \"$E\" '.'", &w, 0) || w.we_wordc != 3 || strcmp(w.we_wordv[1], "") || strcmp(w.we_wordv[2], ".")) return 0;
    wordfree(&w);
    if (wordexp("$E", &w, 0) || w.we_wordc) return 0;
    return wordexp("${A", &w, 0) == WRDE_SYNTAX && wordexp("a ${NO?}", &w, 0) == WRDE_SYNTAX && wordexp("$NO", &w, WRDE_UNDEF) == WRDE_BADVAL;
}

int main(void) {
    setenv("E", "", 1);
    signal(SIGCHLD, SIG_IGN);
    if (!expands()) return puts("with SIGCHLD ignored"), 1;
    signal(SIGCHLD, SIG_DFL);
    pthread_t reaper;
    if (pthread_create(&reaper, NULL, reap, NULL)) return 1;
    for (int i = 0; i < 10; i++) if (!expands()) return puts("beside a thread that waits"), 1;
    done = 1;
    return pthread_join(reaper, NULL);
}
