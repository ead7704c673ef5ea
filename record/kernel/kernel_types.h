/* record/kernel/kernel_types.h - searches the types (BTF) of the running kernel */
#ifndef RECORD_KERNEL_KERNEL_TYPES_H
#define RECORD_KERNEL_KERNEL_TYPES_H

#include <stdbool.h>

struct type_table;

/* Returns whether the kernel has a structure of that name, with a member of that name unless
 * `member` is NULL. Also returns false if the kernel has no BTF. */
bool kernel_types_have(const char *structure, const char *member);

/* Returns whether the kernel has a tracepoint of that name for BPF programs. */
bool kernel_types_have_tracepoint(const char *tracepoint);

/* Returns all types, which are valid until kernel_types_release(). NULL if the kernel has no BTF,
 * or out of memory. */
const struct type_table *kernel_types_all(void);

/* Releases the types, some 5 MiB. The next call of kernel_types_have() opens them again. */
void kernel_types_release(void);

#endif
