/* flame/tree/name_table.h - frame names, each stored once */
#ifndef FLAME_TREE_NAME_TABLE_H
#define FLAME_TREE_NAME_TABLE_H
#include <stdint.h>

#include "flame/tree/spelling_table.h"
#include "flame/tree/stack.h"

/*
 * A name as it is shown: valid UTF-8 without control characters (text/escape.h, style terminal).
 * Inputs that are shown alike are one name. The same text with another frame type is another name.
 */
struct name {
	const char *text;  /* ends with a NUL */
	uint32_t size;     /* bytes */
	uint8_t type;      /* enum frame_type */
	uint32_t stamp;    /* of the last stack that contains it */
	uint64_t self[2];  /* by stack_side: weight of the stacks that end in it */
	uint64_t total[2]; /* by stack_side: weight of the stacks that contain it */
};

/* Other sources only read the fields, except stamps and the weights of names. */
struct name_table {
	struct name *items;
	size_t capacity;
	uint32_t count;
	struct spelling_table spellings; /* of all names; their ids are indexes into items */
	uint32_t *numbered;              /* ids, by the number of a frame; UINT32_MAX: unknown */
	size_t numbered_capacity;
	uint32_t stamp;    /* of the stack that is being added; incremented before each */
	unsigned decimals; /* of the weights: units of 10 to the power of -decimals */
};

/* Initializes an empty table. Returns FLAME_NO_MEMORY on allocation failure; then nothing needs to
 * be closed. */
enum flame_status name_table_open(struct name_table *table);

/* Frees all names. Can be called again, and for a zeroed table. */
void name_table_close(struct name_table *table);

/* Finds or adds the name of the frame, and copies its bytes. *ret_id is an index into table->items,
 * which a later call can move. Returns FLAME_NO_MEMORY or FLAME_TOO_LARGE on failure. */
enum flame_status name_table_intern(struct name_table *table, const struct frame *frame,
				    uint32_t *ret_id);

/* Does the same for `count` frames; this is much faster than one call for each. Does not read the
 * names of frames if all of them have a number that was interned before. */
enum flame_status name_table_intern_all(struct name_table *table, const struct frame *frames,
					size_t count, uint32_t *ids);

/* Scales the weights to more decimals; does nothing if they have them. The caller must know that
 * they fit. */
void name_table_rescale(struct name_table *table, unsigned decimals);
#endif
