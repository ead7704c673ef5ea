/* symbols/unwind_by_cfi.h - the caller of a frame by the rules of its call frame information */
#ifndef SYMBOLS_UNWIND_BY_CFI_H
#define SYMBOLS_UNWIND_BY_CFI_H

#include <stdbool.h>

#include "symbols/unwind_walk.h"

/* Goes from the last frame to its caller, by its code where it has no call frame information.
 * Returns false and sets *ret_end at the end of the call stack. */
bool unwind_step(struct walk *walk, enum unwind_end *ret_end);

/* Sets *ret_offset_bytes to where a function, by its address in memory, saves its return address:
 * the offset from its CFA. Returns false if its first instructions do not save it, or it has no
 * call frame information. */
bool unwind_find_saved_return(struct walk *walk, uint64_t function, int64_t *ret_offset_bytes);

#endif
