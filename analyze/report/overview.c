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

/* Lines of a screen, and those of it that are kept for the lines below the answers. */
#define LINES_MAX   60u
#define LINES_BELOW 6u

/* Results of the pass over a trace. */
struct overview {
	struct totals totals;
	struct loss loss;
	struct answers *answers;
};

static size_t count_lines(const char *text, size_t size)
{
	size_t lines = 0;

	for (size_t i = 0; i < size; i++)
		lines += text[i] == '\n';
	return lines;
}

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

/* Writes the top and returns its lines; 0 on allocation failure. */
static size_t write_top_lines(const struct report *report, const struct overview *overview)
{
	char *text = NULL;
	size_t size = 0;
	size_t lines = 0;
	FILE *out = open_memstream(&text, &size);
	bool ok;

	if (!out)
		return 0;
	ok = write_top(report, overview, out);
	if (fclose(out) == 0 && ok && text) {
		fputs(text, report->out);
		lines = count_lines(text, size);
	}
	free(text);
	return lines;
}

/* Whether -e asks for events of a kind, and not for exits. */
static bool is_asked_for(const struct report *report, uint32_t kind)
{
	return (report->options->selection.kinds & VISITOR_KIND(kind)) != 0;
}

static bool write_hint(const struct report *report)
{
	fputs("tables: --tables\n", report->out);
	return true;
}

static bool write_screen(const struct report *report, struct overview *overview)
{
	const struct report_options *options = report->options;
	size_t lines = write_top_lines(report, overview);

	if (lines == 0)
		return false;
	lines = lines + LINES_BELOW < LINES_MAX ? LINES_MAX - LINES_BELOW - lines : 1;
	if (options->top_given || options->verbose || options->stacks)
		lines = 0;
	return answers_write(overview->answers, lines, report->out) &&
	       report_tables_write_sections(report, &overview->totals,
					    !is_asked_for(report, DZ_KIND_SECTION)) &&
	       report_tables_write_probes(report, &overview->totals,
					  !is_asked_for(report, DZ_KIND_PROBE)) &&
	       write_hint(report);
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
