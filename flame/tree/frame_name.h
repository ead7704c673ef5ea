/* flame/tree/frame_name.h - names of functions as people write them in the source */
#ifndef FLAME_TREE_FRAME_NAME_H
#define FLAME_TREE_FRAME_NAME_H
#include <stdbool.h>
#include <stddef.h>

#include "flame/tree/stack.h"

/* Longer names stay as they are. */
#define FRAME_NAME_MAX 4096u

struct frame_name {
	char text[FRAME_NAME_MAX];
	size_t size;
};

/*
 * Sets *ret_name to the name of the frame in the language of its source, and returns true; false if
 * the frame has that name already:
 *
 *   Rust, mangled (_ZN...17h...E, _R...) or with a hash:  core::fmt::Write::write_str
 *   C++, mangled (_Z...):                                 std::vector<int>::size()
 *   Java, Lcom/acme/App;::run(Ljava/io/File;J)I:          com.acme.App.run(java.io.File, long)
 *
 * All other names stay as the input has them. Runs once for each distinct name.
 */
bool frame_name_clean(const struct frame *frame, struct frame_name *ret_name);

/* Whether the name can be one of those; fast. */
bool frame_name_may_change(const struct frame *frame);

/* The part of a name that identifies the function in a short label. */
struct frame_name_core {
	size_t start;
	size_t size;
};

/*
 * Returns the part of a name without what a run-time adds: the kind of node's code
 * (LazyCompile:~f /a.js:1), the file of Python (py::f:/a.py), the assembly and the tier of .NET
 * ([App] N.T::M(int)[Tier1]). flame/svg/script/labels.js has the same rules.
 */
struct frame_name_core frame_name_core(const char *name, size_t size);

/* Whether the name has such a part of a run-time, so that its code is made at run time. */
bool frame_name_is_jit(const char *name, size_t size);

/* Whether this is a regular expression that node compiled. Its brackets are not those of arguments.
 */
bool frame_name_is_regexp(const char *name, size_t size);
#endif
