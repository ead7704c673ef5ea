/* flame/tree/frame_type.h - what a frame's name tells about its origin */
#ifndef FLAME_TREE_FRAME_TYPE_H
#define FLAME_TREE_FRAME_TYPE_H
#include <stdbool.h>
#include <stddef.h>

#include "flame/tree/stack.h"

/* For inputs that say nothing else. Understands the suffixes _[k] _[j] _[i] of perf collapsers. */
enum frame_type frame_type_of_name(const char *name, size_t size);

/* True for the functions by which a thread enters the kernel: what they call is kernel code. */
bool frame_type_enters_kernel(const char *name, size_t size);

/* For a module as perf prints it, such as [kernel.kallsyms] or /usr/lib/libc.so.6. */
enum frame_type frame_type_of_module(const char *module, size_t size);

/* The length of the name without such a suffix. */
size_t frame_type_trim_suffix(const char *name, size_t size);

/* "user", "kernel", ...: for legends and data. */
const char *frame_type_text(enum frame_type type);
#endif
