/* analyze/report/report.h - the reports of diag-report */
#ifndef ANALYZE_REPORT_REPORT_H
#define ANALYZE_REPORT_REPORT_H

#include <stdbool.h>

#include "analyze/report/report_request.h"

/*
 * Writes the report. Returns false on allocation failure. After it, trace_problem() returns the
 * problems of the files, also why they could not be read to the end. Write errors are in the
 * stream.
 */
bool report_write(const struct report *report);

#endif
