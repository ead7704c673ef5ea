/* record/selftest/deeds.h - harmless processes whose actions are known, to compare with a recording
 *
 * The processes are children of diag-record, without another program. What they do, and when, is in
 * memory that they share with it.
 */
#ifndef RECORD_SELFTEST_DEEDS_H
#define RECORD_SELFTEST_DEEDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/problem.h"

#define DEEDS_WORKERS_MAX  2u
#define DEEDS_SPANS_MAX    2u
#define DEEDS_COMMAND_MAX  512u
#define DEEDS_NAME_PATTERN "diag-self-*"

/* A part of a process's time. Its true start is between the first two times, its true end between
 * the last two. All are CLOCK_BOOTTIME. */
struct deeds_span {
	uint64_t before_start_ns;
	uint64_t after_start_ns;
	uint64_t before_end_ns;
	uint64_t after_end_ns;
};

struct deeds_worker {
	pid_t pid;
	struct deeds_span life;
	struct deeds_span spans[DEEDS_SPANS_MAX]; /* of what it did; see the kind of test */
	uint64_t awake_ns; /* CPU time in spans[0]; if it sleeps there, with waits for a CPU */
	volatile uint32_t count;         /* of what it did */
	char command[DEEDS_COMMAND_MAX]; /* its arguments, separated by spaces */
};

struct deeds {
	struct deeds_worker workers[DEEDS_WORKERS_MAX];
	size_t count; /* of workers */
	int go[2];    /* a pipe: its end lets the workers act */
};

/* What a worker does. Runs in its process; returns the exit code. */
typedef int (*deeds_action)(struct deeds *deeds, struct deeds_worker *self);

/* Returns the name of a worker, as the kernel has it. */
const char *deeds_name(size_t index);

/* Starts `count` processes, which wait. Returns NULL and sets *ret_problem on failure. On success,
 * the caller must call deeds_free(). */
struct deeds *deeds_start(const deeds_action *actions, size_t count, struct problem *ret_problem);

/* Lets the processes act, and waits for their ends, in their order. `kills_last`: sends SIGKILL to
 * the last one, after the ends of the others. Returns false and sets *ret_problem if one has not
 * ended after 30 seconds. */
bool deeds_run(struct deeds *deeds, bool kills_last, struct problem *ret_problem);

/* Kills what still runs, and frees the memory. NULL is allowed. */
void deeds_free(struct deeds *deeds);

#endif
