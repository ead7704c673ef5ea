/* analyze/command/html_report.h - --html of diag-report: writes a page in the sandbox */
#ifndef ANALYZE_COMMAND_HTML_REPORT_H
#define ANALYZE_COMMAND_HTML_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "analyze/program/program.h"
#include "analyze/report/report_request.h"

/* A page that is asked for. Borrows everything. */
struct html_report {
	const char *output; /* NULL: no page */
	bool force;         /* replace any existing file; otherwise only a page */
	bool with_command;  /* show the command line of the recorder */
	char **paths;
	size_t path_count;
	const char *files_from; /* NULL: none */
	const struct report_options *options;
};

/* Opens inputs and output, writes the page in a sandboxed child, and gives the file its name.
 * Prints messages. Returns the exit status. */
enum program_status html_report_run(const char *program, const struct html_report *request);

#endif
