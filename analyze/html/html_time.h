/* analyze/html/html_time.h - the time line of a page: one lane for each process or thread */
#ifndef ANALYZE_HTML_HTML_TIME_H
#define ANALYZE_HTML_HTML_TIME_H

#include <stdio.h>

#include "analyze/html/html_lanes.h"
#include "analyze/trace/timestamp.h"

/* Writes the section, as an SVG element that needs no script. Nothing without lanes. `span` is that
 * of the trace, in Unix time. */
void html_time_write(const struct html_lanes *lanes, const struct time_range *span, bool utc,
		     FILE *out);

#endif
