/* record/stacks/unwind_worker.h - unwinds and symbolizes stacks on a dedicated thread
 *
 * The thread is limited to a share of one CPU, which users share (job_queue.h). Each job gives one
 * answer; none if its memory cannot be allocated, so the submitter must not wait without a limit.
 * One thread submits jobs and takes the answers, which it then owns.
 */
#ifndef RECORD_STACKS_UNWIND_WORKER_H
#define RECORD_STACKS_UNWIND_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/event.h"
#include "record/stacks/chain.h"
#include "record/stacks/job_queue.h"
#include "record/stacks/mapped_file_cache.h"
#include "record/stacks/mapping_set.h"
#include "record/stacks/unwind_tables.h"
#include "symbols/module_cache.h"
#include "symbols/registers.h"
#include "symbols/status.h"
#include "symbols/unwind.h"

struct unwind_worker_options {
	unsigned int cpu_percent; /* share of one CPU */
	size_t queue_bytes_max;   /* of waiting jobs */
	size_t modules_bytes_max;
	struct mapped_file_cache *files; /* borrowed; must outlive the worker */
	bool (*begin)(void);             /* called first in the thread; NULL: none */
};

struct unwind_answer {
	uint64_t stack_copy_id;
	struct chain *chain; /* NULL: dropped */
	struct unwind_answer *next;
};

struct unwind_worker_statistics {
	uint64_t dropped;
	uint64_t cpu_ns;    /* of the thread */
	uint64_t checked;   /* walked stacks that were compared with a copy */
	uint64_t differing; /* of these: the copy gave another stack */
	struct unwind_tables_statistics tables;
	struct unwind_statistics unwinding;
	struct module_cache_statistics modules;
};

struct unwind_worker;

/* Starts the thread. Returns NO_MEMORY or IO on failure. On success the caller must call
 * unwind_worker_stop(). */
MUST_CHECK enum symbols_status unwind_worker_start(const struct unwind_worker_options *options,
						   struct unwind_worker **ret_worker);

/* Ends the thread after the current stack, and frees waiting jobs and answers. NULL is allowed.
 * Returns false if it has not ended within a second: then it still uses all that was given to it.
 */
bool unwind_worker_stop(struct unwind_worker *worker);

/* From now on, tables for the files of stacks are put into the maps, which must stay open until the
 * worker is stopped. Returns NO_MEMORY on allocation failure. */
MUST_CHECK enum symbols_status unwind_worker_use_tables(struct unwind_worker *worker,
							const struct unwind_table_maps *maps);

/* Takes ownership of the job and returns true. Returns false if the queue is full; the caller keeps
 * the job then. Jobs of a user with more in the queue give way, and get an answer without a chain.
 */
MUST_CHECK bool unwind_worker_submit(struct unwind_worker *worker, struct unwind_job *job);

/* Takes ownership of a reference to mappings whose files are likely to be needed soon. The thread
 * loads them, except very large ones, when no job waits and enough CPU time is saved. Only the 16
 * newest requests are kept. */
void unwind_worker_prepare(struct unwind_worker *worker, struct mapping_set *set);

/* Returns all answers so far. The caller must free the list and its
 * chains. */
struct unwind_answer *unwind_worker_take(struct unwind_worker *worker);

/* Returns sums since the start, as of the last finished stack. Thread-safe. */
void unwind_worker_get_statistics(struct unwind_worker *worker,
				  struct unwind_worker_statistics *ret_statistics);

#endif
