/* symbols/unwind.h - the call stack of a thread, from its registers and a copy of its stack
 *
 * Call frame information proves every frame but the first; other frames are marked. A frame that
 * cannot be proven ends the call stack with a reason: there is no guessing. */
#ifndef SYMBOLS_UNWIND_H
#define SYMBOLS_UNWIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbols/mappings.h"
#include "symbols/module.h"
#include "symbols/module_cache.h"
#include "symbols/registers.h"
#include "symbols/status.h"

#define UNWIND_FRAMES_MAX 512u
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

struct unwind_input {
	const struct register_layout *layout;
	struct registers registers;
	struct stack_copy stack;
	const struct mappings *mappings;
};

enum unwind_frame_kind {
	UNWIND_FRAME_EXACT,  /* pc is the current instruction: the leaf, or interrupted by a signal
			      */
	UNWIND_FRAME_RETURN, /* pc is a return address: the call is before it */
	UNWIND_FRAME_SIGNAL, /* pc is the return path of a signal handler, set by the kernel */
	/* pc is a return address that was found through the frame pointer of JIT code, which has no
	 * call frame information. The call stack goes on to the outermost frame, or at least each
	 * frame pointer is above the previous one and in the copied stack. */
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
	struct unwind_frame frames[UNWIND_FRAMES_MAX]; /* the leaf first */
	size_t count;
	enum unwind_end end;
	uint32_t steps; /* used, of UNWIND_STEPS_MAX */
};

/* Sets *ret_result, which has at least the leaf. Allocates nothing except the modules that `cache`
 * loads; borrows `input`. */
void unwind(struct module_cache *cache, const struct unwind_input *input,
	    struct unwind_result *ret_result);

/* Returns a static English phrase: "complete", "truncated", ... */
const char *unwind_end_phrase(enum unwind_end end);

/* Sums over many stacks, for the recorder's statistics. */
struct unwind_statistics {
	uint64_t stacks;
	uint64_t frames;
	uint64_t total_ns;
	uint64_t longest_ns;
	uint64_t ends[UNWIND_END_OTHER_STACK + 1];
};

/* Adds one stack that took `elapsed_ns` to unwind. */
void unwind_statistics_add(struct unwind_statistics *statistics, const struct unwind_result *result,
			   uint64_t elapsed_ns);

#endif
