/* analyze/report/report_tables.c - the report as tables: all events of each kind */
#include "analyze/report/report_tables.h"

#include <signal.h>

#include "analyze/cause/task_text.h"
#include "analyze/replay/loss.h"
#include "analyze/report/cost.h"
#include "analyze/report/cpu_report.h"
#include "analyze/report/notices.h"
#include "analyze/report/probe_report.h"
#include "analyze/report/report_head.h"
#include "analyze/report/runq_report.h"
#include "analyze/report/tables.h"
#include "analyze/report/time_report.h"
#include "analyze/sections/section_report.h"
#include "text/quantity.h"

/* Results of the first pass over a trace. */
struct summary {
	struct totals totals;
	struct loss loss;
	struct cost cost;
};

/* "0 exits" is printed only if nothing else is: exits are not always recorded. */
static void write_summary(const struct report *report, const struct summary *summary)
{
	const struct totals *totals = &summary->totals;
	const uint64_t hits = totals->kinds[DZ_KIND_PROBE];
	const uint64_t sections = totals->kinds[DZ_KIND_SECTION];
	const uint64_t waits = totals->kinds[DZ_KIND_RUNQ];
	const uint64_t samples = totals->kinds[DZ_KIND_CPU];
	const uint64_t blocked = totals->kinds[DZ_KIND_OFFCPU];
	FILE *out = report->out;

	fputs("trace: ", out);
	if (totals->exits > 0 ||
	    (hits == 0 && sections == 0 && waits == 0 && samples == 0 && blocked == 0)) {
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
	if (waits > 0) {
		task_text_count(out, waits, "wait");
		fputs(" for a CPU, ", out);
	}
	if (samples > 0) {
		task_text_count(out, samples, "sample");
		fputs(" of CPUs, ", out);
	}
	if (blocked > 0) {
		task_text_count(out, blocked, "blocked time");
		fputs(", ", out);
	}
	task_text_count(out, totals->lost, "event");
	fputs(" lost", out);
	cost_write(&summary->cost, ", recorder used ", out);
	fputc('\n', out);
}

/* One pass for each kind, so that memory does not depend on the size of the trace. */
static bool write_rows(const struct report *report, const struct totals *totals)
{
	const struct report_options *options = report->options;
	uint32_t kind;

	for (size_t i = 0; (kind = tables_kind(i)) != 0; i++) {
		struct table table = {
			.out = report->out,
			.kind = kind,
			.utc = options->selection.utc,
			.dates = report_head_has_dates(report->trace, options->selection.utc),
			.stacks = options->stacks,
			.no_child_signals = options->selection.signals == 0,
		};
		struct visitor visitor = table_visitor(&table);

		if (totals->kinds[kind] == 0)
			continue;
		if (report_replay(report, &visitor, 1) == REPLAY_FAILED)
			return report_has_reason(report);
		table_end(&table);
	}
	return true;
}

bool report_tables_write_probes(const struct report *report, const struct totals *totals,
				bool brief)
{
	struct probe_report *probes;
	struct visitor visitor;
	bool ok;

	if (totals->kinds[DZ_KIND_PROBE] == 0)
		return true;
	probes = probe_report_new(report->options->top);
	if (!probes)
		return false;
	visitor = probe_report_visitor(probes);
	ok = report_replay(report, &visitor, 1) != REPLAY_FAILED || report_has_reason(report);
	if (ok)
		ok = brief ? probe_report_write_brief(probes, &report->options->layout, report->out)
			   : probe_report_write(probes, report->out);
	probe_report_free(probes);
	return ok;
}

bool report_tables_write_runq(const struct report *report, const struct totals *totals, bool brief)
{
	const struct report_options *options = report->options;
	struct runq_report *waits;
	struct visitor visitor;
	bool ok;

	if (totals->kinds[DZ_KIND_RUNQ] == 0)
		return true;
	waits = runq_report_new(options->top, options->selection.utc);
	if (!waits)
		return false;
	visitor = runq_report_visitor(waits);
	ok = report_replay(report, &visitor, 1) != REPLAY_FAILED || report_has_reason(report);
	if (ok)
		ok = brief ? runq_report_write_brief(waits, &options->layout, report->out)
			   : runq_report_write(waits, report->out);
	runq_report_free(waits);
	return ok;
}

bool report_tables_write_cpu(const struct report *report, const struct totals *totals, bool brief)
{
	const struct report_options *options = report->options;
	struct cpu_report *samples;
	struct visitor visitor;
	bool ok;

	if (totals->kinds[DZ_KIND_CPU] == 0)
		return true;
	samples = cpu_report_new(options->top);
	if (!samples)
		return false;
	visitor = cpu_report_visitor(samples);
	ok = report_replay(report, &visitor, 1) != REPLAY_FAILED || report_has_reason(report);
	if (ok)
		ok = brief ? cpu_report_write_brief(samples, &options->layout, report->out)
			   : cpu_report_write(samples, report->out);
	cpu_report_free(samples);
	return ok;
}

bool report_tables_write_time(const struct report *report, const struct totals *totals)
{
	struct time_report *times;
	struct visitor visitor;
	bool ok;

	if (totals->kinds[DZ_KIND_OFFCPU] == 0)
		return true;
	times = time_report_new();
	if (!times)
		return false;
	visitor = time_report_visitor(times);
	ok = report_replay(report, &visitor, 1) != REPLAY_FAILED || report_has_reason(report);
	ok = ok && time_report_write(times, &report->options->layout,
				     report->options->selection.kinds, report->out);
	time_report_free(times);
	return ok;
}

bool report_tables_write_sections(const struct report *report, const struct totals *totals,
				  bool brief)
{
	const struct section_report_style style = {
		.top = report->options->top,
		.stacks = !report->options->no_stacks,
		.utc = report->options->selection.utc,
	};
	struct section_report *sections;
	struct visitor visitors[2];
	bool ok;

	if (totals->kinds[DZ_KIND_SECTION] + totals->kinds[DZ_KIND_SECTION_HISTOGRAM] == 0)
		return true;
	if (!section_report_new(&style, &sections))
		return false;
	section_report_visitors(sections, visitors);
	ok = report_replay(report, visitors, 2) != REPLAY_FAILED || report_has_reason(report);
	if (ok)
		ok = brief ? section_report_write_brief(sections, &report->options->layout,
							report->out)
			   : section_report_write(sections, report->out);
	section_report_free(sections);
	return ok;
}

static bool write_head(const struct report *report, const struct summary *summary)
{
	const struct report_options *options = report->options;
	const struct notices notices = {
		.trace = report->trace,
		.loss = &summary->loss,
		.layout = &options->layout,
		.utc = options->selection.utc,
		.verbose = options->verbose,
	};

	report_head_write(report->trace, options->selection.utc, report->out);
	fputc('\n', report->out);
	if (!notices_write(&notices, report->out))
		return false;
	write_summary(report, summary);
	return true;
}

bool report_tables_write(const struct report *report)
{
	struct summary summary = {.loss = {.count = 0}};
	const struct visitor visitors[] = {
		totals_visitor(&summary.totals),
		loss_visitor(&summary.loss),
		cost_visitor(&summary.cost),
	};
	enum replay_status status =
		report_replay(report, visitors, sizeof(visitors) / sizeof(visitors[0]));

	if (!trace_collect_problems(report->trace) ||
	    (status == REPLAY_FAILED && !trace_has_failed(report->trace)))
		return false;
	if (!write_head(report, &summary) || status == REPLAY_FAILED)
		return status == REPLAY_FAILED;
	return report_tables_write_sections(report, &summary.totals, false) &&
	       report_tables_write_probes(report, &summary.totals, false) &&
	       report_tables_write_runq(report, &summary.totals, false) &&
	       report_tables_write_cpu(report, &summary.totals, false) &&
	       report_tables_write_time(report, &summary.totals) &&
	       write_rows(report, &summary.totals);
}
