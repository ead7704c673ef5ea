/* flame/tree/frame_type.h - the type of a frame, from its name or its module */
#ifndef FLAME_TREE_FRAME_TYPE_H
#define FLAME_TREE_FRAME_TYPE_H
#include <stdbool.h>
#include <stddef.h>

#include "flame/tree/stack.h"

/* Returns the type that the name implies. Knows the suffixes _[k] _[w] _[i] _[j] that programs
 * which fold the output of perf append, _[0] and _[1] of async-profiler, and _[l] _[g] _[u] of
 * diag-fold --annotate. */
enum frame_type frame_type_of_name(const char *name, size_t size);

/* For frame_type_enters_kernel(), of names that start with two of its letters. */
bool frame_type_is_kernel_entry(const char *name, size_t size);

/* Whether this is a function by which a thread enters the kernel. All functions that it calls are
 * then kernel code. Runs for every frame of every stack: the first two letters exclude most names.
 */
static inline bool frame_type_enters_kernel(const char *name, size_t size)
{
	static const char second_letters['x' - 'a' + 1][2] = {
		['a' - 'a'] = {'s'}, ['d' - 'a'] = {'o'},      ['e' - 'a'] = {'n', 'l'},
		['r' - 'a'] = {'e'}, ['s' - 'a'] = {'y', 'e'}, ['x' - 'a'] = {'8'},
	};
	const char *second;

	if (size < 7 || name[0] < 'a' || name[0] > 'x' || name[1] == '\0')
		return false;
	second = second_letters[name[0] - 'a'];
	return (name[1] == second[0] || name[1] == second[1]) &&
	       frame_type_is_kernel_entry(name, size);
}

/* Returns the type for a module as perf prints it, such as [kernel.kallsyms] or /usr/lib/libc.so.6.
 * FRAME_TYPE_UNKNOWN if the module says nothing. */
enum frame_type frame_type_of_module(const char *module, size_t size);

/* Returns the size of the name without such a suffix. */
size_t frame_type_trim_suffix(const char *name, size_t size);

/* Returns the word for a legend, such as "kernel". Static. */
const char *frame_type_text(enum frame_type type);
#endif
