/* record/stacks/unwind_worker.h - unwinds and names stacks on a thread of its own, within a share
 * of a CPU
 *
 * Each job that is taken gives one result; without memory for that, none, so that who waits for one
 * must not do so for ever. One thread submits and takes; the results are its own from then on.
 */
#ifndef RECORD_STACKS_UNWIND_WORKER_H
#define RECORD_STACKS_UNWIND_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/stacks/chain.h"
#include "record/stacks/jit_maps.h"
#include "record/stacks/mapped_file_cache.h"
#include "record/stacks/mapping_set.h"
#include "symbols/module_cache.h"
#include "symbols/registers.h"
#include "symbols/status.h"
#include "symbols/unwind.h"

struct unwind_worker_options {
	unsigned int cpu_percent; /* of one CPU, over time */
	size_t queue_bytes_max;   /* jobs that wait */
	size_t modules_bytes_max;
	struct mapped_file_cache *files; /* borrowed as long as the worker lives */
	bool (*begin)(void);             /* what the thread does first; NULL: nothing */
};

/* A stack as it was copied. The worker releases it with unwind_job_free(). */
struct unwind_job {
	uint64_t stack_copy_id; /* the submitter's name for it */
	uint64_t deadline_ns;   /* CLOCK_BOOTTIME; not begun later than this */
	struct mapping_set *set;
	struct jit_map *jit_map; /* names of code that the process made; NULL: none */
	struct registers registers;
	uint64_t address; /* of bytes[0] */
	bool whole;       /* the bytes reach to the end of the stack's mapping */
	size_t size_bytes;
	struct unwind_job *next;
	uint8_t bytes[];
};

struct unwind_answer {
	uint64_t stack_copy_id;
	struct chain *chain; /* NULL if it was given up */
	struct unwind_answer *next;
};

struct unwind_worker_statistics {
	uint64_t given_up;
	uint64_t cpu_ns; /* of the thread */
	struct unwind_statistics unwinding;
	struct module_cache_statistics modules;
};

struct unwind_worker;

/* NULL if there is no memory. */
struct unwind_job *unwind_job_new(size_t size_bytes);
/* Releases the references to the set and the map, too. NULL is allowed. */
void unwind_job_free(struct unwind_job *job);

/* Starts the thread. NO_MEMORY or IO, with nothing to release. */
MUST_CHECK enum symbols_status unwind_worker_start(const struct unwind_worker_options *options,
						   struct unwind_worker **ret_worker);

/* Ends the thread after the stack it is at, releases what waits. NULL is allowed. */
void unwind_worker_stop(struct unwind_worker *worker);

/* Takes the job over; false, and the job stays the caller's, if too many wait. */
MUST_CHECK bool unwind_worker_submit(struct unwind_worker *worker, struct unwind_job *job);

/* Takes over a reference to mappings whose files are likely to be needed soon. They are loaded,
 * but for very large ones, when there is nothing else to do and enough of the share is saved up; of
 * many such requests only the newest are kept. */
void unwind_worker_prepare(struct unwind_worker *worker, struct mapping_set *set);

/* All results there are, in the order of their jobs; the caller frees the list and its chains. */
struct unwind_answer *unwind_worker_take(struct unwind_worker *worker);

/* Sums since the start, as of the last stack that was done. Any thread may ask. */
void unwind_worker_get_statistics(struct unwind_worker *worker,
				  struct unwind_worker_statistics *ret_statistics);

#endif
