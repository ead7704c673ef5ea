/* record/sections/section_info.h - what a recording says of its sections, beside them */
#ifndef RECORD_RUN_FACTS_H
#define RECORD_RUN_FACTS_H

#include <stdbool.h>

#include "record/output/recording.h"
#include "record/problem.h"
#include "record/sections/section_programs.h"

/* Notes what could not be attached, and why; and how often sections are sampled, if that was asked
 * for. `programs` may be NULL: then there is nothing to say. */
bool run_facts_note_start(struct recording *recording, const struct run_options *options,
			  struct run_programs *programs, struct problem *ret_problem);

#endif
