/* symbols/unwind.h - from registers and a copy of the stack to the chain of calls
 *
 * Every frame but the first is proven by call frame information (or marked as something else); what
 * cannot be proven ends the chain with a reason, never with a guess. */
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
/* Call frame instructions and expression operations for one stack; a long honest one takes some ten
 * thousand. */
#define UNWIND_STEPS_MAX 400000u

/* The top of the stack, from the stack pointer upwards, as it was when the registers were read. */
struct stack_copy {
	uint64_t address; /* of bytes[0] */
	const uint8_t *bytes;
	size_t size_bytes;
	bool whole; /* the copy reaches to the end of the stack's mapping */
};

struct unwind_input {
	const struct register_layout *layout;
	struct registers registers;
	struct stack_copy stack;
	const struct mappings *mappings;
};

enum unwind_frame_kind {
	UNWIND_FRAME_EXACT,  /* pc is where the code was: the leaf, or interrupted by a signal */
	UNWIND_FRAME_RETURN, /* pc is a return address: the call lies before it */
	UNWIND_FRAME_SIGNAL, /* pc is the return path that the kernel gave to a signal handler */
	/* A return address found through the frame pointer of code made at run time (a JIT), which
	 * has no call frame information. The chain above it has been followed to the outermost
	 * frame, or each frame pointer at least rises within the copied stack. */
	UNWIND_FRAME_POINTER,
	UNWIND_FRAME_UNMAPPED, /* the leaf only: pc lies in no executable mapping, as after a call
				  through NULL */
};

struct unwind_frame {
	uint64_t pc;
	enum unwind_frame_kind kind;
	const struct mapping
		*mapping; /* NULL for UNMAPPED; lives as long as the mappings do not change */
	const struct module *module; /* NULL if there is no file; lives until module_cache_trim() */
	/* Address as linked of the code that ran or called, to look names up with; file offset if
	 * the module could not be read, address if there is none. */
	uint64_t lookup_address;
};

enum unwind_end {
	UNWIND_END_COMPLETE,       /* the outermost frame was reached */
	UNWIND_END_TRUNCATED,      /* the next frame lies in stack that was not copied */
	UNWIND_END_NO_INFORMATION, /* the last frame's mapping has no call frame information for it
				    */
	UNWIND_END_BAD_ADDRESS,    /* the stack does not hold what it should: it is damaged */
	UNWIND_END_TOO_DEEP,       /* UNWIND_FRAMES_MAX */
	UNWIND_END_TOO_COSTLY,     /* UNWIND_STEPS_MAX */
	UNWIND_END_OTHER_STACK, /* a signal handler had a stack of its own, and what it interrupted
				 * lies on another one, which was not copied */
};

struct unwind_result {
	struct unwind_frame frames[UNWIND_FRAMES_MAX]; /* the leaf first */
	size_t count;
	enum unwind_end end;
	uint32_t steps; /* of UNWIND_STEPS_MAX */
};

/* Always gives a result, if only the leaf. Takes no memory but for modules that `cache` loads. */
void unwind(struct module_cache *cache, const struct unwind_input *input,
	    struct unwind_result *ret_result);

/* A static English phrase: "complete", "truncated", ... */
const char *unwind_end_phrase(enum unwind_end end);

/* Sums over many stacks, for the recorder's own account. */
struct unwind_statistics {
	uint64_t stacks;
	uint64_t frames;
	uint64_t total_ns;
	uint64_t longest_ns;
	uint64_t ends[UNWIND_END_OTHER_STACK + 1];
};

/* Counts one stack, which took so long to unwind. */
void unwind_statistics_add(struct unwind_statistics *statistics, const struct unwind_result *result,
			   uint64_t elapsed_ns);

#endif
