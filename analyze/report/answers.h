/* analyze/report/answers.h - what died, of what, and by whom: the worst first, in words */
#ifndef ANALYZE_REPORT_ANSWERS_H
#define ANALYZE_REPORT_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "analyze/replay/visitor.h"

struct answers;

/* False without memory. */
bool answers_new(struct answers **ret_answers);

/* A visitor that groups exits of processes that are alike: same name, same end, same sender, same
 * function to blame. */
struct visitor answers_visitor(struct answers *answers);

struct answers_style {
	size_t top;  /* how many groups; 0: all */
	bool stacks; /* tell where the process was */
	bool colour;
};

/* Writes what was gathered; the trace must still be open. False without memory. */
bool answers_write(const struct answers *answers, const struct answers_style *style, FILE *out);

/* NULL is allowed. */
void answers_free(struct answers *answers);

#endif
