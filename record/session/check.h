/* record/session/check.h - which features this kernel has, and how to get the others */
#ifndef RECORD_SESSION_CHECK_H
#define RECORD_SESSION_CHECK_H

/* Prints a table to stdout. Returns the exit status: 0 if exits and signals can be recorded and the
 * table could be written, otherwise 1. */
int check_print(void);

#endif
