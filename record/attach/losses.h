/* record/attach/losses.h - what happened and could not be recorded, from the kernel's counters to
 * the file
 */
#ifndef RECORD_ATTACH_LOSSES_H
#define RECORD_ATTACH_LOSSES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/problem.h"
#include "record/attach/programs.h"
#include "record/output/recording.h"

struct losses;

/* Borrows the programs. NULL without memory. */
struct losses *losses_new(struct programs *programs);

/* Adds a row for everything that was lost since the last call. */
bool losses_collect(struct losses *losses, struct recording *recording,
		    struct problem *ret_problem);

/* All that were found so far. */
uint64_t losses_total(const struct losses *losses);

/* NULL is allowed. The programs stay the caller's. */
void losses_free(struct losses *losses);

#endif
