/* record/stacks/stack_cache.h - the chains of copied user stacks, by copy ID and by contents
 *
 * Copies with the same contents share a chain, which is unwound once. Memory is bounded: the least
 * recently used entry is removed first.
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
	STACK_UNKNOWN, /* no such copy ID, or removed */
	STACK_AWAITED,
	STACK_KNOWN,
	STACK_DROPPED,
};

/* Creates a cache with limits for copy IDs and for the memory of chains. Returns NULL on allocation
 * failure. */
struct stack_cache *stack_cache_new(size_t copy_ids_max, size_t chains_bytes_max);
/* NULL is allowed. */
void stack_cache_free(struct stack_cache *cache);

/* Adds a copy ID for the stack with these contents. Returns true if an earlier copy has the same
 * contents and its chain is known or awaited. Otherwise the caller must call stack_cache_resolve()
 * for them later. */
MUST_CHECK bool stack_cache_add(struct stack_cache *cache, uint64_t stack_copy_id,
				uint64_t contents_hash);

/* Sets the chain of every copy with these contents. Takes ownership of chain; NULL means that the
 * stack was dropped. A passing chain is for the copies so far: stack_cache_add() returns false for
 * the next one. */
void stack_cache_resolve(struct stack_cache *cache, uint64_t contents_hash, struct chain *chain);

/* Forgets the copy ID if its stack was dropped or has a passing chain. Call it before an equal
 * stack is added: that of a walked stack has the same copy ID, and events must wait for its chain.
 */
void stack_cache_renew(struct stack_cache *cache, uint64_t stack_copy_id);

/* Returns the state of the stack with this copy ID. */
enum stack_state stack_cache_state(const struct stack_cache *cache, uint64_t stack_copy_id);

/* Returns the bytes of all chains with their entries. */
size_t stack_cache_bytes(const struct stack_cache *cache);

/* Clears the references: they are stale, even if the generation is the same. */
void stack_cache_forget_references(struct stack_cache *cache);

/* Returns the reference of a KNOWN chain in the current generation of the writer; 0 in other
 * states. */
uint32_t stack_cache_intern(struct stack_cache *cache, struct dz_writer *writer,
			    uint64_t stack_copy_id);

/* Returns whether the chain is KNOWN and has a frame of a Rust program. */
bool stack_cache_is_rust(const struct stack_cache *cache, uint64_t stack_copy_id);

#endif
