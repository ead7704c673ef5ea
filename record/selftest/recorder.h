/* record/selftest/recorder.h - a recording by a second diag-record, started as users start it */
#ifndef RECORD_SELFTEST_RECORDER_H
#define RECORD_SELFTEST_RECORDER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/problem.h"

struct recorder {
	pid_t pid;
	int messages; /* its standard error */
	char last[1024];
	bool is_silent; /* it printed nothing for long, and may still run */
};

/* Starts this program again with these arguments, of which the last is NULL, and waits until it
 * records. Returns false and sets *ret_problem to its own message if it does not. On success, the
 * caller must call recorder_end(). */
bool recorder_start(const char *const *arguments, struct recorder *ret_recorder,
		    struct problem *ret_problem);

/* Ends the recording as SIGINT does, and waits until the file is complete. Returns false and sets
 * *ret_problem to the recorder's last message if it failed. */
bool recorder_end(struct recorder *recorder, struct problem *ret_problem);

#endif
