/* record/probes/fentry.h - whether programs may be attached to functions without a kprobe */
#ifndef RECORD_PROBES_FENTRY_H
#define RECORD_PROBES_FENTRY_H

#include <stdbool.h>

#include "base/problem.h"

/* Tries it, with a program that does nothing. */
bool fentry_is_allowed(struct problem *ret_problem);

#endif
