/* record/session/session.h - a run of diag-record from its options to a closed file */
#ifndef RECORD_SESSION_SESSION_H
#define RECORD_SESSION_SESSION_H

#include <stdbool.h>

#include "base/problem.h"
#include "record/options/options.h"
#include "record/session/session_result.h"

/*
 * Records until a signal, the end of the workload, a limit or --duration. On failure returns false
 * and sets *ret_problem; a file is removed if nothing was recorded, otherwise it stays readable and
 * incomplete. *ret_result is written on success only.
 */
bool session_run(const struct options *options, struct session_result *ret_result,
		 struct problem *ret_problem);

#endif
