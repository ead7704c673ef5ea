/* record/probes/function_names.h - the traceable functions of the running kernel */
#ifndef RECORD_PROBES_FUNCTION_NAMES_H
#define RECORD_PROBES_FUNCTION_NAMES_H

#include <stdbool.h>
#include <stddef.h>

struct function_names;

struct function_name {
	const char *name;
	const char *module; /* "" for the kernel's own */
};

/* Reads a file such as available_filter_functions, with lines NAME or NAME [MODULE]. Returns NULL
 * if it cannot be read, or on allocation failure. */
struct function_names *function_names_read(const char *path);

/* Returns the number of lines. */
size_t function_names_count(const struct function_names *names);

/* Returns a line by its index, which must be below the count. A name can occur in several lines.
 * Its strings are valid until function_names_free(). */
struct function_name function_names_at(const struct function_names *names, size_t index);

/* Returns whether a function has this name, in any module. Takes constant time. */
bool function_names_has(const struct function_names *names, const char *name);

/* NULL is allowed. */
void function_names_free(struct function_names *names);

#endif
