/* record/convert/probe_stacks.h - the kernel stacks that hits of probes name
 *
 * The kernel side tells of each once, with a number that means the same until the end.
 */
#ifndef RECORD_CONVERT_PROBE_STACKS_H
#define RECORD_CONVERT_PROBE_STACKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct probe_stacks;

struct probe_stack {
	/* The caller's; all 0 after the stack was told of. */
	uint32_t reference; /* of the stack in a file */
	uint32_t generation;
	uint32_t epoch;
	size_t count;
	uint64_t addresses[]; /* innermost first */
};

/* NULL without memory. */
struct probe_stacks *probe_stacks_new(void);

/* Takes a copy; `addresses` need not be aligned. A number that is too large is not learned. False
 * without memory. */
bool probe_stacks_learn(struct probe_stacks *stacks, uint32_t number, const void *addresses,
			size_t count);

/* NULL if none of that number was told. Valid until one of that number is learned again. */
struct probe_stack *probe_stacks_find(struct probe_stacks *stacks, uint32_t number);

/* NULL is allowed. */
void probe_stacks_free(struct probe_stacks *stacks);

#endif
