/* record/stacks/user_stacks.h - makes stack records of copied user stacks
 *
 * A copy arrives with a copy ID. It waits until the mappings of its process at that time are known,
 * and is unwound on another thread, unless the same stack was unwound before. Then events with its
 * copy ID can refer to it. Every copy ID gives a stack; if something fails, a marker with the
 * reason. One thread uses this.
 */
#ifndef RECORD_STACKS_USER_STACKS_H
#define RECORD_STACKS_USER_STACKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/event.h"
#include "record/stacks/mmap_tracker.h"
#include "record/stacks/unwind_worker.h"
#include "symbols/status.h"
#include <dz/writer.h>

/* Longest time that events wait for their stack. */
#define USER_STACKS_WAIT_NS UINT64_C(300000000)

struct user_stacks_options {
	unsigned int cpu_percent; /* 1 to 100: of one CPU, for unwinding */
	size_t held_bytes; /* most bytes of waiting copies; 0: 3 MiB, and 4 MiB to be unwound */
	bool (*begin_thread)(void); /* called first in each other thread; NULL: none */
	struct file_reader *reader; /* borrowed; NULL: files are opened and read directly */
};

struct user_stacks_statistics {
	uint64_t captured;
	uint64_t reused;    /* same contents as an earlier one: unwound once */
	uint64_t dropped;   /* before unwinding: too many waited */
	uint64_t unmapped;  /* mappings of their process unknown */
	uint64_t lost;      /* of unmapped: after records of mappings were missed */
	size_t stack_bytes; /* of the chains that are kept for further copies */
	uint64_t late;      /* events whose stack was not ready in time */
	uint64_t walks[UNWIND_WALK_END_COUNT]; /* by BPF programs: how they ended */
	struct unwind_worker_statistics worker;
	struct file_reader_statistics reader;
	struct mmap_tracker_statistics maps;
};

struct cpu_hotplug;
struct user_stacks;

/* Starts to track mappings. Call user_stacks_hold() and user_stacks_begin() next. Returns
 * NO_MEMORY, or IO and sets errno if the kernel refuses. */
MUST_CHECK enum symbols_status user_stacks_open(const struct user_stacks_options *options,
						struct user_stacks **ret_stacks);
/* From now on, tables for the files of stacks are put into these maps of the BPF programs. They
 * must stay open until user_stacks_close(). Returns NO_MEMORY on allocation failure. */
MUST_CHECK enum symbols_status user_stacks_use_tables(struct user_stacks *stacks,
						      const struct unwind_table_maps *maps);

/* Call before the BPF programs are attached: until then a second thread tracks the mappings; from
 * then on it only reads their changes. */
void user_stacks_hold(struct user_stacks *stacks);

/* Ends that thread. Call before any other function but user_stacks_close(). */
void user_stacks_begin(struct user_stacks *stacks);

/* NULL is allowed. */
void user_stacks_close(struct user_stacks *stacks);

/* Returns a descriptor that is readable when user_stacks_poll() must be called. The stacks own it.
 */
int user_stacks_descriptor(const struct user_stacks *stacks);

/* Adds a struct event_user_stack with its bytes, which it copies, or the report of a new program.
 * The stack is not needed after deadline_ns, CLOCK_BOOTTIME. Returns false if the record is
 * invalid. */
MUST_CHECK bool user_stacks_take(struct user_stacks *stacks, const void *record, size_t size_bytes,
				 uint64_t deadline_ns);

/* Processes waiting copies, mappings and answers. Call after the ring buffers were read. */
void user_stacks_poll(struct user_stacks *stacks);

/* Returns whether a new program was started less than a second ago: then call user_stacks_poll()
 * often, to open its files while it is there. */
bool user_stacks_are_starting(const struct user_stacks *stacks, uint64_t now_ns);

/* Returns whether nothing was read since the last call, and nothing is under way: then
 * user_stacks_poll() can wait until the descriptor is readable, or for some seconds. */
bool user_stacks_are_quiet(struct user_stacks *stacks);

/* Tracks mappings on CPUs that have come online. Call when cpu_hotplug_poll() returns true. */
void user_stacks_follow_cpus(struct user_stacks *stacks, struct cpu_hotplug *hotplug);

/* Returns whether the stack with this copy ID is final. */
bool user_stacks_is_ready(const struct user_stacks *stacks, uint64_t stack_copy_id);

/* Returns the reference of the stack with this copy ID in the current generation of the writer; of
 * a marker if it is not ready; 0 for USER_STACK_NONE. */
uint32_t user_stacks_intern(struct user_stacks *stacks, struct dz_writer *writer,
			    uint64_t stack_copy_id);

/* Returns whether the stack with this copy ID is ready and has a frame of a Rust program. */
bool user_stacks_is_rust(const struct user_stacks *stacks, uint64_t stack_copy_id);

/* Clears all references: stacks go to another file from now on. */
void user_stacks_forget_references(struct user_stacks *stacks);

/* Returns sums since the start; those of the worker as of its last finished stack. */
void user_stacks_get_statistics(const struct user_stacks *stacks,
				struct user_stacks_statistics *ret_statistics);

/* Returns struct user_stacks_statistics.lost alone, which costs nothing. */
uint64_t user_stacks_lost(const struct user_stacks *stacks);

#endif
