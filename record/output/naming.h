/* record/output/naming.h - names of files that nobody named */
#ifndef RECORD_OUTPUT_NAMING_H
#define RECORD_OUTPUT_NAMING_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

/* "diag-HOST-YYYYmmdd-HHMMSS.dz", with the local time. False if it does not fit. */
bool naming_default(const char *host, time_t when, char *name, size_t capacity);

/* The name of piece `number` of a recording that is rotated: "a/trace.dz" itself is piece 1, then
 * "a/trace-2.dz" and so on. False if it does not fit. */
bool naming_piece(const char *path, unsigned int number, char *name, size_t capacity);

#endif
