/* analyze/report/report_file.h - reports about files instead of events */
#ifndef ANALYZE_REPORT_REPORT_FILE_H
#define ANALYZE_REPORT_REPORT_FILE_H

#include <stdbool.h>
#include <stdio.h>

#include "analyze/replay/totals.h"
#include "analyze/replay/visitor.h"
#include "analyze/trace/trace.h"

/* Returns the name of an architecture in a file header, such as "x86-64". Static. */
const char *report_file_machine(uint32_t machine);

/* Writes where and when a file was recorded, its size, and whether it was closed. */
void report_file_header(const struct trace_file *file, bool utc, FILE *out);

struct report_notes {
	FILE *out;
};

/* Returns a visitor that writes the info records: command, host, filters, cost. */
struct visitor report_notes_visitor(struct report_notes *notes);

/* Writes for each kind the records in the files, the selected ones, and the bytes in the files. */
void report_file_totals(const struct trace *trace, const struct totals *totals, FILE *out);

/* Decodes all blocks and writes the damage. Returns false on allocation failure, or if the file can
 * no longer be read. */
bool report_file_verify(const struct trace_file *file, FILE *out);

#endif
