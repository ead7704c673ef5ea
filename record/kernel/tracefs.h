/* record/kernel/tracefs.h - where the kernel tells of its tracepoints and functions */
#ifndef RECORD_KERNEL_TRACEFS_H
#define RECORD_KERNEL_TRACEFS_H

#include "base/problem.h"

/* The directory, a constant; NULL with the reason and what to do if it cannot be read. */
const char *tracefs_find(struct problem *ret_problem);

#endif
