/* flame/tree/name_table.h - every distinct frame name once */
#ifndef FLAME_TREE_NAME_TABLE_H
#define FLAME_TREE_NAME_TABLE_H
#include <stdint.h>

#include "flame/tree/stack.h"

/*
 * A name as it is shown everywhere: valid UTF-8 without control characters (text/escape.h, style
 * terminal); two inputs that are shown alike are one name. The same text in another family is
 * another name.
 */
struct name {
	const char *text;  /* terminated */
	uint32_t size;     /* bytes */
	uint8_t type;      /* enum frame_type */
	uint32_t stamp;    /* of the last stack that holds it */
	uint64_t self[2];  /* by stack_side: the weight of the stacks that end in it */
	uint64_t total[2]; /* by stack_side: the weight of the stacks that hold it, once or often */
};

struct name_slot;
struct name_block;

/* The fields are read-only outside names.c. */
struct name_table {
	struct name *items;
	size_t capacity;
	uint32_t count;
	uint32_t alias_count;    /* ways to write them */
	struct name_slot *slots; /* open addressing */
	uint32_t slot_mask;
	struct name_block *blocks; /* of memory for the texts */
	uint32_t stamp;            /* of the stack that is being added; counts up */
	unsigned decimals;         /* of the weights, as in struct tree */
	uint64_t seed;             /* so that nobody can choose names that collide */
};

/* FLAME_NO_MEMORY; then nothing needs to be released. */
enum flame_status name_table_open(struct name_table *table);

/* Frees all names. A zeroed one is allowed. */
void name_table_close(struct name_table *table);

/*
 * The hash that name_table_intern() wants. Asks for the memory it will look at: to hash all frames
 * of a stack before the first one is interned is much faster than one after the other.
 */
uint32_t name_table_hash(const struct name_table *table, const struct frame *frame);

/* Finds or adds the frame's name, whose bytes are copied; *ret_id indexes names->items, which a
 * later call may move. FLAME_NO_MEMORY, FLAME_TOO_LARGE. */
enum flame_status name_table_intern(struct name_table *table, const struct frame *frame,
				    uint32_t hash, uint32_t *ret_id);

/* Brings the weights to more decimals; does nothing if they have them. The caller knows they fit.
 */
void name_table_rescale(struct name_table *table, unsigned decimals);
#endif
