/* record/kernel/kernel_types.h - what this kernel's own types (BTF) tell of how it was built
 *
 * For what libbpf cannot be asked about: it takes a type that the kernel does not have for one that
 * a module may have, and to go through those takes CAP_SYS_ADMIN.
 */
#ifndef RECORD_KERNEL_KERNEL_TYPES_H
#define RECORD_KERNEL_KERNEL_TYPES_H

#include <stdbool.h>

/* Whether the kernel has a structure of that name, and in it a member of that name unless `member`
 * is NULL. False also if it shows no types. */
bool kernel_types_have(const char *structure, const char *member);

#endif
