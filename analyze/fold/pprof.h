/* analyze/fold/pprof.h - stacks as a compressed profile of pprof */
#ifndef ANALYZE_FOLD_PPROF_H
#define ANALYZE_FOLD_PPROF_H

#include <stdbool.h>
#include <stdio.h>

#include "analyze/fold/stack_table.h"

/* Writes profile.proto with gzip. Adds the words of pprof to the strings of the table. Returns
 * false on allocation failure. Write errors are in the stream. */
bool pprof_write(struct stack_table *table, const struct fold_description *description, FILE *out);

#endif
