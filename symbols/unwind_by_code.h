/* symbols/unwind_by_code.h - the caller of code without call frame information */
#ifndef SYMBOLS_UNWIND_BY_CODE_H
#define SYMBOLS_UNWIND_BY_CODE_H

#include <stdbool.h>
#include <stdint.h>

#include "symbols/unwind_walk.h"

/* Goes from the last frame, whose code has no call frame information, to its caller. Returns false
 * and sets *ret_end if the caller cannot be found, or is not behind a call instruction. */
bool unwind_step_by_code(struct walk *walk, enum unwind_end *ret_end);

/* Goes from the last frame, whose function switches stacks, to a caller on the next stack that was
 * copied. The function that called it is left out if it is not known to the frame pointers. Returns
 * false and sets *ret_end if there is no such stack. */
bool unwind_step_to_other_stack(struct walk *walk, enum unwind_end *ret_end);

/* How well a return address is confirmed by the code before it. */
enum unwind_evidence {
	UNWIND_EVIDENCE_NONE,    /* no call ends there: it is no return address */
	UNWIND_EVIDENCE_UNKNOWN, /* the code cannot be read: JIT code */
	UNWIND_EVIDENCE_CALL,    /* a call instruction ends there */
	UNWIND_EVIDENCE_CALLED,  /* a direct call of the callee's function ends there */
};

/* Looks at the code before a return address. `called` is the frame that returns there; NULL:
 * unknown. */
enum unwind_evidence unwind_check_return(struct walk *walk, uint64_t return_address,
					 const struct unwind_frame *called);

/* Sets *ret_target to what the direct call before a return address calls. Returns false if there is
 * none. */
bool unwind_call_target(struct walk *walk, uint64_t return_address, uint64_t *ret_target);

/* Returns the address in memory at which the function of a frame starts; 0: unknown. */
uint64_t unwind_function_start(const struct unwind_frame *frame);

/* What the code before a return address shows about its callee. */
enum unwind_link {
	UNWIND_LINK_OTHER,   /* a direct call of another function */
	UNWIND_LINK_UNKNOWN, /* an indirect call, or functions whose starts are unknown */
	UNWIND_LINK_PROVEN,  /* a direct call of this function, or of a stub with its name */
};

/* Looks at the call instruction before a return address, which `called` returns to. */
enum unwind_link unwind_check_link(struct walk *walk, uint64_t return_address,
				   const struct unwind_frame *called);

#endif
