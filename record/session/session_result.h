/* record/session/session_result.h - summary that diag-record reports at its end */
#ifndef RECORD_SESSION_SESSION_RESULT_H
#define RECORD_SESSION_SESSION_RESULT_H

#include <limits.h>
#include <stdint.h>

#include "base/problem.h"

struct session_result {
	char path[PATH_MAX];     /* of the last file */
	unsigned int file_count; /* more than one after SIGHUP, and with --rotate */
	unsigned int kept_count; /* files that are kept at most; 0: all */
	uint64_t event_count;
	uint64_t lost_count;
	uint64_t bytes;
	uint64_t duration_ns;
	uint64_t start_cpu_ns; /* CPU time of diag-record before recording started */
	uint64_t cpu_ns;       /* CPU time of diag-record while it recorded */
	struct problem limit;  /* the limit that ended the recording; empty if none did */
	int command_status;    /* of the workload, as a shell reports it; 0 without one */
};

#endif
