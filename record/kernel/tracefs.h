/* record/kernel/tracefs.h - the directory where tracefs is mounted */
#ifndef RECORD_KERNEL_TRACEFS_H
#define RECORD_KERNEL_TRACEFS_H

#include "base/problem.h"

/* Returns the directory, a static string. Returns NULL and sets *ret_problem if it cannot be read.
 */
const char *tracefs_find(struct problem *ret_problem);

#endif
