/* analyze/report/report.c - the reports of diag-report */
#include "analyze/report/report.h"

#include "analyze/replay/loss.h"
#include "analyze/replay/totals.h"
#include "analyze/report/file_summary.h"
#include "analyze/report/overview.h"
#include "analyze/report/report_file.h"
#include "analyze/report/report_json.h"
#include "analyze/report/report_tables.h"
#include "analyze/report/timeline.h"

static bool write_events(const struct report *report)
{
	struct timeline timeline = {
		.out = report->out,
		.utc = report->options->selection.utc,
		.stacks = report->options->stacks,
	};
	struct visitor visitor = timeline_visitor(&timeline);

	return report_replay(report, &visitor, 1) != REPLAY_FAILED || report_has_reason(report);
}

static bool write_summaries(const struct report *report)
{
	struct file_facts facts = {0};
	struct loss loss = {.count = 0};
	const struct visitor visitors[] = {file_facts_visitor(&facts), loss_visitor(&loss)};
	enum replay_status status = report_replay(report, visitors, 2);
	bool ok = status != REPLAY_STOPPED;

	if (status == REPLAY_FAILED)
		ok = report_has_reason(report);
	ok = ok && file_summary_write(report, &facts);
	if (ok)
		loss_write(&loss, report->options->selection.utc, report->out);
	file_facts_free(&facts);
	return ok;
}

static bool write_records(const struct report *report)
{
	struct totals totals = {0};
	struct loss loss = {.count = 0};
	struct report_notes notes = {.out = report->out};
	const struct visitor visitors[] = {totals_visitor(&totals), loss_visitor(&loss)};
	struct visitor visitor = report_notes_visitor(&notes);
	const struct trace_file *file;

	for (size_t i = 0; (file = trace_file(report->trace, i)); i++)
		if (file->reader)
			report_file_header(file, report->options->selection.utc, report->out);
	if (report_replay(report, &visitor, 1) == REPLAY_FAILED ||
	    report_replay(report, visitors, 2) == REPLAY_FAILED)
		return report_has_reason(report);
	report_file_totals(report->trace, &totals, report->out);
	loss_write(&loss, report->options->selection.utc, report->out);
	return true;
}

static bool write_info(const struct report *report)
{
	return report->options->verbose ? write_records(report) : write_summaries(report);
}

static bool write_verification(const struct report *report)
{
	const struct trace_file *file;

	for (size_t i = 0; (file = trace_file(report->trace, i)); i++)
		if (file->reader && !report_file_verify(file, report->out))
			return false;
	return true;
}

bool report_write(const struct report *report)
{
	static bool (*const writers[])(const struct report *report) = {
		[REPORT_ANSWERS] = overview_write, [REPORT_TABLES] = report_tables_write,
		[REPORT_EVENTS] = write_events,    [REPORT_JSON] = report_json_write,
		[REPORT_INFO] = write_info,        [REPORT_VERIFY] = write_verification,
	};

	if (!trace_collect_problems(report->trace))
		return false;
	/* A program that reads JSON expects the summary. */
	if (!trace_is_readable(report->trace) && report->options->mode != REPORT_JSON)
		return true;
	return writers[report->options->mode](report) && trace_collect_problems(report->trace);
}
