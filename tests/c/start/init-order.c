/* Constructors run in order of priority with (argc, argv, envp), handlers in reverse, destructors last. */
/* harness: args one two */
/* harness: status 42 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;
static int step;
static void fail(int n) { _exit(100 + n); }
static void expect(int n) { if (step++ != n) fail(n); }

static void preinit(int argc, char **argv, char **envp)
{
    if (argc != 3 || strcmp(argv[2], "two") || envp != environ) fail(90);
    expect(0);
}
__attribute__((section(".preinit_array"), used)) static void (*pre)(int, char **, char **) = preinit;
__attribute__((constructor(101))) static void first(int argc, char **argv, char **envp)
{
    if (argc != 3 || argv[argc] != 0 || envp != environ) fail(91);
    expect(1);
}
__attribute__((constructor)) static void second(void) { expect(2); }
__attribute__((destructor)) static void last_but_one(void) { expect(8); }
__attribute__((destructor(101))) static void last(void) { expect(9); _exit(42); }
static void h1(void) { expect(7); }
static void h2(void) { expect(6); }
static void late(void) { expect(5); }
static void h3(void) { expect(4); atexit(late); }

int main(void)
{
    expect(3);
    atexit(h1);
    atexit(h2);
    atexit(h3);
    return 0;
}
