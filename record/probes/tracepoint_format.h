/* record/probes/tracepoint_format.h - reads the fields of a tracepoint from tracefs */
#ifndef RECORD_PROBES_TRACEPOINT_FORMAT_H
#define RECORD_PROBES_TRACEPOINT_FORMAT_H

#include "record/probes/probe_fields.h"

/* Reads a file .../events/CATEGORY/NAME/format from a descriptor, which it borrows. Skips lines
 * that are not fields. Omits fields beyond the first PROBE_FIELDS_MAX, and those that do not fit
 * into PROBE_DATA_BYTES. On a read error, the fields so far are returned. */
void tracepoint_format_read(int fd, struct probe_fields *ret_fields);

/* Adds the path that a system call failed with, as a field "filename", if the tracepoint is the end
 * of execve() or execveat(). */
void tracepoint_format_add_path(const char *category, const char *name,
				struct probe_fields *fields);

#endif
