/* record/session/check.h - what this kernel allows, feature by feature, and what to do about the
 * rest */
#ifndef RECORD_SESSION_CHECK_H
#define RECORD_SESSION_CHECK_H

/* Prints a table to stdout. Returns the exit status: 0 if exits and signals can be recorded and the
 * table could be written, else 1. */
int check_print(void);

#endif
