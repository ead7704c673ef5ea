/* record/session/summary.h - the lines that diag-record prints at its end */
#ifndef RECORD_SESSION_SUMMARY_H
#define RECORD_SESSION_SUMMARY_H

#include <stdbool.h>
#include <stdio.h>

#include "record/session/session_result.h"

/* Prints what was recorded, what was lost and what to do about it. `hints`: also print the next
 * command to type. */
void summary_print(const struct session_result *result, bool hints);

#endif
