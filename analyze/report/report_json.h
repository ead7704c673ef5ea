/* analyze/report/report_json.h - every event as a line of JSON, then a summary */
#ifndef ANALYZE_REPORT_REPORT_JSON_H
#define ANALYZE_REPORT_REPORT_JSON_H

#include <stdbool.h>

#include "analyze/report/report_request.h"

/* Writes the lines. In a recording of a COMMAND, a pass before looks for its first failure. Returns
 * false on allocation failure. */
bool report_json_write(const struct report *report);

#endif
