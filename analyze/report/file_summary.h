/* analyze/report/file_summary.h - a recording in a few lines: when, of what, and at which cost */
#ifndef ANALYZE_REPORT_FILE_SUMMARY_H
#define ANALYZE_REPORT_FILE_SUMMARY_H

#include <stdbool.h>
#include <stddef.h>

#include "analyze/replay/visitor.h"
#include "analyze/report/report_request.h"

/* Info records whose keys are not known in advance, and times. Starts all zero. */
struct file_facts {
	struct file_fact *facts;
	size_t count;
	size_t capacity;
};

/* Returns a visitor that adds info records to *facts, which must outlive it. It stops the replay on
 * allocation failure. */
struct visitor file_facts_visitor(struct file_facts *facts);

/* Releases what the visitor added. */
void file_facts_free(struct file_facts *facts);

/* Writes the summary of every readable file. Sorts *facts, which must hold the info records of all
 * files. Returns false on allocation failure. */
bool file_summary_write(const struct report *report, struct file_facts *facts);

#endif
