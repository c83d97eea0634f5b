/* Cleanup by the unwinder: C with exceptions. */
/* harness: flags -fexceptions */
#include "cleanup.h"
