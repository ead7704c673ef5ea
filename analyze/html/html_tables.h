/* analyze/html/html_tables.h - the tables of a page: events, or groups of events that are alike */
#ifndef ANALYZE_HTML_HTML_TABLES_H
#define ANALYZE_HTML_HTML_TABLES_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "analyze/report/report_request.h"

/* Rows of a table. If a kind has more events, its rows are groups of events that are alike; the
 * groups that come first are shown, and the events of the others counted. */
#define HTML_TABLE_ROWS 400u

/* Writes a table for each kind of which there are events; `kinds` has their numbers, by kind.
 * Returns false on allocation failure. */
bool html_tables_write(const struct report *report, const uint64_t kinds[64], FILE *out);

#endif
