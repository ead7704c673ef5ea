/* record/session/profile_info.h - info records about waits for a CPU, samples and blocked time */
#ifndef RECORD_SESSION_PROFILE_INFO_H
#define RECORD_SESSION_PROFILE_INFO_H

#include <stdbool.h>

#include "base/problem.h"
#include "record/attach/programs.h"
#include "record/options/options.h"
#include "record/output/recording.h"

/* Writes the thresholds, and the event of samples. */
bool profile_info_note_start(struct recording *recording, const struct options *options,
			     struct problem *ret_problem);

/* Writes how many events --every and --max-per-second have skipped since the recording began. */
bool profile_info_note_end(struct recording *recording, const struct programs *programs,
			   struct problem *ret_problem);

#endif
