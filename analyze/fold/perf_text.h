/* analyze/fold/perf_text.h - stacks as text that perf script would print */
#ifndef ANALYZE_FOLD_PERF_TEXT_H
#define ANALYZE_FOLD_PERF_TEXT_H

#include <stdbool.h>
#include <stdio.h>

#include "analyze/fold/fold.h"

/* Writes one sample: its header with thread, Unix time, weight and unit, then its frames, the leaf
 * first. Frames of roots are omitted. Write errors are in the stream. */
void perf_text_write(const struct fold_stack *stack, enum fold_unit unit, FILE *out);

#endif
