/* analyze/fold/stack_table.h - the different stacks of a fold, with shared names and frames
 *
 * Texts are escaped as in folded lines, so the same stack has the same names in each format.
 */
#ifndef ANALYZE_FOLD_STACK_TABLE_H
#define ANALYZE_FOLD_STACK_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "analyze/fold/byte_set.h"
#include "analyze/fold/fold.h"

/* Texts are numbers in `strings`; 0 is the empty one. */
struct stack_module {
	uint32_t path;
	uint32_t build_id; /* in hexadecimal */
};

struct stack_frame {
	uint32_t name;
	uint32_t file;
	uint32_t module; /* number in `modules`; 0: unknown */
	uint32_t type;   /* enum fold_frame_type */
	uint64_t line;
	uint64_t address;
};

enum stack_label {
	STACK_LABEL_CAUSE,
	STACK_LABEL_COMM,
	STACK_LABEL_CGROUP,
	STACK_LABEL_HOST,
	STACK_LABEL_COUNT,
};

/* Sums of equal stacks; UINT64_MAX if they overflow. */
struct stack_sums {
	uint64_t events;
	uint64_t weight;
};

/* A set has only values of one type: bytes, or the struct above. A stack is an array of numbers:
 * its labels, in `strings`, then its frames from the root to the leaf, in `frames`. */
struct stack_table {
	struct byte_set strings;
	struct byte_set modules;
	struct byte_set frames;
	struct byte_set stacks;
	struct stack_sums *sums; /* of each stack */
	size_t capacity;
	struct stack_sums total;
	enum fold_unit unit;
	bool has_labels; /* otherwise all labels are empty, and not compared */
	struct buffer key;
	struct buffer text;
};

/* Returns false on allocation failure. The caller calls stack_table_release() in any case. */
bool stack_table_init(struct stack_table *table, enum fold_unit unit, bool has_labels);

/* Adds a stack. Returns false on allocation failure. */
bool stack_table_add(struct stack_table *table, const struct fold_stack *stack);

/* Sets *ret_number to the number in `strings` of this text. Returns false on allocation failure. */
bool stack_table_text(struct stack_table *table, const char *text, uint32_t *ret_number);

/* Frees the memory. Can be called again. */
void stack_table_release(struct stack_table *table);

#endif
