/* record/selftest/verdict.h - whether a recording shows what the processes of a test did
 *
 * The recording is read in a separate process without privileges: diag-record itself never reads
 * one.
 */
#ifndef RECORD_SELFTEST_VERDICT_H
#define RECORD_SELFTEST_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/problem.h"
#include "record/selftest/deeds.h"
#include <dz/reader.h>

struct verdict {
	const struct deeds *deeds;
	const struct dz_reader *reader;
	struct problem problem;                 /* the first one; empty if all is right so far */
	unsigned int rows[DEEDS_WORKERS_MAX];   /* of each worker; see the judge */
	unsigned int others[DEEDS_WORKERS_MAX]; /* rows of another kind */
	uint64_t sum_ns[DEEDS_WORKERS_MAX];
	uint64_t lost; /* events */
};

/* What must be true of a recording. */
struct verdict_judge {
	/* Called for each event, in order of time. */
	void (*see)(struct verdict *verdict, const struct dz_event *event);
	/* Called after the last one. */
	void (*conclude)(struct verdict *verdict);
};

/* Sets the problem, if none is set. */
void verdict_wrong(struct verdict *verdict, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Sets a problem if a time is not within a span of true times. */
void verdict_check_time(struct verdict *verdict, const char *what, uint64_t time_ns,
			uint64_t earliest_ns, uint64_t latest_ns);

/* Returns the index of the worker that a task is, by its number in its PID namespace, or -1. Sets a
 * problem if the worker has another name. */
int verdict_worker(struct verdict *verdict, uint64_t task);

/* Reads the file and asks the judge. Returns whether all is right; if not, sets *ret_problem, and
 * *ret_lost to the number of events that the file says are lost. */
bool verdict_of(const char *path, const struct deeds *deeds, const struct verdict_judge *judge,
		uint64_t *ret_lost, struct problem *ret_problem);

#endif
