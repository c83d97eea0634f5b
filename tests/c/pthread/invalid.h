/* What the tests of bad input share. */
#ifndef INVALID_H
#define INVALID_H

#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <threads.h>
#include <unistd.h>
#include "check.h"

#define IS(expression, error) CHECK((expression) == (error))
#define FAILS(expression, error) (errno = 0, CHECK((expression) == -1 && errno == (error)))

/* Bytes that other memory may hold. */
static const unsigned char patterns[] = {0xa5, 0xff, 0x5a, 0x81};

#endif
