/* analyze/command/export_report.h - reports of diag-report that are written to a new file
 *
 * One or more sandboxed children read the traces and write; the parent gives the file its name.
 */
#ifndef ANALYZE_COMMAND_EXPORT_REPORT_H
#define ANALYZE_COMMAND_EXPORT_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "analyze/command/extra_reports.h"
#include "analyze/program/operands.h"
#include "analyze/program/program.h"

struct export_report {
	const char *program;
	const char *output; /* a name that ends in .zst: rows are compressed */
	bool force;         /* replace an existing file */
	size_t jobs; /* 0: one trace of all files, by one child; else the files of each boot are
		      * one trace, and their rows come in the order of the first file of each */
	const struct extra_options *extra;
	const struct selection *selection;
	char **paths;
	size_t path_count;
	const char *files_from; /* NULL: none */
};

/* Writes the file. Prints messages. Returns the exit status. */
enum program_status export_report_run(const struct export_report *request);

#endif
