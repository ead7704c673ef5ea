/* record/session/session_info.h - what a recording says about itself without being asked */
#ifndef RECORD_SESSION_SESSION_INFO_H
#define RECORD_SESSION_SESSION_INFO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/problem.h"
#include "record/attach/programs.h"
#include "record/options/options.h"
#include "record/output/recording.h"
#include <dz/writer.h>

/* CPU time of this process, without that of a command. */
uint64_t session_info_own_cpu_ns(void);

/* Who records what, where, with which filters, and what could not be attached. */
bool session_info_note_start(struct recording *recording, const struct options *options,
			     const struct programs *programs, struct problem *ret_problem);

/* The rights that the recorder has by now. */
bool session_info_note_privileges(struct recording *recording, struct problem *ret_problem);

/* What came of it: events by kind, `lost` in all, the CPU time of the recorder, and what the kernel
 * says of its programs. */
bool session_info_note_end(struct recording *recording, const struct programs *programs,
			   uint64_t lost, uint64_t cpu_ns, struct problem *ret_problem);

#endif
