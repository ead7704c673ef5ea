/* record/stacks/stack_info.h - what a recording says about its user stacks: how many, and what
 * they cost
 */
#ifndef RECORD_STACKS_STACK_INFO_H
#define RECORD_STACKS_STACK_INFO_H

#include <stdbool.h>

#include "base/problem.h"
#include "record/output/recording.h"
#include "record/stacks/user_stacks.h"

/* Notes stacks.captured and so on, as of now; nothing if `stacks` is NULL. */
bool stack_info_note(struct recording *recording, const struct user_stacks *stacks,
		     struct problem *ret_problem);

#endif
