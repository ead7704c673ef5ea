/* record/session/session_result.h - summary that diag-record reports at its end */
#ifndef RECORD_SESSION_SESSION_RESULT_H
#define RECORD_SESSION_SESSION_RESULT_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/problem.h"
#include "bpf/event.h"
#include "record/attach/losses.h"

struct session_result {
	char path[PATH_MAX];     /* of the last file */
	unsigned int file_count; /* more than one after SIGHUP, and with --rotate */
	unsigned int kept_count; /* files that are kept at most; 0: all */
	bool is_named;           /* the file stays after the end */
	bool is_window;          /* of --flight: the counts are of more than the file */
	uint32_t events;         /* set of enum options_event that were recorded */
	uint64_t event_count;
	uint64_t rows[64];             /* in all files, by kind number */
	uint64_t counts[EVENT_COUNTS]; /* by enum event_count, since the start */
	struct loss_of_ring full_rings[LOSSES_RINGS_MAX];
	size_t full_ring_count;
	uint64_t stacks_dropped; /* to stay within unwind_percent */
	unsigned int unwind_percent;
	uint64_t lost_count;
	uint64_t bytes;
	uint64_t duration_ns;
	uint64_t start_cpu_ns; /* CPU time of diag-record before recording started */
	uint64_t cpu_ns;       /* CPU time of diag-record while it recorded */
	struct problem limit;  /* the limit that ended the recording; empty if none did */
	int command_status;    /* of the workload, as a shell reports it; 0 without one */
};

#endif
