/* analyze/report/report.c - the reports of diag-report */
#include "analyze/report/report.h"

#include <string.h>

#include "analyze/cause/task_text.h"
#include "analyze/json/json_report.h"
#include "analyze/replay/loss.h"
#include "analyze/replay/replay.h"
#include "analyze/replay/totals.h"
#include "analyze/report/answers.h"
#include "analyze/report/cost.h"
#include "analyze/report/probe_report.h"
#include "analyze/report/report_file.h"
#include "analyze/report/tables.h"
#include "analyze/report/timeline.h"
#include "analyze/sections/section_report.h"
#include "text/quantity.h"

/* Results of the first pass over a trace. */
struct overview {
	struct totals totals;
	struct loss loss;
	struct cost cost;
	struct answers *answers;
};

static enum replay_status replay(const struct report *report, const struct visitor *visitors,
				 size_t visitor_count)
{
	const struct replay replay = {
		.trace = report->trace,
		.selection = &report->options->selection,
		.progress = report->progress,
	};

	return replay_run(&replay, visitors, visitor_count);
}

/* Whether the trace holds the reason of a failed replay. It does not after an allocation failure.
 */
static bool has_reason(const struct report *report)
{
	return trace_collect_problems(report->trace) && trace_has_failed(report->trace);
}

static uint64_t count_damaged(const struct trace *trace)
{
	const struct input_problem *problem;
	uint64_t bytes = 0;

	for (size_t i = 0; (problem = trace_problem(trace, i)); i++)
		bytes += problem->size_bytes;
	return bytes;
}

static void write_warnings(const struct report *report, const struct overview *overview)
{
	uint64_t damaged = count_damaged(report->trace);

	if (damaged > 0) {
		fputs("damaged: ", report->out);
		task_text_count(report->out, damaged, "byte");
		fputs(" could not be read\n", report->out);
	} else if (trace_problem(report->trace, 0)) {
		fputs("incomplete: the recording was not closed\n", report->out);
	}
	loss_write(&overview->loss, report->options->selection.utc, report->out);
	if (damaged > 0 || trace_problem(report->trace, 0) || overview->loss.count > 0)
		fputc('\n', report->out);
}

/* "0 exits" is printed only if nothing else is: exits are not always recorded. */
static void write_summary(const struct report *report, const struct overview *overview)
{
	const struct totals *totals = &overview->totals;
	const uint64_t hits = totals->kinds[DZ_KIND_PROBE];
	const uint64_t sections = totals->kinds[DZ_KIND_SECTION];
	FILE *out = report->out;

	fputs("trace: ", out);
	if (totals->exits > 0 || (hits == 0 && sections == 0)) {
		task_text_count(out, totals->exits, "exit");
		fprintf(out, ", %s by signal", quantity_exact(totals->by_signal).text);
		fprintf(out, ", %s core dumped, ", quantity_exact(totals->core_dumped).text);
	}
	if (hits > 0) {
		task_text_count(out, hits, "hit");
		fputs(" of probes, ", out);
	}
	if (sections > 0) {
		task_text_count(out, sections, "section");
		fputs(", ", out);
	}
	task_text_count(out, totals->lost, "event");
	fputs(" lost", out);
	cost_write(&overview->cost, ", recorder used ", out);
	fputc('\n', out);
}

/* One pass for each kind, so that memory does not depend on the size of the trace. */
static bool write_tables(const struct report *report, const struct totals *totals)
{
	const struct report_options *options = report->options;
	struct time_range span = trace_span(report->trace);
	struct timestamp_text first = timestamp_date(span.first_ns, options->selection.utc);
	struct timestamp_text last = timestamp_date(span.last_ns, options->selection.utc);
	uint32_t kind;

	for (size_t i = 0; (kind = tables_kind(i)) != 0; i++) {
		struct table table = {
			.out = report->out,
			.kind = kind,
			.utc = options->selection.utc,
			.dates = strncmp(first.text, last.text, strlen("2026-08-20")) != 0,
			.stacks = options->stacks,
		};
		struct visitor visitor = table_visitor(&table);

		if (totals->kinds[kind] == 0)
			continue;
		if (replay(report, &visitor, 1) == REPLAY_FAILED)
			return has_reason(report);
	}
	return true;
}

/* Hits of probes by task and stack; --events prints each hit. */
static bool write_probes(const struct report *report)
{
	struct probe_report *probes = probe_report_new(report->options->top);
	struct visitor visitor;
	bool ok;

	if (!probes)
		return false;
	visitor = probe_report_visitor(probes);
	ok = replay(report, &visitor, 1) != REPLAY_FAILED || has_reason(report);
	ok = ok && probe_report_write(probes, report->out);
	probe_report_free(probes);
	return ok;
}

static bool write_sections(const struct report *report)
{
	const struct section_report_style style = {
		.top = report->options->top,
		.stacks = !report->options->no_stacks,
	};
	struct section_report *sections;
	struct visitor visitors[2];
	bool ok;

	if (!section_report_new(&style, &sections))
		return false;
	section_report_visitors(sections, visitors);
	ok = replay(report, visitors, 2) != REPLAY_FAILED || has_reason(report);
	ok = ok && section_report_write(sections, report->out);
	section_report_free(sections);
	return ok;
}

static bool write_overview(const struct report *report, struct overview *overview)
{
	const struct answers_style style = {
		.top = report->options->top,
		.stacks = !report->options->no_stacks,
		.colour = report->options->colour,
	};
	const struct visitor visitors[] = {
		totals_visitor(&overview->totals),
		loss_visitor(&overview->loss),
		cost_visitor(&overview->cost),
		answers_visitor(overview->answers),
	};
	enum replay_status status =
		replay(report, visitors, sizeof(visitors) / sizeof(visitors[0]));

	if (!trace_collect_problems(report->trace))
		return false;
	/* These visitors stop only on allocation failure. */
	if (status == REPLAY_STOPPED ||
	    (status == REPLAY_FAILED && !trace_has_failed(report->trace)))
		return false;
	write_warnings(report, overview);
	if (!answers_write(overview->answers, &style, report->out))
		return false;
	write_summary(report, overview);
	if (status == REPLAY_FAILED)
		return true;
	if (overview->totals.kinds[DZ_KIND_SECTION] +
			    overview->totals.kinds[DZ_KIND_SECTION_HISTOGRAM] >
		    0 &&
	    !write_sections(report))
		return false;
	if (overview->totals.kinds[DZ_KIND_PROBE] > 0 && !write_probes(report))
		return false;
	return write_tables(report, &overview->totals);
}

static bool write_answers(const struct report *report)
{
	struct overview overview = {.loss = {.count = 0}};
	bool ok;

	if (!answers_new(&overview.answers))
		return false;
	ok = write_overview(report, &overview);
	answers_free(overview.answers);
	return ok;
}

static bool write_events(const struct report *report)
{
	struct timeline timeline = {
		.out = report->out,
		.utc = report->options->selection.utc,
		.stacks = report->options->stacks,
	};
	struct visitor visitor = timeline_visitor(&timeline);

	return replay(report, &visitor, 1) != REPLAY_FAILED || has_reason(report);
}

static bool write_json_lines(const struct report *report, struct json_report *json)
{
	struct totals totals = {0};
	const struct visitor visitors[] = {totals_visitor(&totals), json_report_visitor(json)};
	enum replay_status status = replay(report, visitors, 2);

	if (json->out_of_memory || !trace_collect_problems(report->trace))
		return false;
	if (status == REPLAY_STOPPED)
		return true;
	if (status == REPLAY_FAILED && !trace_has_failed(report->trace))
		return false;
	return json_report_summary(json, report->trace, &totals,
				   !trace_problem(report->trace, 0)) ||
	       !json->out_of_memory;
}

static bool write_json(const struct report *report)
{
	struct json_report json = json_report_new(report->out, !report->options->no_stacks);
	bool written = write_json_lines(report, &json);

	json_report_release(&json);
	return written;
}

static bool write_info(const struct report *report)
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
	if (replay(report, &visitor, 1) == REPLAY_FAILED ||
	    replay(report, visitors, 2) == REPLAY_FAILED)
		return has_reason(report);
	report_file_totals(report->trace, &totals, report->out);
	loss_write(&loss, report->options->selection.utc, report->out);
	return true;
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
		[REPORT_ANSWERS] = write_answers,     [REPORT_EVENTS] = write_events,
		[REPORT_JSON] = write_json,           [REPORT_INFO] = write_info,
		[REPORT_VERIFY] = write_verification,
	};

	if (!trace_collect_problems(report->trace))
		return false;
	/* A program that reads JSON expects the summary. */
	if (!trace_is_readable(report->trace) && report->options->mode != REPORT_JSON)
		return true;
	return writers[report->options->mode](report) && trace_collect_problems(report->trace);
}
