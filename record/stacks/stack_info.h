/* record/stacks/stack_info.h - info records about user stacks: their number and cost */
#ifndef RECORD_STACKS_STACK_INFO_H
#define RECORD_STACKS_STACK_INFO_H

#include <stdbool.h>

#include "base/problem.h"
#include "record/output/recording.h"
#include "record/stacks/user_stacks.h"

/* Adds info records such as stacks.captured, with current values; none if `stacks` is NULL. Returns
 * false and sets *ret_problem on failure. */
bool stack_info_note(struct recording *recording, const struct user_stacks *stacks,
		     struct problem *ret_problem);

#endif
