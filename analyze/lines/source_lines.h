/* analyze/lines/source_lines.h - source lines for the frames of traces, out of debug files */
#ifndef ANALYZE_LINES_SOURCE_LINES_H
#define ANALYZE_LINES_SOURCE_LINES_H

#include <stdbool.h>

#include "analyze/lines/line_broker.h"
#include "format/add_lines.h"

struct source_lines;

/* The broker outlives it. NULL without memory. */
struct source_lines *source_lines_new(const char *program, const struct line_broker *broker);

/*
 * Copies a trace with what is known of its frames. Debug files that cannot be used are told on
 * standard error, those that nobody has are not. The errors of dz_add_lines(). The source must not
 * be in another state when it is read the second time.
 */
DZ_MUST_CHECK enum dz_status source_lines_add(struct source_lines *lines,
					      const struct dz_source *source,
					      const struct dz_sink *sink,
					      struct dz_add_lines_result *ret_result);

/* NULL is allowed. */
void source_lines_free(struct source_lines *lines);

#endif
