/* record/attach/load_log.h - the BPF program or map that the kernel has refused
 *
 * libbpf prints its name and the words of the verifier, and returns the number of the error alone.
 */
#ifndef RECORD_ATTACH_LOAD_LOG_H
#define RECORD_ATTACH_LOAD_LOG_H

#include <stdbool.h>

#include "base/problem.h"

/* Forgets what was noted, and notes what libbpf prints from now on. With `verbose`, all of it goes
 * to standard error too. One thread at a time. */
void load_log_begin(bool verbose);

/* Notes one text of libbpf. */
void load_log_note(const char *text);

/* Prints a line, which must end with a newline, if load_log_begin() was called with `verbose`. */
void load_log_print(const char *line);

/* Returns whether the verifier has refused a program; then sets *ret_problem to a text with the
 * name of the program and the last lines of the verifier. */
bool load_log_explain(struct problem *ret_problem);

/* Returns the name of the map that the kernel has refused, until the next load. NULL: none. */
const char *load_log_map(void);

#endif
