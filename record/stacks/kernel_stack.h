/* record/stacks/kernel_stack.h - makes stack records of kernel addresses */
#ifndef RECORD_STACKS_KERNEL_STACK_H
#define RECORD_STACKS_KERNEL_STACK_H

#include <stddef.h>
#include <stdint.h>

#include "record/stacks/kernel_symbols.h"
#include <dz/writer.h>

struct kernel_stacks;

/* Borrows the symbols; NULL: there are none. Returns NULL on allocation failure. */
struct kernel_stacks *kernel_stacks_new(struct kernel_symbols *symbols);

/* Clears the cache: all references are stale. */
void kernel_stacks_forget(struct kernel_stacks *stacks);

/*
 * Returns the reference of the stack with these return addresses, leaf first; 0 for an empty stack.
 * Omits the frames of BPF and of the tracepoint at the leaf: they belong to the recorder.
 * `addresses` can be unaligned.
 */
uint32_t kernel_stacks_intern(struct kernel_stacks *stacks, struct dz_writer *writer,
			      const void *addresses, size_t count);

/* NULL is allowed. Does not free the symbols. */
void kernel_stacks_free(struct kernel_stacks *stacks);

#endif
