/* analyze/report/overview.c - the default report: what happened, on one screen */
#define _GNU_SOURCE
#include "analyze/report/overview.h"

#include <inttypes.h>
#include <stdlib.h>

#include "abi/signal.h"
#include "analyze/cause/task_text.h"
#include "analyze/replay/loss.h"
#include "analyze/replay/totals.h"
#include "analyze/report/answers.h"
#include "analyze/report/nothing.h"
#include "analyze/report/notices.h"
#include "analyze/report/process_tree.h"
#include "analyze/report/process_tree_text.h"
#include "analyze/report/quiet_signals.h"
#include "analyze/report/recorded_command.h"
#include "analyze/report/report_head.h"
#include "analyze/report/report_tables.h"
#include "text/quantity.h"
#include "text/text_stream.h"

/* Lines of a screen, and the characters of the line for the deaths that are not shown. */
#define LINES_MAX  60u
#define REST_CHARS 200u

/* Kinds of signals that -e signal shows. */
#define SIGNALS_SHOWN 40u

/* Lines of a tree, above the answers. */
#define TREE_LINES 30u

/* Results of the pass over a trace. */
struct overview {
	struct totals totals;
	struct loss loss;
	struct answers *answers;
	struct quiet_signals *signals;
	struct process_tree *tree;        /* NULL: not wanted */
	const struct trace_file *command; /* with the COMMAND; NULL: there is none */
};

/* "5,001 exits: 1 crashed, 4,999 failed, 1 clean" */
static void write_exits(const struct overview *overview, FILE *out)
{
	const char *separator = ": ";

	task_text_count(out, overview->totals.exits, "exit");
	for (size_t i = 0; i < CAUSE_CLASSES; i++) {
		uint64_t count = answers_count(overview->answers, (enum cause_class)i);

		if (count == 0)
			continue;
		fprintf(out, "%s%s %s", separator, quantity_exact(count).text,
			answers_class_word((enum cause_class)i));
		separator = ", ";
	}
}

/* What is counted beside exits. Signals are, where no process has ended. */
static const struct counted_kind {
	enum dz_kind kind;
	const char *noun;
	const char *rest;
} counted_kinds[] = {
	{DZ_KIND_SIGNAL, "signal", ""},      {DZ_KIND_PROBE, "hit", " of probes"},
	{DZ_KIND_SECTION, "section", ""},    {DZ_KIND_RUNQ, "wait", " for a CPU"},
	{DZ_KIND_CPU, "sample", " of CPUs"}, {DZ_KIND_OFFCPU, "blocked time", ""},
};

#define COUNTED_KINDS (sizeof(counted_kinds) / sizeof(counted_kinds[0]))

/* Writes the events that are counted; what is zero is not written. */
static void write_counts(const struct overview *overview, FILE *out)
{
	const uint64_t exits = overview->totals.exits;
	const char *separator = "";
	bool has_others = false;

	for (size_t i = 0; i < COUNTED_KINDS; i++)
		has_others |= overview->totals.kinds[counted_kinds[i].kind] > 0;
	if (exits > 0 || !has_others) {
		write_exits(overview, out);
		separator = "; ";
	}
	for (size_t i = 0; i < COUNTED_KINDS; i++) {
		const struct counted_kind *counted = &counted_kinds[i];
		const uint64_t count = overview->totals.kinds[counted->kind];

		if (count == 0 || (counted->kind == DZ_KIND_SIGNAL && exits > 0))
			continue;
		fputs(separator, out);
		task_text_count(out, count, counted->noun);
		fputs(counted->rest, out);
		separator = "; ";
	}
	fputc('\n', out);
}

/* Returns the COMMAND of the recording, if its end is in the trace; else NULL. */
static const struct process_node *find_command(const struct overview *overview)
{
	if (!overview->tree || process_tree_root(overview->tree) == PROCESS_TREE_NONE)
		return NULL;
	return process_tree_node(overview->tree, process_tree_root(overview->tree));
}

static bool has_no_events(const struct overview *overview)
{
	uint64_t events = overview->totals.others;

	for (size_t i = DZ_KIND_FIRST_EVENT; i < 64; i++)
		events += overview->totals.kinds[i];
	return events == 0;
}

/* "make -j2  exit code 2 after 470 ms  2026-11-29 15:03:51.664 UTC" */
static void write_command_head(const struct report *report, const struct overview *overview,
			       const struct process_node *command, FILE *out)
{
	const struct trace_text words = recorded_command_words(overview->command);
	bool utc = report->options->selection.utc;
	uint64_t length_ns = command->end_ns - command->start_ns;
	uint64_t start_ns = command->end_unix_ns - length_ns;

	if (words.size > 0)
		task_text_text(out, words);
	else
		fputs(command->name, out);
	if (command->signal != 0)
		fprintf(out, "  %s", signal_name(command->signal).text);
	else
		fprintf(out, "  exit code %" PRIu32, command->exit_code);
	fprintf(out, " after %s", quantity_of_length(length_ns).text);
	fprintf(out, "  %.10s %s", timestamp_date(start_ns, utc).text,
		timestamp_clock(start_ns, utc).text);
	fprintf(out, " %s\n", timestamp_zone(start_ns, utc).text);
}

/* Writes all that is above the answers. */
static bool write_top(const struct report *report, const struct overview *overview, FILE *out)
{
	const struct report_options *options = report->options;
	const struct process_node *command = find_command(overview);
	const struct notices notices = {
		.trace = report->trace,
		.loss = &overview->loss,
		.layout = &options->layout,
		.utc = options->selection.utc,
		.verbose = options->verbose,
	};

	if (command) {
		write_command_head(report, overview, command, out);
	} else {
		report_head_write(report->trace, options->selection.utc, out);
		fputc('\n', out);
	}
	if (!notices_write(&notices, out))
		return false;
	if (has_no_events(overview))
		return nothing_write(report, out);
	write_counts(overview, out);
	return true;
}

/* Writes the tree and a line before it. */
static bool write_tree(const struct report *report, const struct overview *overview, FILE *out)
{
	const struct report_options *options = report->options;
	const bool is_limited = !options->top_given && !options->verbose;
	const struct process_tree_style style = {
		.layout = &options->layout,
		.lines = is_limited ? TREE_LINES : 0,
		.utc = options->selection.utc,
		.whole = options->tree,
	};

	if (!overview->tree || (!find_command(overview) && !options->tree))
		return true;
	if (!process_tree_is_complete(overview->tree)) {
		fputs("more processes than fit in a tree\n", out);
		return true;
	}
	fputc('\n', out);
	if (!process_tree_write(overview->tree, &style, out))
		return false;
	if (!options->tree)
		fputc('\n', out);
	return true;
}

/* Whether the tree shows the exits with a code, so that the answers leave them out. */
static bool shows_tree(const struct overview *overview)
{
	return find_command(overview) && process_tree_is_complete(overview->tree);
}

/* Whether -e asks for events of a kind, and not for exits. */
static bool is_asked_for(const struct report *report, uint32_t kind)
{
	return (report->options->selection.kinds & VISITOR_KIND(kind)) != 0;
}

/* "signals that killed no process: 14 of 3 kinds (-e signal)      tables: --tables" */
static void write_hint(const struct report *report, const struct overview *overview, FILE *out)
{
	if (!is_asked_for(report, DZ_KIND_SIGNAL) &&
	    quiet_signals_write_line(overview->signals, out))
		fputs("      ", out);
	if (!has_no_events(overview))
		fputs("tables: --tables\n", out);
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
	if (!is_asked_for(report, DZ_KIND_RUNQ) &&
	    !report_tables_write_runq(&below, &overview->totals, true))
		return false;
	if (!is_asked_for(report, DZ_KIND_CPU) &&
	    !report_tables_write_cpu(&below, &overview->totals, true))
		return false;
	if (!report_tables_write_time(&below, &overview->totals))
		return false;
	write_hint(report, overview, out);
	return true;
}

/* Writes what -e asks for in full. */
static bool write_full(const struct report *report, const struct overview *overview)
{
	const struct quiet_signals_style style = {
		.layout = &report->options->layout,
		.top = report->options->top_given ? report->options->top : SIGNALS_SHOWN,
		.utc = report->options->selection.utc,
	};

	if (is_asked_for(report, DZ_KIND_SIGNAL) &&
	    !quiet_signals_write(overview->signals, &style, report->out))
		return false;
	if (is_asked_for(report, DZ_KIND_SECTION) &&
	    !report_tables_write_sections(report, &overview->totals, false))
		return false;
	if (is_asked_for(report, DZ_KIND_PROBE) &&
	    !report_tables_write_probes(report, &overview->totals, false))
		return false;
	if (is_asked_for(report, DZ_KIND_RUNQ) &&
	    !report_tables_write_runq(report, &overview->totals, false))
		return false;
	return !is_asked_for(report, DZ_KIND_CPU) ||
	       report_tables_write_cpu(report, &overview->totals, false);
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
	if (options->top_given || options->verbose || options->stacks)
		return 0;
	others += 1 + REST_CHARS / options->layout.width;
	return others < LINES_MAX ? LINES_MAX - others : 1;
}

static bool write_answers(const struct report *report, const struct overview *overview,
			  size_t other_lines)
{
	const struct answers_part part = {
		.lines = lines_for_answers(report->options, other_lines),
		.no_failed = shows_tree(overview),
	};

	return report->options->tree || answers_write(overview->answers, &part, report->out);
}

static bool write_screen(const struct report *report, struct overview *overview)
{
	struct part top = make_part(report, overview, write_top);
	struct part tree = make_part(report, overview, write_tree);
	struct part bottom = make_part(report, overview, write_bottom);
	bool ok = top.text && tree.text && bottom.text;

	if (ok) {
		fputs(top.text, report->out);
		fputs(tree.text, report->out);
		ok = write_answers(report, overview, top.lines + tree.lines + bottom.lines) &&
		     write_full(report, overview);
		fputs(bottom.text, report->out);
	}
	free(top.text);
	free(tree.text);
	free(bottom.text);
	return ok;
}

/* A tree of some processes only would name the wrong failure. */
static bool selects_processes(const struct selection *selection)
{
	return selection->tgids.count + selection->tids.count + selection->uids.count +
			       selection->cpus.count + selection->comms.count +
			       selection->cgroups.count >
		       0 ||
	       selection->signals != 0 || selection->failed || selection->since_text ||
	       selection->until_text;
}

static bool make_tree(const struct report *report, struct overview *overview)
{
	overview->command = recorded_command_file(report->trace);
	if (!report->options->tree &&
	    (!overview->command || selects_processes(&report->options->selection)))
		return true;
	overview->tree = process_tree_new();
	return overview->tree != NULL;
}

static bool link_tree(struct overview *overview)
{
	if (!overview->tree)
		return true;
	return process_tree_link(overview->tree,
				 overview->command ? PROCESS_TREE_COMMAND : PROCESS_TREE_FOREST,
				 overview->command ? recorded_command_pid(overview->command) : 0);
}

static bool replay_and_write(const struct report *report, struct overview *overview)
{
	const struct visitor visitors[] = {
		totals_visitor(&overview->totals),
		loss_visitor(&overview->loss),
		answers_visitor(overview->answers),
		quiet_signals_visitor(overview->signals),
		overview->tree ? process_tree_visitor(overview->tree) : (struct visitor){0},
	};
	enum replay_status status = report_replay(report, visitors, overview->tree ? 5 : 4);

	if (!trace_collect_problems(report->trace))
		return false;
	/* These visitors stop only on allocation failure. */
	if (status == REPLAY_STOPPED ||
	    (status == REPLAY_FAILED && !trace_has_failed(report->trace)))
		return false;
	return link_tree(overview) && write_screen(report, overview);
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
	overview.signals = quiet_signals_new(options->selection.signals != 0);
	ok = overview.answers && overview.signals && make_tree(report, &overview) &&
	     replay_and_write(report, &overview);
	process_tree_free(overview.tree);
	quiet_signals_free(overview.signals);
	answers_free(overview.answers);
	return ok;
}
