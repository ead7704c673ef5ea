/* flame/tree/spelling_table.h - frames as inputs spell them, each stored once */
#ifndef FLAME_TREE_SPELLING_TABLE_H
#define FLAME_TREE_SPELLING_TABLE_H
#include <stdint.h>

#include "flame/tree/stack.h"

/* The name of a frame as an input has it. The same text with another type is another spelling. */
struct spelling {
	uint32_t id;   /* given by the owner of the table; the table does not use it */
	uint32_t size; /* bytes */
	uint8_t type;  /* as given, also FRAME_TYPE_AUTO */
	char text[];   /* ends with a NUL; can contain others */
};

struct spelling_block;
struct spelling_slot;

/* Other sources only read `count`, `bytes`, `found` and `seed`. */
struct spelling_table {
	uint32_t count;
	uint32_t slot_mask;
	size_t bytes;                  /* of all spellings */
	struct spelling_slot *slots;   /* open addressing */
	struct spelling_block *blocks; /* memory for the spellings */
	const struct spelling **found; /* by position: the frames that were looked up last */
	size_t found_count;
	size_t found_capacity;
	uint64_t seed; /* of the hash, so that an input cannot choose names that collide */
};

/* Initializes an empty table. Returns FLAME_NO_MEMORY on allocation failure; then nothing needs to
 * be closed. */
enum flame_status spelling_table_open(struct spelling_table *table);

/* Frees all spellings. Can be called again, and for a zeroed table. */
void spelling_table_close(struct spelling_table *table);

/* Returns the spelling of the frame, or NULL. It is borrowed, and does not move or change until the
 * table is closed. */
const struct spelling *spelling_table_find(const struct spelling_table *table,
					   const struct frame *frame);

/* Adds the spelling of a frame that the table does not have, and copies its bytes. Returns
 * FLAME_NO_MEMORY or FLAME_TOO_LARGE on failure. */
enum flame_status spelling_table_add(struct spelling_table *table, const struct frame *frame,
				     uint32_t id, const struct spelling **ret_spelling);

/* What to do with a frame that a table does not have. */
struct spelling_adder {
	void *context;
	/* Sets *ret_spelling, after adding the frame and others to the table; or leaves it NULL.
	 * Any result but FLAME_OK ends the search. */
	enum flame_status (*add)(void *context, const struct frame *frame,
				 const struct spelling **ret_spelling);
};

/* Sets table->found[0] and the following ones to the spellings of `count` frames. Overwrites as
 * many items of `scratch`. This is much faster than one call of spelling_table_find() for each.
 * Returns FLAME_NO_MEMORY, or the status of adder->add() that is not FLAME_OK. */
enum flame_status spelling_table_find_all(struct spelling_table *table, const struct frame *frames,
					  size_t count, uint32_t *scratch,
					  const struct spelling_adder *adder);

#endif
