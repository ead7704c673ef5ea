/* record/attach/losses.h - lost events, from the kernel's counters to the file */
#ifndef RECORD_ATTACH_LOSSES_H
#define RECORD_ATTACH_LOSSES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/problem.h"
#include "record/attach/programs.h"
#include "record/output/recording.h"

struct losses;

/* Borrows the programs. Returns NULL on allocation failure. */
struct losses *losses_new(struct programs *programs);

/* Adds records of kind lost for all events lost since the last call. */
bool losses_collect(struct losses *losses, struct recording *recording,
		    struct problem *ret_problem);

/* Adds the user stacks that diag-record itself could not unwind, as a count since the start, to the
 * next call of losses_collect(). */
void losses_set_user_stacks(struct losses *losses, uint64_t count);

/* Returns the number of lost events found so far. */
uint64_t losses_total(const struct losses *losses);

/* NULL is allowed. Does not free the programs. */
void losses_free(struct losses *losses);

#endif
