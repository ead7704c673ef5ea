/* record/selftest/selftest.h - records processes whose actions are known, and compares
 *
 * Each kind is recorded by a second diag-record, with the options that users type. See deeds.h for
 * the processes and verdict.h for the comparison.
 */
#ifndef RECORD_SELFTEST_SELFTEST_H
#define RECORD_SELFTEST_SELFTEST_H

/* Tests the kinds with these names, of which the last is NULL; NULL: all. Prints a line for each to
 * stdout. Returns the exit status: 0 if all came out right; 1 if one did not, if a kind that was
 * named cannot be recorded here, or if exits or signals cannot; 2 if a name is unknown. */
int selftest_run(char *const *names);

#endif
