/* Thousands of exit handlers of each kind run once, last first. */
/* harness: status 7 */
#include <stdlib.h>
#include <unistd.h>

static long count, expected = 2999;
static void plain(void) { count++; }
static void status(int s, void *arg)
{
    if (s != 3 || (long)arg != expected) _exit(1);
    expected--;
    count++;
}
static void check(void) { _exit(count == 6000 ? 7 : 2); }

int main(void)
{
    atexit(check);
    for (long i = 0; i < 3000; i++)
        if (atexit(plain) || on_exit(status, (void *)i)) return 4;
    exit(3);
}
