/* record/probes/function_names.h - the functions of the running kernel that can be traced */
#ifndef RECORD_PROBES_FUNCTION_NAMES_H
#define RECORD_PROBES_FUNCTION_NAMES_H

#include <stdbool.h>
#include <stddef.h>

struct function_names;

struct function_name {
	const char *name;
	const char *module; /* "" for the kernel's own */
};

/* Reads a list as available_filter_functions has it: a line each, NAME or NAME [MODULE]. NULL if it
 * cannot be read, or without memory. */
struct function_names *function_names_read(const char *path);

/* How many there are, and one of them by index, which must be below that: in the order of the list,
 * the same name once for each line. Its strings live as long as the names. */
size_t function_names_count(const struct function_names *names);
struct function_name function_names_at(const struct function_names *names, size_t index);

/* Whether there is one with just this name, in any module: takes no longer if there are many. */
bool function_names_has(const struct function_names *names, const char *name);

/* NULL is allowed. */
void function_names_free(struct function_names *names);

#endif
