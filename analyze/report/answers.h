/* analyze/report/answers.h - which processes died, how, and who sent the signal: the worst first */
#ifndef ANALYZE_REPORT_ANSWERS_H
#define ANALYZE_REPORT_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "analyze/replay/visitor.h"

struct answers;

/* Returns false on allocation failure. */
bool answers_new(struct answers **ret_answers);

/* Returns a visitor that groups exits of processes with the same name, end, sender and culprit. */
struct visitor answers_visitor(struct answers *answers);

struct answers_style {
	size_t top;  /* number of groups that are printed; 0: all */
	bool stacks; /* print where the process was */
	bool colour;
};

/* Writes the groups. The trace must still be open. Returns false on allocation failure. */
bool answers_write(const struct answers *answers, const struct answers_style *style, FILE *out);

/* Frees everything. NULL is allowed. */
void answers_free(struct answers *answers);

#endif
