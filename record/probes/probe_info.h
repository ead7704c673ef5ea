/* record/probes/probe_info.h - info records about probes */
#ifndef RECORD_PROBES_PROBE_INFO_H
#define RECORD_PROBES_PROBE_INFO_H

#include <stdbool.h>

#include "base/problem.h"
#include "record/output/recording.h"
#include "record/probes/probe_programs.h"

/* Adds info records about probes that could not be attached, the types of functions, the time that
 * attaching took, and whether missed hits are not counted. `programs` can be NULL: then it adds
 * none. Returns false and sets *ret_problem on failure. */
bool probe_info_note_start(struct recording *recording, const struct probe_programs *programs,
			   struct problem *ret_problem);

/* Adds info records with the numbers of hits and of skipped hits of each probe. `programs` can be
 * NULL. Returns false and sets *ret_problem on failure. */
bool probe_info_note_end(struct recording *recording, const struct probe_programs *programs,
			 struct problem *ret_problem);

#endif
