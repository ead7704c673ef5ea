/* record/convert/known_stacks.h - kernel stacks that events refer to by CPU and number
 *
 * See enum event_known_stack: a record with a number and frames comes first.
 */
#ifndef RECORD_CONVERT_KNOWN_STACKS_H
#define RECORD_CONVERT_KNOWN_STACKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* More CPUs than Linux supports. */
#define KNOWN_STACKS_CPUS_MAX 65536u

struct known_stacks;

struct known_stack {
	size_t count;
	uint64_t addresses[]; /* innermost first */
};

/* Returns NULL on allocation failure. */
struct known_stacks *known_stacks_new(void);

/* Copies a stack, which replaces the one with the same CPU and number; `addresses` may be
 * unaligned. Ignores a CPU or a number that is too large, and number 0. Returns false on allocation
 * failure. */
bool known_stacks_learn(struct known_stacks *stacks, uint32_t cpu, uint32_t number,
			const void *addresses, size_t count);

/* Returns the stack; NULL if there is none. Valid until it is learnt again. */
const struct known_stack *known_stacks_find(const struct known_stacks *stacks, uint32_t cpu,
					    uint32_t number);

/* NULL is allowed. */
void known_stacks_free(struct known_stacks *stacks);

#endif
