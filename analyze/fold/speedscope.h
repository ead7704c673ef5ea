/* analyze/fold/speedscope.h - stacks as a JSON file of speedscope */
#ifndef ANALYZE_FOLD_SPEEDSCOPE_H
#define ANALYZE_FOLD_SPEEDSCOPE_H

#include <stdio.h>

#include "analyze/fold/stack_table.h"

/* Writes a sampled profile of the numbers of events and, if the table has times, one of the times.
 * `name` is the title, not escaped. Write errors are in the stream. */
void speedscope_write(const struct stack_table *table, const char *name, FILE *out);

#endif
