/* record/output/naming.h - default and numbered names of files */
#ifndef RECORD_OUTPUT_NAMING_H
#define RECORD_OUTPUT_NAMING_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

/* Writes "diag-HOST-YYYYmmdd-HHMMSS.dz", in local time. Returns false if it does not fit. */
bool naming_default(const char *host, time_t when, char *name, size_t capacity);

/* Writes the name of file `number` of a rotated recording: "a/trace.dz" is file 1, "a/trace-2.dz"
 * file 2. Returns false if it does not fit. */
bool naming_piece(const char *path, unsigned int number, char *name, size_t capacity);

#endif
