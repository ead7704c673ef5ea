/* analyze/command/extra_reports.c - --by, --diff, --rows and --perfetto of diag-report */
#include "analyze/command/extra_reports.h"

#include <stdlib.h>

#include "analyze/counts/counts_diff.h"
#include "analyze/counts/counts_report.h"
#include "analyze/perfetto/perfetto.h"
#include "analyze/program/program.h"
#include "analyze/replay/replay.h"
#include "base/array.h"
#include "text/quantity.h"

enum {
	OPTION_BY = 0x400,
	OPTION_DIFF,
	OPTION_ROWS,
	OPTION_PERFETTO,
};

static const struct argp_option options[] = {
	{"by", OPTION_BY, "KEYS", 0,
	 "Count exits by KEYS: host, boot, file, cgroup, container, comm, class, cause, sender, "
	 "uid, hour",
	 2},
	{"diff", OPTION_DIFF, "BEFORE", 0,
	 "Print what ends more or less often in FILE than in BEFORE", 2},
	{"rows", OPTION_ROWS, "TABLE", 0,
	 "Print rows for a database: exits, signals, ooms, sections, probes, runq, "
	 "runq_holders, cpu, offcpu, lost",
	 2},
	{"jobs", 'j', "COUNT", 0,
	 "With --rows and --output: read the files of COUNT boots at the same time (1)", 2},
	{"perfetto", OPTION_PERFETTO, "OUT", 0, "Write a trace for the viewer Perfetto to OUT", 2},
	{0},
};

static void set_mode(struct argp_state *state, enum extra_mode mode)
{
	struct extra_options *extra = state->input;

	if (extra->mode != EXTRA_NONE && extra->mode != mode)
		argp_error(state,
			   "--by, --diff, --rows, --perfetto: mutually exclusive: use one of them");
	extra->mode = mode;
}

static void add_before(struct argp_state *state, const char *path)
{
	struct extra_options *extra = state->input;
	const char **grown = array_grow(extra->before, &extra->before_capacity,
					extra->before_count + 1, sizeof(*grown), ARRAY_NO_LIMIT);

	if (!grown) {
		argp_failure(state, 1, 0, "out of memory");
		return;
	}
	extra->before = grown;
	grown[extra->before_count++] = path;
}

static void parse_jobs(const char *text, struct argp_state *state)
{
	struct extra_options *extra = state->input;
	uint64_t jobs;

	if (!quantity_parse_count(text, EXTRA_JOBS_MAX, &jobs) || jobs == 0)
		argp_error(state, "--jobs %s: not a number from 1 to %u", text, EXTRA_JOBS_MAX);
	extra->jobs = (size_t)jobs;
}

static error_t parse(int key, char *text, struct argp_state *state)
{
	struct extra_options *extra = state->input;

	switch (key) {
	case OPTION_BY:
		set_mode(state, EXTRA_BY);
		if (!counts_parse_keys(text, &extra->request))
			argp_error(state,
				   "--by %s: not a list of keys: use a form such as "
				   "host,comm,cause",
				   text);
		return 0;
	case OPTION_DIFF:
		set_mode(state, EXTRA_DIFF);
		add_before(state, text);
		return 0;
	case OPTION_ROWS:
		set_mode(state, EXTRA_ROWS);
		extra->table = rows_table_find(text);
		if (!extra->table)
			argp_error(state,
				   "--rows %s: not a table: use exits, signals, ooms, "
				   "sections, probes, runq, runq_holders, cpu, offcpu or lost",
				   text);
		return 0;
	case OPTION_PERFETTO:
		set_mode(state, EXTRA_PERFETTO);
		extra->perfetto = text;
		return 0;
	case 'j':
		parse_jobs(text, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp extra_argp = {.options = options, .parser = parse};

static bool open_all(const char *program, const struct extra_options *extra, struct trace *trace)
{
	for (size_t i = 0; i < extra->before_count; i++) {
		int fd = program_open_input(program, extra->before[i]);

		if (fd < 0)
			return false;
		if (!trace_add(trace, extra->before[i], fd)) {
			fprintf(stderr, "%s: out of memory\n", program);
			return false;
		}
	}
	return true;
}

bool extra_open(const char *program, const struct extra_options *extra, struct trace **ret_trace)
{
	struct trace *trace;

	*ret_trace = NULL;
	if (extra->mode != EXTRA_DIFF)
		return true;
	if (!trace_new(&trace)) {
		fprintf(stderr, "%s: out of memory\n", program);
		return false;
	}
	if (!open_all(program, extra, trace)) {
		trace_free(trace);
		return false;
	}
	*ret_trace = trace;
	return true;
}

static bool write_counts(const struct extra_report *report)
{
	struct counts_report counts = {
		.trace = report->trace,
		.selection = report->selection,
		.progress = report->progress,
		.request = report->options->request,
		.top = report->top,
		.json = report->json,
		.out = report->out,
	};

	counts.request.utc = report->selection->utc;
	return counts_report_write(&counts);
}

static bool write_difference(const struct extra_report *report, bool *ret_worse)
{
	const struct counts_diff diff = {
		.before = report->before,
		.after = report->trace,
		.selection = report->selection,
		.json = report->json,
		.out = report->out,
	};

	return counts_diff_write(&diff, ret_worse);
}

static bool write_rows(const struct extra_report *report)
{
	const struct replay replay = {.trace = report->trace,
				      .selection = report->selection,
				      .progress = report->progress};
	struct rows rows = rows_new(report->options->table, report->out);
	struct visitor visitor = rows_visitor(&rows);
	enum replay_status status = replay_run(&replay, &visitor, 1);
	bool ok = !rows.out_of_memory;

	if (status != REPLAY_STOPPED)
		ok = ok && (rows_finish(&rows) || !rows.out_of_memory);
	if (status == REPLAY_FAILED)
		ok = ok && trace_collect_problems(report->trace) && trace_has_failed(report->trace);
	rows_release(&rows);
	return ok;
}

static bool write_perfetto(const struct extra_report *report)
{
	const struct perfetto_request request = {
		.trace = report->trace,
		.selection = report->selection,
		.progress = report->progress,
		.out = report->out,
	};

	return perfetto_write(&request);
}

const char *extra_refuses(const struct extra_report *report)
{
	if (report->options->mode == EXTRA_PERFETTO && !perfetto_is_possible(report->trace))
		return "--perfetto: the files are of several boots: name those of one boot";
	return NULL;
}

bool extra_write(const struct extra_report *report, bool *ret_worse)
{
	bool ok;

	*ret_worse = false;
	if (!trace_collect_problems(report->trace) ||
	    (report->before && !trace_collect_problems(report->before)))
		return false;
	switch (report->options->mode) {
	case EXTRA_BY:
		ok = write_counts(report);
		break;
	case EXTRA_DIFF:
		ok = write_difference(report, ret_worse);
		break;
	case EXTRA_PERFETTO:
		ok = write_perfetto(report);
		break;
	case EXTRA_NONE:
	case EXTRA_ROWS:
	default:
		ok = write_rows(report);
	}
	return ok && trace_collect_problems(report->trace) &&
	       (!report->before || trace_collect_problems(report->before));
}

void extra_release(struct extra_options *extra)
{
	free(extra->before);
	extra->before = NULL;
}
