/* analyze/lines/source_lines.h - source lines from debug files for the frames of traces */
#ifndef ANALYZE_LINES_SOURCE_LINES_H
#define ANALYZE_LINES_SOURCE_LINES_H

#include <stdbool.h>

#include "analyze/lines/line_broker.h"
#include "format/add_lines.h"

struct source_lines;

/* Borrows both arguments until source_lines_free(). Returns NULL on allocation failure, or if the
 * kernel provides no random key. */
struct source_lines *source_lines_new(const char *program, const struct line_broker *broker);

/*
 * Copies a trace, with source lines and inlined functions where a debug file has them. Prints the
 * debug files that cannot be used to standard error, but not those that are not found. Reads the
 * source twice; it must not change between. Returns the errors of dz_find_places() and
 * dz_add_lines().
 */
DZ_MUST_CHECK enum dz_status source_lines_add(struct source_lines *lines,
					      const struct dz_source *source,
					      const struct dz_sink *sink,
					      struct dz_add_lines_result *ret_result);

/* Frees everything. NULL is allowed. */
void source_lines_free(struct source_lines *lines);

#endif
