/* As random.c, with the heap walked and its invariants proved on the way. */
/* harness: glibc no */
int malloc_check(void);
#define __TIDAL_CHECK
#include "random.c"
