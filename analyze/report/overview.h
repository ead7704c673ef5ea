/* analyze/report/overview.h - the default report: what happened, on one screen */
#ifndef ANALYZE_REPORT_OVERVIEW_H
#define ANALYZE_REPORT_OVERVIEW_H

#include <stdbool.h>

#include "analyze/report/report_request.h"

/* Writes the head, what is missing, the exits by class, the answers and a line for the others. At
 * most 60 lines, unless more are asked for. Returns false on allocation failure. */
bool overview_write(const struct report *report);

#endif
