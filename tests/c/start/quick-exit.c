/* quick_exit runs its own handlers alone. */
/* harness: status 9 */
#include <stdlib.h>
#include <unistd.h>
static void wrong(void) { _exit(1); }
static void right(void) { _exit(9); }
__attribute__((destructor)) static void never(void) { _exit(2); }

int main(void)
{
    atexit(wrong);
    at_quick_exit(right);
    quick_exit(0);
}
