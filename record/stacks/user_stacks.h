/* record/stacks/user_stacks.h - from copies of user stacks to stacks of a file
 *
 * A copy comes in with a stack_copy_id. It waits until it is known what its process had mapped at
 * that time, is unwound on another thread unless the same stack was unwound before, and is then
 * there for the events that carry its stack_copy_id. Whatever goes wrong on the way, each
 * stack_copy_id gives a stack, if only one of a marker that says what happened. Belongs to one
 * thread.
 */
#ifndef RECORD_STACKS_USER_STACKS_H
#define RECORD_STACKS_USER_STACKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/stacks/mmap_tracker.h"
#include "record/stacks/unwind_worker.h"
#include "symbols/status.h"
#include <dz/writer.h>

/* How long a stack may take before its events go without it. */
#define USER_STACKS_WAIT_NS UINT64_C(300000000)

struct user_stacks_options {
	unsigned int cpu_percent;   /* 1 to 100: of one CPU, for unwinding */
	size_t held_bytes;          /* of copies that wait; 0: 3 MiB, and 4 MiB to be unwound */
	bool (*begin_thread)(void); /* what another thread does first; NULL: nothing */
};

struct user_stacks_statistics {
	uint64_t captured;
	uint64_t reused;   /* the same as one before, unwound once for both */
	uint64_t given_up; /* before it came to unwinding: too many waited */
	uint64_t unmapped; /* nothing was known of their process */
	uint64_t late;     /* events that went without a stack that came too late for them */
	struct unwind_worker_statistics worker;
	struct mmap_tracker_statistics maps;
};

struct cpu_hotplug;
struct user_stacks;

/* Begins to follow mappings; to be called before the programs are attached. IO with errno if the
 * kernel refuses. */
MUST_CHECK enum symbols_status user_stacks_open(const struct user_stacks_options *options,
						struct user_stacks **ret_stacks);
/* NULL is allowed. */
void user_stacks_close(struct user_stacks *stacks);

/* Readable when it is time for user_stacks_poll(); belongs to the stacks. */
int user_stacks_descriptor(const struct user_stacks *stacks);

/* Takes a copy of a struct event_user_stack with its bytes, or the news that a program runs that
 * was never seen; false if it is not sound. The chain is of no use any more after deadline_ns,
 * CLOCK_BOOTTIME. */
MUST_CHECK bool user_stacks_take(struct user_stacks *stacks, const void *record, size_t size_bytes,
				 uint64_t deadline_ns);

/* Moves everything on; to be called after the rings were read. */
void user_stacks_poll(struct user_stacks *stacks);

/* To be called when CPUs have come: what is mapped there is followed, too. */
void user_stacks_follow_cpus(struct user_stacks *stacks, struct cpu_hotplug *events);

/* Whether there is no more reason to wait for a stack_copy_id. */
bool user_stacks_is_ready(const struct user_stacks *stacks, uint64_t stack_copy_id);

/* The stack of a stack_copy_id in the writer's current generation: as far as it is ready, else a
 * marker; 0 for USER_STACK_NONE. May be asked for several times. */
uint32_t user_stacks_intern(struct user_stacks *stacks, struct dz_writer *writer,
			    uint64_t stack_copy_id);

/* From now on stacks go to another file. */
void user_stacks_forget_references(struct user_stacks *stacks);

/* Sums since they were opened; those of the worker are as of the last stack that it has done. */
void user_stacks_get_statistics(const struct user_stacks *stacks,
				struct user_stacks_statistics *ret_statistics);

#endif
