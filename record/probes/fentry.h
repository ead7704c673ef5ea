/* record/probes/fentry.h - whether this kernel can attach fentry programs */
#ifndef RECORD_PROBES_FENTRY_H
#define RECORD_PROBES_FENTRY_H

#include <stdbool.h>

#include "base/problem.h"

/* Tries to attach an empty program. Returns false and sets *ret_problem if that is not possible. */
bool fentry_is_allowed(struct problem *ret_problem);

#endif
