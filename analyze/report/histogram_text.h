/* analyze/report/histogram_text.h - a histogram of durations as text */
#ifndef ANALYZE_REPORT_HISTOGRAM_TEXT_H
#define ANALYZE_REPORT_HISTOGRAM_TEXT_H

#include <stdio.h>

#include "analyze/report/histogram.h"

/* Writes a line with `what`, the range, mean and percentiles, then a line for each bucket. With one
 * value, writes only that. The histogram must not be empty. */
void histogram_text_write(const struct histogram *histogram, const char *what, FILE *out);

#endif
