/* analyze/report/overview.c - the default report: what happened, on one screen */
#define _GNU_SOURCE
#include "analyze/report/overview.h"

#include <stdlib.h>
#include <string.h>

#include "analyze/cause/task_text.h"
#include "analyze/replay/loss.h"
#include "analyze/replay/totals.h"
#include "analyze/report/answers.h"
#include "analyze/report/notices.h"
#include "analyze/report/report_head.h"
#include "analyze/report/report_tables.h"
#include "text/quantity.h"
#include "text/text_stream.h"

/* Lines of a screen, and the characters of the line for the deaths that are not shown. */
#define LINES_MAX  60u
#define REST_CHARS 200u

/* Results of the pass over a trace. */
struct overview {
	struct totals totals;
	struct loss loss;
	struct answers *answers;
};

/* "5,001 exits: 1 crashed, 4,999 failed, 1 clean" */
static void write_exits(const struct overview *overview, FILE *out)
{
	const char *separator = ": ";

	task_text_count(out, overview->totals.exits, "exit");
	for (size_t i = 0; i < ANSWER_CLASSES; i++) {
		uint64_t count = answers_count(overview->answers, (enum answer_class)i);

		if (count == 0)
			continue;
		fprintf(out, "%s%s %s", separator, quantity_exact(count).text,
			answers_class_word((enum answer_class)i));
		separator = ", ";
	}
}

/* Writes the events that are counted; what is zero is not written. */
static void write_counts(const struct overview *overview, FILE *out)
{
	const uint64_t hits = overview->totals.kinds[DZ_KIND_PROBE];
	const uint64_t sections = overview->totals.kinds[DZ_KIND_SECTION];
	const char *separator = "";

	if (overview->totals.exits > 0 || (hits == 0 && sections == 0)) {
		write_exits(overview, out);
		separator = "; ";
	}
	if (hits > 0) {
		fputs(separator, out);
		task_text_count(out, hits, "hit");
		fputs(" of probes", out);
		separator = "; ";
	}
	if (sections > 0) {
		fputs(separator, out);
		task_text_count(out, sections, "section");
	}
	fputc('\n', out);
}

/* Writes all that is above the answers. */
static bool write_top(const struct report *report, const struct overview *overview, FILE *out)
{
	const struct report_options *options = report->options;
	const struct notices notices = {
		.trace = report->trace,
		.loss = &overview->loss,
		.layout = &options->layout,
		.utc = options->selection.utc,
		.verbose = options->verbose,
	};

	report_head_write(report->trace, options->selection.utc, out);
	fputc('\n', out);
	if (!notices_write(&notices, out))
		return false;
	write_counts(overview, out);
	return true;
}

/* Whether -e asks for events of a kind, and not for exits. */
static bool is_asked_for(const struct report *report, uint32_t kind)
{
	return (report->options->selection.kinds & VISITOR_KIND(kind)) != 0;
}

/* Writes all that is below the answers, except what -e asks for in full. */
static bool write_bottom(const struct report *report, const struct overview *overview, FILE *out)
{
	struct report below = *report;

	below.out = out;
	if (!is_asked_for(report, DZ_KIND_SECTION) &&
	    !report_tables_write_sections(&below, &overview->totals, true))
		return false;
	if (!is_asked_for(report, DZ_KIND_PROBE) &&
	    !report_tables_write_probes(&below, &overview->totals, true))
		return false;
	fputs("tables: --tables\n", out);
	return true;
}

/* Writes what -e asks for in full. */
static bool write_full(const struct report *report, const struct overview *overview)
{
	if (is_asked_for(report, DZ_KIND_SECTION) &&
	    !report_tables_write_sections(report, &overview->totals, false))
		return false;
	return !is_asked_for(report, DZ_KIND_PROBE) ||
	       report_tables_write_probes(report, &overview->totals, false);
}

/* A part of the screen. */
struct part {
	char *text; /* NULL: allocation failure */
	size_t lines;
};

static struct part make_part(const struct report *report, const struct overview *overview,
			     bool (*write)(const struct report *report,
					   const struct overview *overview, FILE *out))
{
	struct part part = {NULL, 0};
	struct text_stream stream;
	bool ok = text_stream_open(&stream) && write(report, overview, stream.out);

	part.text = text_stream_close(&stream);
	if (!ok) {
		free(part.text);
		part.text = NULL;
	}
	for (const char *at = part.text; at && *at; at++)
		part.lines += *at == '\n';
	return part;
}

/* Returns the lines that are left for answers; 0: no limit. */
static size_t lines_for_answers(const struct report_options *options, size_t others)
{
	others += 1 + REST_CHARS / options->layout.width;
	if (options->top_given || options->verbose || options->stacks)
		return 0;
	return others < LINES_MAX ? LINES_MAX - others : 1;
}

static bool write_screen(const struct report *report, struct overview *overview)
{
	struct part top = make_part(report, overview, write_top);
	struct part bottom = make_part(report, overview, write_bottom);
	bool ok = top.text && bottom.text;

	if (ok) {
		fputs(top.text, report->out);
		ok = answers_write(overview->answers,
				   lines_for_answers(report->options, top.lines + bottom.lines),
				   report->out);
		ok = ok && write_full(report, overview);
		fputs(bottom.text, report->out);
	}
	free(top.text);
	free(bottom.text);
	return ok;
}

static bool replay_and_write(const struct report *report, struct overview *overview)
{
	const struct visitor visitors[] = {
		totals_visitor(&overview->totals),
		loss_visitor(&overview->loss),
		answers_visitor(overview->answers),
	};
	enum replay_status status =
		report_replay(report, visitors, sizeof(visitors) / sizeof(visitors[0]));

	if (!trace_collect_problems(report->trace))
		return false;
	/* These visitors stop only on allocation failure. */
	if (status == REPLAY_STOPPED ||
	    (status == REPLAY_FAILED && !trace_has_failed(report->trace)))
		return false;
	return write_screen(report, overview);
}

bool overview_write(const struct report *report)
{
	const struct report_options *options = report->options;
	const struct answers_style style = {
		.layout = options->layout,
		.top = options->top,
		.stacks = !options->no_stacks,
		.whole = options->stacks,
		.verbose = options->verbose,
		.utc = options->selection.utc,
		.dates = report_head_has_dates(report->trace, options->selection.utc),
		.hosts = report_head_hosts(report->trace) > 1,
	};
	struct overview overview = {.loss = {.count = 0}};
	bool ok;

	overview.answers = answers_new(&style);
	if (!overview.answers)
		return false;
	ok = replay_and_write(report, &overview);
	answers_free(overview.answers);
	return ok;
}
