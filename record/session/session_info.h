/* record/session/session_info.h - info records about the recorder, the host and the totals */
#ifndef RECORD_SESSION_SESSION_INFO_H
#define RECORD_SESSION_SESSION_INFO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/problem.h"
#include "record/attach/programs.h"
#include "record/options/options.h"
#include "record/output/recording.h"
#include <dz/writer.h>

/* Returns the CPU time of this process, without that of its children; 0 if it is unknown. */
uint64_t session_info_own_cpu_ns(void);

/* Writes the recorder, its command line and events, the host, the filters, the sizes of the ring
 * buffers, and programs that could not be attached. */
bool session_info_note_start(struct recording *recording, const struct options *options,
			     const struct programs *programs, struct problem *ret_problem);

/* The COMMAND, once it runs. */
struct session_command {
	uint64_t pid;      /* in the initial namespace; 0: unknown */
	uint64_t start_ns; /* CLOCK_BOOTTIME of its execve(); 0: it does not run yet, or there is
			      none */
};

/* Writes the COMMAND, and its arguments if command lines are recorded. */
bool session_info_note_command(struct recording *recording, const struct options *options,
			       const struct session_command *command, struct problem *ret_problem);

/* Writes how many events the filters excluded. counts is by enum event_count. */
bool session_info_note_skipped(struct recording *recording, const uint64_t *counts,
			       struct problem *ret_problem);

/* Writes the privileges that the recorder has now. */
bool session_info_note_privileges(struct recording *recording, struct problem *ret_problem);

/* Writes the events by kind, `lost` as their total, the CPU time of the recorder, and the run time
 * of its BPF programs if the kernel measured it. */
bool session_info_note_end(struct recording *recording, const struct programs *programs,
			   uint64_t lost, uint64_t cpu_ns, struct problem *ret_problem);

#endif
