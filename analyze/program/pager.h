/* analyze/program/pager.h - shows the output of a program on a terminal through a pager */
#ifndef ANALYZE_PROGRAM_PAGER_H
#define ANALYZE_PROGRAM_PAGER_H

#include <stdbool.h>

/*
 * Starts a pager if standard output is a terminal: DIAG_PAGER, else PAGER, else less; none if that
 * is empty, cat or not found. Then the caller goes on in a child process, whose standard output,
 * and standard error if it was a terminal, is the pager. The parent waits for both, ends with the
 * exit status of the caller, and never returns. Quitting the pager early is not a failure.
 *
 * Call before the sandbox, before threads, and before anything is written. Returns whether the
 * output goes to a pager; false also if it cannot be started.
 */
bool pager_begin(void);

#endif
