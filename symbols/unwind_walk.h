/* symbols/unwind_walk.h - the state of one walk up a call stack, inside the unwinder
 *
 * unwind.c follows call frame information. unwind_by_code.c follows frame pointers and machine code
 * where there is none. */
#ifndef SYMBOLS_UNWIND_WALK_H
#define SYMBOLS_UNWIND_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbols/cfi_expression.h"
#include "symbols/module_cache.h"
#include "symbols/unwind_types.h"

struct walk {
	struct module_cache *cache;
	const struct unwind_input *input;
	struct unwind_result *result;
	struct registers registers; /* of the current frame */
	uint32_t steps_left;
	bool truncated;       /* a read failed, and a longer copy may have had the bytes */
	bool elsewhere;       /* a read failed, and no longer copy of this stack has the bytes */
	bool at_zero;         /* the last return address was 0, which can be any word */
	bool sp_is_bound;     /* the stack pointer is at its register's value or above */
	bool interrupted;     /* a signal frame was unwound: this frame may be on another stack */
	uint64_t return_slot; /* address of the last return address; 0: it was not on the stack */
	struct cfi_memory memory;
	uint64_t newest_sp;   /* of frame UNWIND_NEWEST_MAX */
	size_t likely_from;   /* first frame that was found by a frame pointer; SIZE_MAX: none */
	size_t doubtful_from; /* first frame that was found by less evidence; SIZE_MAX: none */
};

/* Bytes of a word of the stack. */
static inline unsigned int walk_word_bytes(const struct walk *walk)
{
	return walk->input->layout->word_bytes;
}

/* Returns an address, or the sum of one and an offset, as the machine has it. */
static inline uint64_t walk_address(const struct walk *walk, uint64_t sum)
{
	return walk_word_bytes(walk) == 4 ? (uint32_t)sum : sum;
}

/* Reads one word of the copied stack. Returns false, with walk->truncated set, if the copy does not
 * have it. */
bool walk_load_word(struct walk *walk, uint64_t address, uint64_t *ret_value);

/* The same for up to 8 bytes, as cfi_memory.read(). `context` is the walk. */
bool walk_read_stack(void *context, uint64_t address, unsigned int size_bytes, uint64_t *ret_value);

/* Appends the frame at `pc`. Returns NULL if it is not in executable memory. There must be room. */
struct unwind_frame *walk_append(struct walk *walk, uint64_t pc, enum unwind_frame_kind kind);

/* Returns the linked address of a byte of a mapping, the file offset if `module` could not be read,
 * or the address in memory if there is no file. */
uint64_t walk_link_address(const struct module *module, const struct mapping *mapping,
			   uint64_t address);

#endif
