/* record/stacks/kernel_stack.h - kernel addresses to stacks of a file, each looked up once */
#ifndef RECORD_STACKS_KERNEL_STACK_H
#define RECORD_STACKS_KERNEL_STACK_H

#include <stddef.h>
#include <stdint.h>

#include "symbols/kallsyms.h"
#include <dz/writer.h>

struct kernel_stacks;

/* Borrows the table of symbols. NULL without memory. */
struct kernel_stacks *kernel_stacks_new(const struct kallsyms *symbols);

/* The references given out so far have become stale. */
void kernel_stacks_forget(struct kernel_stacks *stacks);

/*
 * The reference of the stack with these return addresses, innermost first; 0 for an empty one. The
 * frames of BPF and of the tracepoint at its inner end, which show how we look and not what
 * happened, are left out. `addresses` need not be aligned.
 */
uint32_t kernel_stacks_intern(struct kernel_stacks *stacks, struct dz_writer *writer,
			      const void *addresses, size_t count);

/* NULL is allowed. The table of symbols stays the caller's. */
void kernel_stacks_free(struct kernel_stacks *stacks);

#endif
