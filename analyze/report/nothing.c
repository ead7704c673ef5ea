/* analyze/report/nothing.c - the reason why a report has no events, and advice */
#include "analyze/report/nothing.h"

#include <stdlib.h>
#include <string.h>

#include "analyze/cause/task_text.h"
#include "analyze/replay/totals.h"
#include "text/quantity.h"
#include "text/text_stream.h"

/* Names that are compared, and those that are written. */
#define NAMES_MAX   256u
#define NAMES_SHOWN 4u

#define NAME_BYTES 64u

#define LABEL_COLUMN 6u
#define TEXT_COLUMN  15u

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Keys of info records about filters of the recorder. */
static const struct {
	const char *key;
	const char *option;
	const char *advice; /* NULL: none */
} filters[] = {
	{"filter.comm", "--comm",
	 "the name as the kernel has it, 15 bytes at most:  ps -o comm= -p PID"},
	{"filter.sender_comm", "--sender-comm",
	 "the name as the kernel has it, 15 bytes at most:  ps -o comm= -p PID"},
	{"filter.tgid", "--tgid", "the number as the host has it:  pgrep NAME"},
	{"filter.tid", "--tid", "the number as the host has it:  ps -L -p PID"},
	{"filter.uid", "--uid", "the number as the host has it:  id -u NAME"},
	{"filter.cgroup", "--cgroup", "the path below /sys/fs/cgroup:  cat /proc/PID/cgroup"},
	{"filter.signals", "--signals", NULL},
	{"filter.failed", "--failed", NULL},
};

/* Exits by name. */
struct names {
	char texts[NAMES_MAX][NAME_BYTES];
	uint64_t counts[NAMES_MAX];
	size_t count;
	uint64_t exits;
	uint64_t events; /* of all kinds, but not the parts of others */
};

static bool count_name(void *context, const struct visitor_event *event)
{
	struct names *names = context;
	const struct dz_exit *row = event->event->row;
	char text[NAME_BYTES];
	struct trace_text comm;
	size_t size;

	if (!row || row->thread)
		return true;
	names->exits++;
	if (!event->task)
		return true;
	comm = trace_text(event->file, trace_process_comm(event->task));
	size = comm.size < NAME_BYTES ? comm.size : NAME_BYTES - 1;
	memcpy(text, comm.bytes, size);
	text[size] = '\0';
	for (size_t i = 0; i < names->count; i++)
		if (strcmp(names->texts[i], text) == 0) {
			names->counts[i]++;
			return true;
		}
	if (names->count == NAMES_MAX)
		return true;
	memcpy(names->texts[names->count], text, size + 1);
	names->counts[names->count++] = 1;
	return true;
}

/* Returns the name that occurs most often and has not been taken; SIZE_MAX: none. */
static size_t take_most(struct names *names)
{
	size_t most = SIZE_MAX;

	for (size_t i = 0; i < names->count; i++)
		if (names->counts[i] > 0 &&
		    (most == SIZE_MAX || names->counts[i] > names->counts[most]))
			most = i;
	return most;
}

static void write_names(struct names *names, FILE *out)
{
	const char *separator = "; most frequent names: ";
	size_t place;

	for (size_t i = 0; i < NAMES_SHOWN && (place = take_most(names)) != SIZE_MAX; i++) {
		fputs(separator, out);
		task_text_text(
			out, (struct trace_text){names->texts[place], strlen(names->texts[place])});
		fprintf(out, " (%s)", quantity_exact(names->counts[place]).text);
		names->counts[place] = 0;
		separator = ", ";
	}
}

/* Returns false on allocation failure. */
static bool count_all(const struct report *report, struct names *names)
{
	const struct selection all = {.utc = report->options->selection.utc};
	const struct replay replay = {.trace = report->trace, .selection = &all};
	struct totals totals = {0};
	const struct visitor visitors[] = {{names, VISITOR_KIND(DZ_KIND_EXIT), count_name},
					   totals_visitor(&totals)};

	if (replay_run(&replay, visitors, COUNT(visitors)) == REPLAY_FAILED &&
	    !report_has_reason(report))
		return false;
	names->events = totals.others;
	for (size_t i = DZ_KIND_FIRST_EVENT; i < COUNT(totals.kinds); i++)
		if (i != DZ_KIND_RUNQ_HOLDER && i != DZ_KIND_STEP && i != DZ_KIND_PHASE)
			names->events += totals.kinds[i];
	return true;
}

static void write_line(const char *label, FILE *out)
{
	fprintf(out, "%*s%-*s", (int)LABEL_COLUMN, "", (int)(TEXT_COLUMN - LABEL_COLUMN), label);
}

/* Returns a count in an info record; 0 if the file does not hold it. */
static uint64_t read_count(const struct trace_file *file, const char *key)
{
	const struct dz_bytes value = dz_reader_info(file->reader, key);
	char digits[24];
	uint64_t count;

	if (value.size == 0 || value.size >= sizeof(digits))
		return 0;
	memcpy(digits, value.data, value.size);
	digits[value.size] = '\0';
	return quantity_parse_count(digits, UINT64_MAX, &count) ? count : 0;
}

/* ": 371 events of others were skipped" */
static void write_skipped(const struct trace_file *file, FILE *out)
{
	uint64_t skipped =
		read_count(file, "filter.skipped.exit") + read_count(file, "filter.skipped.signal");

	if (skipped == 0)
		return;
	fputs(": ", out);
	task_text_count(out, skipped, "event");
	fprintf(out, " of others %s skipped", skipped == 1 ? "was" : "were");
}

static void write_filters(const struct report *report, FILE *out)
{
	const struct trace_file *file = trace_file(report->trace, 0);
	const char *advice = NULL;
	bool is_filtered = false;

	for (size_t i = 0; file && file->reader && i < COUNT(filters); i++) {
		const struct dz_bytes value = dz_reader_info(file->reader, filters[i].key);

		if (value.size == 0)
			continue;
		write_line(is_filtered ? "" : "filter", out);
		fputs(filters[i].option, out);
		if (strcmp(filters[i].key, "filter.failed") != 0) {
			fputc(' ', out);
			task_text_text(out,
				       (struct trace_text){(const char *)value.data, value.size});
		}
		if (!is_filtered)
			write_skipped(file, out);
		fputc('\n', out);
		is_filtered = true;
		advice = advice ? advice : filters[i].advice;
	}
	if (!advice)
		advice = is_filtered
				 ? "a recording without filters"
				 : "a recording that begins before the problem and lasts longer";
	write_line("try", out);
	fprintf(out, "%s\n", advice);
}

static bool write_selection(const struct report *report, const struct names *names, FILE *out)
{
	char *options = selection_describe(&report->options->selection);

	if (!options)
		return false;
	fputs("none of ", out);
	if (names->exits > 0)
		task_text_count(out, names->exits, "exit");
	else
		task_text_count(out, names->events, "event");
	fputs(" passes ", out);
	task_text_text(out, (struct trace_text){options, strlen(options)});
	free(options);
	return true;
}

/* Returns false on allocation failure. */
static bool write_no_match(const struct report *report, struct names *names, FILE *out)
{
	struct text_stream stream;
	bool ok = text_stream_open(&stream) && write_selection(report, names, stream.out);
	char *text;

	if (ok)
		write_names(names, stream.out);
	text = text_stream_close(&stream);
	ok = ok && text;
	if (ok)
		layout_paragraph(&report->options->layout, out, 0, LABEL_COLUMN, text);
	free(text);
	return ok;
}

/* Names what -e of the recorder asked for, unless it was exits and signals. */
static void write_nothing(const struct report *report, FILE *out)
{
	static const char usual[] = "exit,signal";
	const struct trace_file *file = trace_file(report->trace, 0);
	struct dz_bytes events = {0};

	if (file && file->reader)
		events = dz_reader_info(file->reader, "recorder.events");
	if (events.size == 0 ||
	    (events.size == strlen(usual) && memcmp(events.data, usual, events.size) == 0)) {
		fputs("nothing recorded: 0 exits, 0 signals\n", out);
		return;
	}
	fputs("nothing recorded by -e ", out);
	task_text_text(out, (struct trace_text){(const char *)events.data, events.size});
	fputc('\n', out);
}

bool nothing_write(const struct report *report, FILE *out)
{
	struct names *names = calloc(1, sizeof(*names));
	bool ok = names && count_all(report, names);

	if (ok && names->events > 0) {
		ok = write_no_match(report, names, out);
	} else if (ok && trace_problem(report->trace, 0)) {
		fputs("no event in the part that can be read\n", out);
	} else if (ok) {
		write_nothing(report, out);
		write_filters(report, out);
	}
	free(names);
	return ok;
}
