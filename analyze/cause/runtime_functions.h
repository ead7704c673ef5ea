/* analyze/cause/runtime_functions.h - functions and files of the runtimes of languages
 *
 * Between the function that ends the process and the system call are functions of the C, C++, Rust,
 * Go or Java runtime, of a sanitizer or of a library that logs. */
#ifndef ANALYZE_CAUSE_RUNTIME_FUNCTIONS_H
#define ANALYZE_CAUSE_RUNTIME_FUNCTIONS_H

#include <stdbool.h>

/* How words about the function that ended the process continue. */
enum culprit_manner {
	CULPRIT_CALLED, /* "abort() called by libthird.so: check <- main" */
	CULPRIT_EXITED, /* the same with the exit code between the parentheses */
	CULPRIT_FOUND,  /* "failed assertion in check of libthird.so" */
	CULPRIT_THREW,  /* "uncaught C++ exception, thrown in check of libthird.so" */
	CULPRIT_LOGGED, /* "fatal error logged by check of libthird.so" */
};

/* The earlier of two functions in the table says more. */
struct runtime_function {
	const char *pattern;
	const char *how; /* NULL: says nothing that the caller would not */
	enum culprit_manner manner;
	/* Functions of the program that it called, such as a terminate handler, are not to blame.
	 */
	bool is_decisive;
};

/* Returns the first function of the table that a symbol matches; NULL: none. Static. */
const struct runtime_function *runtime_function_find(const char *symbol);

/* The same among the decisive ones only. */
const struct runtime_function *runtime_function_find_decisive(const char *symbol);

/* Whether a function calls exit() with what main() has returned, or starts threads. */
bool runtime_is_starter(const char *symbol);

/* Whether a file, such as "libc.so.6", holds only the runtime. */
bool runtime_is_module(const char *file_name);

/* Whether a file, such as "ld-linux-x86-64.so.2", is the dynamic linker. */
bool runtime_is_linker(const char *file_name);

#endif
