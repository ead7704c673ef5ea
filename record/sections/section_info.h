/* record/sections/section_info.h - info records about sections */
#ifndef RECORD_SECTIONS_SECTION_INFO_H
#define RECORD_SECTIONS_SECTION_INFO_H

#include <stdbool.h>

#include "base/problem.h"
#include "record/output/recording.h"
#include "record/sections/section_programs.h"

/* Adds info records about what could not be attached, and about the interval of samples. `programs`
 * can be NULL: then it adds none. Returns false and sets *ret_problem on failure. */
bool section_info_note_start(struct recording *recording, const struct section_options *options,
			     struct section_programs *programs, struct problem *ret_problem);

/* Adds how many sections were open when the recording ended. `programs` can be NULL. Returns false
 * and sets *ret_problem on failure. */
bool section_info_note_end(struct recording *recording, const struct section_programs *programs,
			   struct problem *ret_problem);

#endif
