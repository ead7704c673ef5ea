/* analyze/report/nothing.h - the reason why a report has no events, and advice */
#ifndef ANALYZE_REPORT_NOTHING_H
#define ANALYZE_REPORT_NOTHING_H

#include <stdbool.h>

#include "analyze/report/report_request.h"

/* Writes which options of the report or of the recorder left no event, and what to try. Call if no
 * event was selected. Returns false on allocation failure. */
bool nothing_write(const struct report *report, FILE *out);

#endif
