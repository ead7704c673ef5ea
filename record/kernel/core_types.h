/* record/kernel/core_types.h - those types of the kernel that BPF programs refer to by name
 *
 * For each structure of the programs, libbpf compares its name with those of all types of the
 * kernel, more than 100,000. The few types that have such a name are found in one pass here.
 */
#ifndef RECORD_KERNEL_CORE_TYPES_H
#define RECORD_KERNEL_CORE_TYPES_H

#include <stdbool.h>

struct btf;
struct type_table;

#define CORE_TYPES_PATH_BYTES 32

/* A file in memory. libbpf opens it by its path (btf_custom_path), and then searches no types of
 * modules: a type that only a module has would not exist. The programs refer to none. */
struct core_types {
	int fd; /* -1: none */
	char path[CORE_TYPES_PATH_BYTES];
};

/* Creates the file, which is empty. Returns false and sets errno on failure. The caller must call
 * core_types_close() in either case. */
bool core_types_open(struct core_types *ret_types);

/* Writes the types of `kernel` that have the name of a type of `programs` (without its suffix
 * "___SUFFIX"), and the types of their members. Pointers refer to nothing then, and functions are
 * void. So programs may not ask whether a typedef of a pointer or of a function exists, nor whether
 * a type matches (bpf_core_type_matches()). If `kernel` has a kind of type that is not known here,
 * the file gets all types. Sets *ret_is_selection to whether that was not needed. Returns false and
 * sets errno on failure. */
bool core_types_write(const struct core_types *types, const struct type_table *kernel,
		      const struct btf *programs, bool *ret_is_selection);

/* Closes the file. Can be called again. */
void core_types_close(struct core_types *types);

#endif
