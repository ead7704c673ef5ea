/* symbols/unwind.h - the call stack of a thread, from its registers and a copy of its stack
 *
 * Call frame information proves every frame but the first; other frames are marked. Code without it
 * is followed by its frame pointers and first instructions, and each return address is checked. A
 * frame that cannot be proven ends the call stack with a reason: there is no guessing. */
#ifndef SYMBOLS_UNWIND_H
#define SYMBOLS_UNWIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbols/module_cache.h"
#include "symbols/status.h"
#include "symbols/unwind_types.h"

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
