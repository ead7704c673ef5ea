/* analyze/cause/process_table.h - what is remembered of each process that lives, in bounded memory
 *
 * A process is known by boot, pid and start time, so that a pid that is used again is another
 * process. The signals that wait for it are kept in order; when too many are kept in all, the
 * process that was touched longest ago is forgotten.
 */
#ifndef ANALYZE_CAUSE_PROCESS_TABLE_H
#define ANALYZE_CAUSE_PROCESS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyze/cause/cause.h"

struct process_table;

/* A signal that was generated and not yet taken. */
struct process_signal {
	struct process_signal *next; /* generated later */
	struct cause_signal signal;
	uint32_t receiver_tid;
};

struct process {
	uint64_t pid;
	uint64_t start_ns;
	uint32_t boot;
	struct process_signal *signals;
	struct cause_delivery delivery; /* the last one that was not handled */
	struct cause_oom oom;
	struct cause_culprit culprit;

	struct process *older; /* private: by time of last use */
	struct process *newer;
};

/* False without memory. */
bool process_table_new(struct process_table **ret_table);

/* Finds the process of a task, adding it if it is new. NULL without memory. */
struct process *process_table_touch(struct process_table *table, const struct trace_file *file,
				    const struct dz_task *task);

/* The same, but NULL if it is new. */
struct process *process_table_find(struct process_table *table, const struct trace_file *file,
				   const struct dz_task *task);

/* Adds a signal at the end, instead of one that it replaces: of the same number, for the same
 * receiver, if the kernel keeps only one of them. False without memory. */
bool process_add_signal(struct process_table *table, struct process *process,
			const struct cause_signal *signal, uint32_t receiver_tid);

/* The signal with this number that thread tid takes next; NULL if none is known. */
const struct process_signal *process_find_signal(const struct process *process, uint32_t number,
						 uint32_t tid);

/* Takes it away. */
void process_remove_signal(struct process_table *table, struct process *process,
			   const struct process_signal *signal);

/* Forgets a process. */
void process_table_remove(struct process_table *table, struct process *process);

/* Forgets all of them. */
void process_table_clear(struct process_table *table);

/* How many are remembered. */
size_t process_table_count(const struct process_table *table);

/* NULL is allowed. */
void process_table_free(struct process_table *table);

#endif
