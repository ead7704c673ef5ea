/* record/stacks/mapping_set.h - the mappings of a process at one time, shared by all who need them
 *
 * A set that has more than one reference never changes; so it may be read by another thread, and a
 * forked process costs nothing until it maps something of its own.
 */
#ifndef RECORD_STACKS_MAPPING_SET_H
#define RECORD_STACKS_MAPPING_SET_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "symbols/mappings.h"
#include "symbols/status.h"

/* What all sets of a kind have in common; outlives them. */
struct mapping_account {
	atomic_size_t bytes; /* memory of all sets together */
	atomic_uint_least64_t versions;
};

struct mapping_set {
	atomic_uint references;
	struct mapping_account *account;
	size_t charged_bytes;
	uint64_t version; /* no two sets, nor two states of a set, have the same */
	struct mappings mappings;
};

/* An empty set with one reference; NULL if there is no memory. */
struct mapping_set *mapping_set_new(pid_t pid, struct mapping_account *account);
/* Adds a reference, for which mapping_set_release() has to follow, and returns the set. NULL stays
 * NULL. */
struct mapping_set *mapping_set_reference(struct mapping_set *set);
/* NULL is allowed. Any thread may release. */
void mapping_set_release(struct mapping_set *set);

/* Makes *set one that only the caller refers to, of process `pid`; *set may be NULL for an empty
 * one. On failure it is as it was. */
MUST_CHECK enum symbols_status mapping_set_own(struct mapping_set **set, pid_t pid,
					       struct mapping_account *account);

/* To be called after each change of the mappings: gives the set its new version and weight. */
void mapping_set_changed(struct mapping_set *set);

#endif
