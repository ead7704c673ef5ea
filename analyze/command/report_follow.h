/* analyze/command/report_follow.h - diag-report --follow */
#ifndef ANALYZE_COMMAND_REPORT_FOLLOW_H
#define ANALYZE_COMMAND_REPORT_FOLLOW_H

#include <stdbool.h>

#include "analyze/program/program.h"
#include "analyze/report/report.h"

struct report_follow {
	bool wanted;
	bool all;            /* also clean exits and SIGCHLD */
	bool journal;        /* to the journal of systemd, not to standard output */
	bool journal_failed; /* there, also exits with a code other than 0 */
	const char *path;
	int socket; /* that diag-record sends the files over, with has_socket */
	bool has_socket;
};

/* Follows a recording to its end. Enters the sandbox. `report` has the filters and the form. */
enum program_status report_follow_run(const char *program, const struct report_follow *follow,
				      const struct report_options *report);

#endif
