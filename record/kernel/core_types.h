/* record/kernel/core_types.h - those types of the kernel that BPF programs refer to by name
 *
 * For each structure of the programs, libbpf compares its name with those of all types of the
 * kernel, more than 100,000. The few types that have such a name are found in one pass here.
 */
#ifndef RECORD_KERNEL_CORE_TYPES_H
#define RECORD_KERNEL_CORE_TYPES_H

#include <stdbool.h>

struct btf;

#define CORE_TYPES_PATH_BYTES 32

/* A file in memory. libbpf opens it by its path. */
struct core_types {
	int fd; /* -1: none */
	char path[CORE_TYPES_PATH_BYTES];
};

/* Creates the file, which is empty. Returns false and sets errno on failure. On success, the caller
 * must call core_types_close(). */
bool core_types_open(struct core_types *ret_types);

/* Writes the types of `kernel` that have the name of a type of `programs` (without its suffix
 * "___SUFFIX"), and the types of their members. Pointers lose what they point to, which libbpf does
 * not compare. If `kernel` has a kind of type that is not known here, the file gets all types.
 * Returns false and sets errno on failure. */
bool core_types_write(const struct core_types *types, const struct btf *kernel,
		      const struct btf *programs);

/* Closes the file. Can be called again. */
void core_types_close(struct core_types *types);

#endif
