/* record/probes/user_file.h - finds the program or library that a probe is in */
#ifndef RECORD_PROBES_USER_FILE_H
#define RECORD_PROBES_USER_FILE_H

#include <limits.h>
#include <stdbool.h>

#include "base/problem.h"

/* Finds a file: a path if `name` has a slash, otherwise a program in PATH, otherwise a library in
 * the directories that the dynamic linker searches. A library can be named without its version:
 * libc, libc.so. Writes its real path. Returns false and sets *ret_problem if there is none. */
bool user_file_find(const char *name, char ret_path[PATH_MAX], struct problem *ret_problem);

#endif
