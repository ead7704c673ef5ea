/* analyze/report/process_tree_text.h - a tree of processes as text */
#ifndef ANALYZE_REPORT_PROCESS_TREE_TEXT_H
#define ANALYZE_REPORT_PROCESS_TREE_TEXT_H

#include <stdbool.h>
#include <stdio.h>

#include "analyze/report/process_tree.h"
#include "text/layout.h"

struct process_tree_style {
	const struct layout *layout;
	size_t lines; /* at most; 0: no limit */
	bool utc;
	bool whole; /* write every process, not only failures */
};

/* Writes the COMMAND with the path to its first failure and the failures beside it, or, if `whole`
 * is set, every process. Returns false on allocation failure. */
bool process_tree_write(struct process_tree *tree, const struct process_tree_style *style,
			FILE *out);

#endif
