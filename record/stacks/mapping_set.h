/* record/stacks/mapping_set.h - the mappings of a process at one time, with a reference count
 *
 * A set with more than one reference never changes. So other threads can read it, and a forked
 * process shares the set of its parent until it maps something itself.
 */
#ifndef RECORD_STACKS_MAPPING_SET_H
#define RECORD_STACKS_MAPPING_SET_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "symbols/mappings.h"
#include "symbols/status.h"

/* Shared by all sets of an owner; must outlive them. */
struct mapping_account {
	atomic_size_t bytes; /* memory of all sets together */
	atomic_uint_least64_t versions;
};

struct mapping_set {
	atomic_uint references;
	struct mapping_account *account;
	size_t charged_bytes;
	uint64_t version; /* unique for each state of each set */
	struct mappings mappings;
};

/* Returns an empty set with one reference; NULL on allocation failure. */
struct mapping_set *mapping_set_new(pid_t pid, struct mapping_account *account);

/* Returns a new reference, which the caller must release; NULL if set is NULL. Thread-safe. */
struct mapping_set *mapping_set_reference(struct mapping_set *set);

/* Releases a reference. NULL is allowed. Thread-safe. */
void mapping_set_release(struct mapping_set *set);

/* Replaces *set by a copy with one reference, of process `pid`, unless it is such a set. *set can
 * be NULL for an empty one. Returns NO_MEMORY and leaves *set unchanged on allocation failure. */
MUST_CHECK enum symbols_status mapping_set_own(struct mapping_set **set, pid_t pid,
					       struct mapping_account *account);

/* Updates version and memory account. Call after each change of the mappings. */
void mapping_set_changed(struct mapping_set *set);

#endif
