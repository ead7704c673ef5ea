/* record/sections/section_info.h - what a recording says of its sections, beside them */
#ifndef RECORD_SECTIONS_SECTION_INFO_H
#define RECORD_SECTIONS_SECTION_INFO_H

#include <stdbool.h>

#include "base/problem.h"
#include "record/output/recording.h"
#include "record/sections/section_programs.h"

/* Notes what could not be attached, and why; and how often sections are sampled, if that was asked
 * for. `programs` may be NULL: then there is nothing to say. */
bool section_info_note_start(struct recording *recording, const struct section_options *options,
			     struct section_programs *programs, struct problem *ret_problem);

#endif
