/* analyze/culprit.h - who called abort() or exit(): the frame that a person asks for
 *
 * Between the one who gives up and the system call lie functions of the C, C++, Rust or Go runtime.
 * They tell how it was given up; the first frame that is none of them tells who did.
 */
#ifndef ANALYZE_CULPRIT_H
#define ANALYZE_CULPRIT_H

#include "analyze/cause.h"

struct culprit {
	const char *how; /* "abort()", "failed assertion"; static; NULL: in no such way */
	const struct dz_frame *frame;  /* who did it; NULL if the chain does not tell */
	const struct dz_frame *caller; /* of a fault in the C library: who called it; else NULL */
};

/*
 * Of a fault: its innermost frame and perhaps the caller, without a `how`. Of another end by a
 * function of the runtime: how and who. Of a return from main(), or an end that a stack says
 * nothing about: neither.
 */
struct culprit culprit_find(const struct cause *cause);

#endif
