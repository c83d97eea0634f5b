/* Cleanup by jump buffers: C without exceptions. */
#include "cleanup.h"
