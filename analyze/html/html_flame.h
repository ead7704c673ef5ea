/* analyze/html/html_flame.h - the flame graphs of a page: files of diag-flame in frames */
#ifndef ANALYZE_HTML_HTML_FLAME_H
#define ANALYZE_HTML_HTML_FLAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "analyze/fold/fold.h"

/* The flame graphs that a page can have. */
#define HTML_FLAMES 5u

/* The traces again, once for each flame graph. All zero at first. */
struct html_flames {
	struct fold_request requests[HTML_FLAMES];
	struct fold *folds[HTML_FLAMES];
};

/* Opens the folds of the selected events. The selection is copied, and its lists are borrowed.
 * Returns false on allocation failure; the caller must call html_flames_close() in both cases. */
bool html_flames_open(struct html_flames *flames, const struct selection *selection);

/* Adds a file to each fold, as fold_add(). Duplicates the descriptor; -1 is passed on. Returns
 * false on allocation failure, or if the descriptor cannot be duplicated. */
bool html_flames_add(struct html_flames *flames, const char *path, int fd);

/* Sets how files that were added with descriptor -1 are opened. */
void html_flames_set_opener(struct html_flames *flames, trace_opener *opener, void *context);

/* Reads the traces and writes the section, which is empty if no event has a stack. Returns false on
 * allocation failure. */
bool html_flames_write(struct html_flames *flames, bool with_command, FILE *out);

/* Closes the folds. */
void html_flames_close(struct html_flames *flames);

#endif
