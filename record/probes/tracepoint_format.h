/* record/probes/tracepoint_format.h - what tracefs says of the record of a tracepoint */
#ifndef RECORD_PROBES_TRACEPOINT_FORMAT_H
#define RECORD_PROBES_TRACEPOINT_FORMAT_H

#include <stdio.h>

#include "record/probes/probe_fields.h"

/* Reads a file .../events/CATEGORY/NAME/format to its end, and does not close it. Lines that are
 * not those of a field are skipped. Fields beyond the first PROBE_FIELDS_MAX, and those
 * that do not fit into PROBE_DATA_BYTES, are left out. */
void tracepoint_format_read(FILE *format, struct probe_fields *ret_fields);

#endif
