/* record/sections/step_stacks.h - the kernel stacks of steps, which BPF programs number */
#ifndef RECORD_SECTIONS_STEP_STACKS_H
#define RECORD_SECTIONS_STEP_STACKS_H

#include <stddef.h>
#include <stdint.h>

struct step_stacks;

/* Reads the stacks from a BPF map of SECTION_KERNEL_STACKS stacks, whose descriptor it borrows.
 * Returns NULL on allocation failure. */
struct step_stacks *step_stacks_new(int map);

/* Returns the frames of the stack with that number, innermost first; valid until
 * step_stacks_free(). Returns NULL if there is none, or on allocation failure. Sets *ret_count to
 * their number. */
const uint64_t *step_stacks_find(struct step_stacks *stacks, uint32_t number, size_t *ret_count);

/* NULL is allowed. */
void step_stacks_free(struct step_stacks *stacks);

#endif
