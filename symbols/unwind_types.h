/* symbols/unwind_types.h - input of the unwinder, and frames of a call stack */
#ifndef SYMBOLS_UNWIND_TYPES_H
#define SYMBOLS_UNWIND_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbols/mappings.h"
#include "symbols/module.h"
#include "symbols/registers.h"

#define UNWIND_FRAMES_MAX 512u
#define UNWIND_OLDEST_MAX 64u /* of these, behind a gap */
/* Frames before a gap, for which there is a marker. */
#define UNWIND_NEWEST_MAX (UNWIND_FRAMES_MAX - UNWIND_OLDEST_MAX - 1)
/* Call frame instructions and expression operations for one stack. A deep stack of valid files
 * needs about ten thousand. */
#define UNWIND_STEPS_MAX 400000u

/* The top of the stack, from the stack pointer upwards, copied with the registers. */
struct stack_copy {
	uint64_t address; /* of bytes[0] */
	const uint8_t *bytes;
	size_t size_bytes;
	bool whole; /* the copy reaches the end of the stack's mapping */
};

#define UNWIND_OTHERS_MAX 2u

/* Another stack of the thread, which the frame pointers lead to, or the oldest part of the stack
 * before it. */
struct other_stack {
	struct stack_copy copy; /* of 0 bytes: none */
	uint64_t frame_pointer; /* the first one of that stack, in the copy; 0: the oldest part */
};

struct unwind_input {
	const struct register_layout *layout;
	struct registers registers;
	struct stack_copy stack;
	struct other_stack others[UNWIND_OTHERS_MAX]; /* in the order of the frame pointers */
	const struct mappings *mappings;
};

enum unwind_frame_kind {
	UNWIND_FRAME_EXACT,  /* pc is the current instruction: the leaf, or interrupted by a signal
			      */
	UNWIND_FRAME_RETURN, /* pc is a return address: the call is before it */
	UNWIND_FRAME_SIGNAL, /* pc is the return path of a signal handler, set by the kernel */
	/* pc is a return address of code without call frame information. It was found by the frame
	 * pointer or by the instructions of the function, and is behind a call instruction. If it
	 * is in JIT code, whose instructions cannot be read, the call stack goes on to the
	 * outermost frame, or at least each frame pointer is above the previous one and in the
	 * copied stack.
	 */
	UNWIND_FRAME_POINTER,
	UNWIND_FRAME_UNMAPPED, /* leaf only: pc is in no executable mapping, as after a call through
				  NULL */
};

struct unwind_frame {
	uint64_t pc;
	enum unwind_frame_kind kind;
	const struct mapping *mapping; /* NULL for UNMAPPED; valid until the mappings change */
	const struct module *module;   /* NULL without a file; valid until module_cache_trim() */
	/* Linked address of the instruction or call, to find its name; the file offset if the
	 * module could not be read, the address in memory if there is no file. */
	uint64_t lookup_address;
};

enum unwind_end {
	UNWIND_END_COMPLETE,  /* the outermost frame was reached */
	UNWIND_END_TRUNCATED, /* the next frame is in a part of the stack that was not copied */
	UNWIND_END_NO_INFORMATION, /* no call frame information for the last frame */
	UNWIND_END_BAD_ADDRESS,    /* an address on the stack is invalid: the stack is damaged */
	UNWIND_END_TOO_DEEP,       /* UNWIND_FRAMES_MAX */
	UNWIND_END_TOO_COSTLY,     /* UNWIND_STEPS_MAX */
	UNWIND_END_OTHER_STACK,    /* a signal handler ran on an alternate stack; the stack of the
				      interrupted code was not copied */
};

struct unwind_result {
	/* The leaf first; `count` frames, then the oldest ones. */
	struct unwind_frame frames[UNWIND_FRAMES_MAX];
	size_t count;
	enum unwind_end end; /* of the `count` frames */
	size_t oldest_count; /* frames up to the outermost one, behind a gap in the call stack */
	uint64_t gap_bytes;  /* of the stack, that were not copied */
	uint32_t steps;      /* used, of UNWIND_STEPS_MAX */
};

/* Whether the code of a mapping was generated at run time. A memfd has a program or a library, or
 * the code of a JIT compiler. */
static inline bool unwind_mapping_is_jit(const struct mapping *mapping, const struct module *module)
{
	return mapping->kind == MAPPING_ANONYMOUS ||
	       (mapping->kind == MAPPING_MEMFD && (!module || module->status != SYMBOLS_OK));
}

static inline bool unwind_frame_is_jit(const struct unwind_frame *frame)
{
	return frame->mapping && unwind_mapping_is_jit(frame->mapping, frame->module);
}

#endif
