/* record/stacks/stack_cache.h - which chain belongs to which stack_copy_id, and which chains are
 * known already
 *
 * Memory is bounded: what has not been used for longest is forgotten first.
 */
#ifndef RECORD_STACKS_STACK_CACHE_H
#define RECORD_STACKS_STACK_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/stacks/chain.h"
#include "symbols/status.h"
#include <dz/writer.h>

struct stack_cache;

enum stack_state {
	STACK_UNKNOWN, /* no such stack_copy_id, or forgotten */
	STACK_AWAITED,
	STACK_KNOWN,
	STACK_GIVEN_UP,
};

/* At most so many stack_copy_ids, and so much memory for chains. NULL if there is no memory. */
struct stack_cache *stack_cache_new(size_t copy_ids_max, size_t chains_bytes_max);
/* NULL is allowed. */
void stack_cache_free(struct stack_cache *book);

/* Notes a stack_copy_id for the stack with these contents. True if they are known, or awaited, from
 * an earlier stack_copy_id; otherwise the caller has to see to it that stack_cache_resolve() is
 * called for them. */
MUST_CHECK bool stack_cache_add(struct stack_cache *book, uint64_t stack_copy_id,
				uint64_t contents_hash);

/* Gives all stack_copy_ids with these contents their chain, which the book takes over; NULL if it
 * was given up. */
void stack_cache_resolve(struct stack_cache *book, uint64_t contents_hash, struct chain *chain);

/* What is known of a stack_copy_id. */
enum stack_state stack_cache_state(const struct stack_cache *book, uint64_t stack_copy_id);

/* The references given out so far have become stale, though the generation may be the same. */
void stack_cache_forget_references(struct stack_cache *book);

/* The reference of a KNOWN stack_copy_id's chain in the writer's current generation. */
uint32_t stack_cache_intern(struct stack_cache *book, struct dz_writer *writer,
			    uint64_t stack_copy_id);

#endif
