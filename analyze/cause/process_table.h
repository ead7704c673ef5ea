/* analyze/cause/process_table.h - state of living processes, in bounded memory
 *
 * A process is identified by boot, pid and start time, so that a reused pid is another process. Its
 * pending signals and the signals that its handlers took are kept in time order. If there are too
 * many processes or signals, the least recently used process is removed.
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

/* The last signal with this number that a handler took in this thread. */
struct process_handled {
	struct process_handled *next; /* taken later */
	struct cause_signal generated;
	struct cause_delivery delivery;
	uint32_t tid;
	enum cause_kind kind; /* of a death by this signal */
};

/* The last child that this signal ended, or that had this exit code. */
struct process_child {
	struct process_child *next; /* ended later */
	struct cause_child child;
};

struct process_key {
	uint64_t pid;
	uint64_t start_ns;
	uint32_t boot;
};

struct process {
	struct process_key key;
	struct process_signal *signals;
	struct process_handled *handled;
	struct process_child *children;
	struct cause_delivery delivery; /* the last delivery without a handler */
	struct cause_oom oom;
	struct cause_culprit culprit;
	struct cause_execution execution; /* the last execve(), if that was recorded */

	struct process *older; /* private: in the order of last use */
	struct process *newer;
};

/* Creates an empty table. Returns false on allocation failure. */
bool process_table_new(struct process_table **ret_table);

/* Finds the process of a task, or adds it. Returns NULL on allocation failure. The table owns the
 * process. A later call that adds a process or a signal can remove it. */
struct process *process_table_touch(struct process_table *table, const struct trace_file *file,
				    const struct dz_task *task);

/* Finds the process of a task. Returns NULL if it is not in the table. */
struct process *process_table_find(struct process_table *table, const struct trace_file *file,
				   const struct dz_task *task);

/* Adds a copy of a signal at the end. It replaces a signal with the same number and receiver if the
 * kernel keeps only one of these pending. Returns false on allocation failure. */
bool process_add_signal(struct process_table *table, struct process *process,
			const struct cause_signal *signal, uint32_t receiver_tid);

/* Returns the signal with this number that thread `tid` takes next; NULL if none is known. */
const struct process_signal *process_find_signal(const struct process *process, uint32_t number,
						 uint32_t tid);

/* Removes a signal that process_find_signal() returned. */
void process_remove_signal(struct process_table *table, struct process *process,
			   const struct process_signal *signal);

/* Adds a copy of a handled signal at the end. It replaces the one with the same number and thread;
 * if there are too many, also the first that says little about an end. Returns false on allocation
 * failure. */
bool process_add_handled(struct process_table *table, struct process *process,
			 const struct process_handled *handled);

/* Adds a copy of a child. It replaces the one with the same signal and exit code; if there are too
 * many, the first. Returns false on allocation failure. */
bool process_add_child(struct process_table *table, struct process *process,
		       const struct cause_child *child);

/* Returns the last child that this signal ended, or, if it is 0, that ended itself with this code.
 * Returns NULL if none is known. */
const struct cause_child *process_find_child(const struct process *process, uint32_t signal,
					     uint32_t exit_code);

/* Removes and frees a process. */
void process_table_remove(struct process_table *table, struct process *process);

/* Removes and frees all processes. */
void process_table_clear(struct process_table *table);

/* Returns the number of processes. */
size_t process_table_count(const struct process_table *table);

/* Frees a table. NULL is allowed. */
void process_table_free(struct process_table *table);

#endif
