/* record/session/session.h - a run of diag-record from its options to a closed file */
#ifndef RECORD_SESSION_SESSION_H
#define RECORD_SESSION_SESSION_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/problem.h"
#include "record/options/options.h"

struct session_result {
	char path[PATH_MAX];     /* of the last file */
	unsigned int file_count; /* more than one after SIGHUP, and with --rotate */
	unsigned int kept_count; /* of these, at most; 0: all */
	uint64_t event_count;
	uint64_t lost_count;
	uint64_t bytes;
	uint64_t duration_ns;
	uint64_t start_cpu_ns; /* of diag-record itself, until it recorded */
	uint64_t cpu_ns;       /* and since then */
	struct problem limit;  /* that ended the recording, empty if none did */
	int command_status;    /* as a shell gives it; 0 without a command */
};

/*
 * Records until told to stop. False: *ret_problem says why; a file that had been begun is removed
 * if nothing was recorded, and otherwise left readable but not complete. A command that could not
 * be run leaves its status in *ret_result, which is otherwise written on success only.
 */
bool session_run(const struct options *options, struct session_result *ret_result,
		 struct problem *ret_problem);

#endif
