/* record/probes/probe_info.h - what a recording says of its probes, beside their hits */
#ifndef RECORD_PROBES_PROBE_INFO_H
#define RECORD_PROBES_PROBE_INFO_H

#include <stdbool.h>

#include "base/problem.h"
#include "record/output/recording.h"
#include "record/probes/probe_programs.h"

/* Notes what could not be attached, and why, how long attaching took, and if hits that the kernel
 * misses are not counted.
 * `programs` may be NULL: then there is nothing to say, here and below. */
bool probe_info_note_start(struct recording *recording, const struct probe_programs *programs,
			   struct problem *ret_problem);

/* Notes how often each probe was hit, and how many hits were left out because it was asked for. */
bool probe_info_note_end(struct recording *recording, const struct probe_programs *programs,
			 struct problem *ret_problem);

#endif
