/* analyze/cause/culprit.h - the frame held responsible for the end of a process
 *
 * Between the function that called abort() or exit() and the system call are frames of the C, C++,
 * Rust, Go or Java runtime, of a sanitizer or of a library that logs. They show the mechanism of
 * the end. The first frame that is not one of them is the culprit.
 */
#ifndef ANALYZE_CAUSE_CULPRIT_H
#define ANALYZE_CAUSE_CULPRIT_H

#include <stddef.h>

#include "analyze/cause/cause.h"
#include "analyze/cause/runtime_functions.h"
#include "analyze/trace/call_chain.h"

struct culprit {
	const char *how; /* mechanism: "abort()", "failed assertion"; static; NULL: none */
	enum culprit_manner manner;
	const struct dz_frame *frame;  /* the culprit; NULL: not in the stack */
	const struct dz_frame *caller; /* for a fault in the C library, or at an address without
					* code: the first frame outside; else NULL */
};

/*
 * Finds the culprit of a cause. For a fault: the innermost frame, and the caller if there is one,
 * without `how` unless the runtime raised it. For an end by a function of the runtime: `how`, and
 * the culprit if it is in the stack. For a return from main(), or without a stack: neither.
 */
struct culprit culprit_find(const struct cause *cause);

/* Forgets the culprits that culprit_find() has kept. Call before a pass over a trace: later files
 * can have the addresses of earlier ones. */
void culprit_forget(void);

/* The part of a call chain from the culprit to main(), without the functions that start a program
 * or thread. Empty without a culprit. */
struct culprit_calls {
	size_t first;
	size_t end; /* one after the last frame */
};

/* Finds this part of `chain`, a stack of `file` for which culprit_find() returned `culprit`. */
struct culprit_calls culprit_calls(const struct trace_file *file, const struct call_chain *chain,
				   const struct culprit *culprit);

#endif
