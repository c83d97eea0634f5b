/* A fork while another thread changes the environment leaves a child that can change it too. */
/* harness: glibc no */
#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
static volatile int stop;
static void *change(void *x) { while (!stop) setenv("A", "b", 1), setenv("C", "d", 1); return x; }
int main(void) { pthread_t t; pthread_create(&t, 0, change, 0); for (int i = 0; i < 300; i++) { pid_t p = fork(); if (!p) { alarm(5); _exit(setenv("X", "y", 1)); } int s; waitpid(p, &s, 0); if (s) return 1; } stop = 1; pthread_join(t, 0); return 0; }
