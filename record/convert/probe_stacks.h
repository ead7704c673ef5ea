/* record/convert/probe_stacks.h - kernel stacks that hits of probes refer to by number
 *
 * A BPF program describes each stack once. Its number has the same meaning until the end.
 */
#ifndef RECORD_CONVERT_PROBE_STACKS_H
#define RECORD_CONVERT_PROBE_STACKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct probe_stacks;

struct probe_stack {
	/* Set by the caller; 0 in a new stack. */
	uint32_t reference; /* of the stack in a file */
	uint32_t generation;
	uint32_t epoch;
	size_t count;
	uint64_t addresses[]; /* innermost first */
};

/* Returns NULL on allocation failure. */
struct probe_stacks *probe_stacks_new(void);

/* Copies a stack; `addresses` may be unaligned. Ignores a number that is too large. Returns false
 * on allocation failure. */
bool probe_stacks_learn(struct probe_stacks *stacks, uint32_t number, const void *addresses,
			size_t count);

/* Returns the stack with this number; NULL if there is none. Valid until the number is learnt
 * again. */
struct probe_stack *probe_stacks_find(struct probe_stacks *stacks, uint32_t number);

/* NULL is allowed. */
void probe_stacks_free(struct probe_stacks *stacks);

#endif
