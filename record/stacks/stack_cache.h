/* record/stacks/stack_cache.h - which chain belongs to which ticket, and which chains are known
 * already
 *
 * Memory is bounded: what has not been used for longest is forgotten first.
 */
#ifndef RECORD_STACK_BOOK_H
#define RECORD_STACK_BOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/stacks/chain.h"
#include "symbols/status.h"
#include <dz/writer.h>

struct stack_book;

enum stack_state {
	STACK_UNKNOWN, /* no such ticket, or forgotten */
	STACK_AWAITED,
	STACK_KNOWN,
	STACK_GIVEN_UP,
};

/* At most so many tickets, and so much memory for chains. NULL if there is no memory. */
struct stack_book *stack_book_new(size_t tickets_max, size_t chains_bytes_max);
/* NULL is allowed. */
void stack_book_free(struct stack_book *book);

/* Notes a ticket for the stack with these contents. True if they are known, or awaited, from an
 * earlier ticket; otherwise the caller has to see to it that stack_book_resolve() is called for
 * them. */
MUST_CHECK bool stack_book_add(struct stack_book *book, uint64_t ticket, uint64_t contents_hash);

/* Gives all tickets with these contents their chain, which the book takes over; NULL if it was
 * given up. */
void stack_book_resolve(struct stack_book *book, uint64_t contents_hash, struct chain *chain);

/* What is known of a ticket. */
enum stack_state stack_book_state(const struct stack_book *book, uint64_t ticket);

/* The references given out so far have become stale, though the generation may be the same. */
void stack_book_forget_references(struct stack_book *book);

/* The reference of a KNOWN ticket's chain in the writer's current generation. */
uint32_t stack_book_intern(struct stack_book *book, struct dz_writer *writer, uint64_t ticket);

#endif
