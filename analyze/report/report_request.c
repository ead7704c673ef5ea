/* analyze/report/report_request.c - the options of a report, and a replay for it */
#include "analyze/report/report_request.h"

enum replay_status report_replay(const struct report *report, const struct visitor *visitors,
				 size_t visitor_count)
{
	const struct replay replay = {
		.trace = report->trace,
		.selection = &report->options->selection,
		.progress = report->progress,
	};

	return replay_run(&replay, visitors, visitor_count);
}

bool report_has_reason(const struct report *report)
{
	return trace_collect_problems(report->trace) && trace_has_failed(report->trace);
}
