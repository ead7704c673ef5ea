/* analyze/cause/culprit.h - who called abort() or exit(): the frame that a person asks for
 *
 * Functions of the runtime tell how the program gave up; the first frame that is none of them tells
 * who did.
 */
#ifndef ANALYZE_CAUSE_CULPRIT_H
#define ANALYZE_CAUSE_CULPRIT_H

#include <stddef.h>

#include "analyze/cause/cause.h"
#include "analyze/cause/runtime_functions.h"
#include "analyze/trace/call_chain.h"

struct culprit {
	const char *how; /* "abort()", "failed assertion"; static; NULL: in no such way */
	enum culprit_manner manner;
	const struct dz_frame *frame;  /* who did it; NULL if the chain does not tell */
	const struct dz_frame *caller; /* of a fault in the C library, or where no code is: who
					* called it; else NULL */
};

/*
 * Of a fault: its innermost frame and perhaps the caller, without a `how` unless the runtime made
 * it to end the program. Of another end by a function of the runtime: how and who. Of a return from
 * main(), or an end that a stack says nothing about: neither.
 */
struct culprit culprit_find(const struct cause *cause);

/* The part of a chain that a person cares for: from the culprit's frame up to main(), without what
 * started the program or the thread. Nothing without a frame. */
struct culprit_calls {
	size_t first;
	size_t end; /* behind the last one */
};

/* `chain` is of `file`; the culprit is one that culprit_find() gave for it. */
struct culprit_calls culprit_calls(const struct trace_file *file, const struct call_chain *chain,
				   const struct culprit *culprit);

#endif
