/* analyze/report/file_summary.c - a recording in a few lines: when, of what, and at which cost */
#include "analyze/report/file_summary.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/cause/task_text.h"
#include "analyze/report/report_file.h"
#include "analyze/report/report_head.h"
#include "base/array.h"
#include "text/quantity.h"
#include "text/text_stream.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Columns of a label. */
#define LABEL 10u

#define FILTER     "filter."
#define SKIPPED    "filter.skipped."
#define UNATTACHED "attach.failed."

#define EVENTS_MIN 1000u /* for the cost of one */

struct file_fact {
	const struct trace_file *file;
	size_t order;
	uint64_t time_ns;
	char *key; /* NULL: only the time */
	char *value;
	bool is_start; /* the recorder had started; otherwise, without a key, its end */
};

/* What the lines of one file are made of. */
struct summary {
	const struct report *report;
	const struct trace_file *file;
	const struct file_fact *facts;
	size_t count;
};

static bool starts_with(struct trace_text text, const char *prefix)
{
	return text.size > strlen(prefix) && memcmp(text.bytes, prefix, strlen(prefix)) == 0;
}

static bool add_fact(struct file_facts *facts, const struct visitor_event *event, bool has_text)
{
	const struct dz_info *row = event->event->row;
	struct trace_text key = trace_text(event->file, row->key);
	struct file_fact fact = {
		.file = event->file,
		.order = facts->count,
		.time_ns = row->time,
		.is_start = starts_with(key, "recorder.start_"),
	};
	struct trace_text value = trace_text(event->file, row->value);
	struct file_fact *grown = array_grow(facts->facts, &facts->capacity, facts->count + 1,
					     sizeof(*grown), ARRAY_NO_LIMIT);

	if (!grown)
		return false;
	facts->facts = grown;
	if (has_text) {
		fact.key = strndup(key.bytes, key.size);
		fact.value = strndup(value.bytes ? value.bytes : "", value.size);
	}
	grown[facts->count++] = fact;
	return !has_text || (fact.key && fact.value);
}

/* A recording starts and ends with the costs of the recorder. */
static bool take(void *context, const struct visitor_event *event)
{
	const struct dz_info *row = event->event->row;
	struct trace_text key;
	bool has_text;

	if (!row)
		return true;
	key = trace_text(event->file, row->key);
	has_text = (starts_with(key, FILTER) && !starts_with(key, SKIPPED)) ||
		   starts_with(key, UNATTACHED);
	if (!has_text && !starts_with(key, "recorder.start_") && !starts_with(key, "recorder.cpu_"))
		return true;
	return add_fact(context, event, has_text);
}

struct visitor file_facts_visitor(struct file_facts *facts)
{
	return (struct visitor){
		.context = facts, .kinds = VISITOR_KIND(DZ_KIND_INFO), .visit = take};
}

void file_facts_free(struct file_facts *facts)
{
	for (size_t i = 0; i < facts->count; i++) {
		free(facts->facts[i].key);
		free(facts->facts[i].value);
	}
	free(facts->facts);
}

static int compare_files(const struct trace_file *a, const struct trace_file *b)
{
	return ((uintptr_t)a > (uintptr_t)b) - ((uintptr_t)a < (uintptr_t)b);
}

static int compare_facts(const void *one, const void *two)
{
	const struct file_fact *a = one, *b = two;
	int order = compare_files(a->file, b->file);

	return order ? order : (a->order > b->order) - (a->order < b->order);
}

/* Sets the facts of a file in the sorted ones. */
static void find_facts(const struct file_facts *facts, struct summary *summary)
{
	size_t low = 0, high = facts->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_files(facts->facts[middle].file, summary->file) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	summary->facts = facts->count > 0 ? facts->facts + low : NULL;
	for (high = low; high < facts->count && facts->facts[high].file == summary->file; high++)
		summary->count = high - low + 1;
}

static struct trace_text text_of(const struct summary *summary, const char *key)
{
	struct dz_bytes value = dz_reader_info(summary->file->reader, key);

	return (struct trace_text){value.data ? (const char *)value.data : "", value.size};
}

/* Returns 0 if the file does not hold the number. */
static uint64_t number_of(const struct summary *summary, const char *key)
{
	struct trace_text value = text_of(summary, key);
	char digits[24];
	uint64_t number;

	if (value.size == 0 || value.size >= sizeof(digits))
		return 0;
	memcpy(digits, value.bytes, value.size);
	digits[value.size] = '\0';
	return quantity_parse_count(digits, UINT64_MAX, &number) ? number : 0;
}

/* Returns from the start to the end of the recording, or to the last event of a file without an
 * end, in CLOCK_BOOTTIME. */
static struct time_range span_of(const struct summary *summary)
{
	struct time_range span = {.first_ns = dz_reader_header(summary->file->reader)->boottime_ns};
	uint64_t first;

	dz_reader_span(summary->file->reader, &first, &span.last_ns);
	for (size_t i = 0; i < summary->count; i++)
		if (!summary->facts[i].key && summary->facts[i].time_ns > span.last_ns)
			span.last_ns = summary->facts[i].time_ns;
	if (span.last_ns < span.first_ns)
		span.last_ns = span.first_ns;
	return span;
}

static void write_host(const struct summary *summary, FILE *out)
{
	const struct dz_file_header *header = dz_reader_header(summary->file->reader);
	struct trace_text host = text_of(summary, "host.name");
	struct trace_text kernel = text_of(summary, "host.kernel");
	const char *end = memchr(kernel.bytes, ' ', kernel.size);

	if (end)
		kernel.size = (size_t)(end - kernel.bytes);
	if (host.size > 0) {
		task_text_text(out, host);
		fputs(", ", out);
	}
	fprintf(out, "%s, %" PRIu32 " CPUs, ", report_file_machine(header->arch),
		header->cpu_count);
	if (kernel.size > 0) {
		fputs("Linux ", out);
		task_text_text(out, kernel);
		fputs(", ", out);
	}
	fputs("boot ", out);
	for (size_t i = 0; i < 4; i++)
		fprintf(out, "%02x", header->boot_id[i]);
}

static void write_recorded(const struct summary *summary, FILE *out)
{
	const struct trace_file *file = summary->file;
	struct time_range span = span_of(summary);
	struct trace_text version = text_of(summary, "recorder.version");

	span.first_ns = dz_reader_realtime_ns(file->reader, span.first_ns);
	span.last_ns = dz_reader_realtime_ns(file->reader, span.last_ns);
	report_head_write_span(&span, summary->report->options->selection.utc, out);
	if (version.size == 0)
		return;
	fputs(" by diag-record ", out);
	task_text_text(out, version);
}

static void write_command(const struct summary *summary, FILE *out)
{
	if (!summary->report->options->no_command)
		task_text_text(out, text_of(summary, "recorder.command"));
}

static void write_events(const struct summary *summary, FILE *out)
{
	size_t kind_count, block_count;
	const struct dz_kind_schema *kinds = dz_schema_kinds(&kind_count);
	const struct dz_block_info *blocks = dz_reader_blocks(summary->file->reader, &block_count);
	const char *separator = "";

	for (size_t i = 0; i < kind_count; i++) {
		uint64_t records = 0;

		for (size_t at = 0; at < block_count; at++)
			records += blocks[at].kind == kinds[i].kind ? blocks[at].records : 0;
		if (records == 0 || kinds[i].kind < DZ_KIND_FIRST_EVENT)
			continue;
		fputs(separator, out);
		task_text_events(out, records,
				 (struct trace_text){kinds[i].name, strlen(kinds[i].name)});
		separator = ", ";
	}
	if (*separator == '\0')
		fputs("none", out);
	if (text_of(summary, "lost.total").size > 0)
		fprintf(out, "; %s lost", quantity_exact(number_of(summary, "lost.total")).text);
}

/* "--sender-comm bash" of filter.sender_comm */
static void write_filter(const struct file_fact *fact, bool no_command, FILE *out)
{
	const char *name = fact->key + strlen(FILTER);
	struct trace_text value = {fact->value, strlen(fact->value)};

	if (strcmp(name, "command") == 0) {
		fputs("what ", out);
		if (no_command)
			fputs("its COMMAND", out);
		else
			task_text_text(out, value);
		fputs(" started", out);
		return;
	}
	fputs("--", out);
	for (const char *at = name; *at; at++)
		task_text_text(out, (struct trace_text){*at == '_' ? "-" : at, 1});
	if (strcmp(name, "failed") == 0 || strcmp(name, "threads") == 0)
		return;
	fputc(' ', out);
	task_text_text(out, value);
}

static void write_only(const struct summary *summary, FILE *out)
{
	uint64_t skipped = number_of(summary, "filter.skipped.exit") +
			   number_of(summary, "filter.skipped.signal");
	const char *separator = "";

	for (size_t i = 0; i < summary->count; i++) {
		const struct file_fact *fact = &summary->facts[i];

		if (!fact->key || strncmp(fact->key, FILTER, strlen(FILTER)) != 0)
			continue;
		fputs(separator, out);
		write_filter(fact, summary->report->options->no_command, out);
		separator = ", ";
	}
	if (skipped == 0)
		return;
	fprintf(out, "%s", *separator ? "; " : "");
	task_text_count(out, skipped, "event");
	fprintf(out, " of others %s skipped", skipped == 1 ? "was" : "were");
}

static void write_failures(const struct summary *summary, FILE *out)
{
	const char *separator = "";

	for (size_t i = 0; i < summary->count; i++) {
		const struct file_fact *fact = &summary->facts[i];

		if (!fact->key || strncmp(fact->key, UNATTACHED, strlen(UNATTACHED)) != 0)
			continue;
		fputs(separator, out);
		task_text_text(out, (struct trace_text){fact->key + strlen(UNATTACHED),
							strlen(fact->key) - strlen(UNATTACHED)});
		fputs(": ", out);
		task_text_text(out, (struct trace_text){fact->value, strlen(fact->value)});
		separator = "; ";
	}
}

static void write_stacks(const struct summary *summary, FILE *out)
{
	static const struct {
		const char *key;
		const char *words;
	} counts[] = {
		{"stacks.reused", "reused"},
		{"stacks.truncated", "truncated"},
		{"stacks.damaged", "damaged"},
		{"stacks.no_unwind_information", "without unwind information"},
		{"stacks.mappings_unknown", "with unknown mappings"},
		{"stacks.dropped", "dropped"},
		{"stacks.late", "late"},
	};

	if (number_of(summary, "stacks.captured") == 0)
		return;
	fprintf(out, "%s of ", quantity_exact(number_of(summary, "stacks.unwound")).text);
	fprintf(out, "%s unwound", quantity_exact(number_of(summary, "stacks.captured")).text);
	for (size_t i = 0; i < COUNT(counts); i++) {
		uint64_t count = number_of(summary, counts[i].key);

		if (count > 0)
			fprintf(out, ", %s %s", quantity_exact(count).text, counts[i].words);
	}
}

/* A smaller recording consists mostly of what it needs once. */
static void write_cost_of_event(const struct summary *summary, FILE *out)
{
	uint64_t events = 0, used_ns = number_of(summary, "recorder.cpu_ns");
	size_t count;
	const struct dz_block_info *blocks = dz_reader_blocks(summary->file->reader, &count);

	for (size_t i = 0; i < count; i++)
		events += blocks[i].kind >= DZ_KIND_FIRST_EVENT ? blocks[i].records : 0;
	if (events < EVENTS_MIN || used_ns == 0)
		return;
	fprintf(out, "; %s and ", quantity_of_length(used_ns / events).text);
	fprintf(out, "%.1f bytes an event", (double)summary->file->size_bytes / (double)events);
}

static void write_cost_of_programs(const struct summary *summary, FILE *out)
{
	uint64_t runs = number_of(summary, "bpf.runs");

	if (runs == 0)
		return;
	fprintf(out, "; BPF programs ran %s times, ", quantity_exact(runs).text);
	fprintf(out, "%s each",
		quantity_of_length(number_of(summary, "bpf.run_time_ns") / runs).text);
}

static void write_cost(const struct summary *summary, FILE *out)
{
	struct time_range span = span_of(summary);
	uint64_t start_ns = number_of(summary, "recorder.start_cpu_ns");
	uint64_t used_ns = number_of(summary, "recorder.cpu_ns");
	uint64_t length_ns = span.last_ns - span.first_ns;
	size_t count = number_of(summary, "flight.since_ns") == 0 ? summary->count : 0;

	/* A flight window begins where it says; its info records are all of its end. */
	for (size_t i = 0; i < count; i++)
		if (summary->facts[i].is_start && summary->facts[i].time_ns < span.last_ns)
			length_ns = span.last_ns - summary->facts[i].time_ns;
	if (start_ns > 0)
		fprintf(out, "%s to start", quantity_of_length(start_ns).text);
	if (used_ns > 0 && length_ns > 0)
		fprintf(out, "%s%.1f %% of one CPU", start_ns > 0 ? ", then " : "",
			100.0 * (double)used_ns / (double)length_ns);
	write_cost_of_event(summary, out);
	write_cost_of_programs(summary, out);
}

static void write_end(const struct summary *summary, FILE *out)
{
	struct trace_text limit = text_of(summary, "limit.reached");

	if (limit.size == 0)
		return;
	fputs("--", out);
	task_text_text(out, limit);
	fputs(" was reached", out);
}

static void write_window(const struct summary *summary, FILE *out)
{
	task_text_text(out, text_of(summary, "trigger.reason"));
}

/* The first line: the name of the file takes the place of a label. */
static bool write_name(const struct summary *summary, FILE *out)
{
	const struct trace_file *file = summary->file;
	const struct dz_file_header *header = dz_reader_header(file->reader);
	uint64_t number = number_of(summary, "recorder.file_number");
	struct text_stream name;
	size_t columns;
	char *text;

	if (text_stream_open(&name))
		task_text_text(name.out, (struct trace_text){file->path, strlen(file->path)});
	text = text_stream_close(&name);
	if (!text)
		return false;
	columns = layout_columns(text);
	fprintf(out, "%s%*s%s, %s, format %u.%u", text,
		columns + 2 < LABEL ? (int)(LABEL - columns) : 2, "",
		quantity_of_bytes(file->size_bytes).text,
		dz_reader_closed(file->reader) ? "closed" : "not closed", header->version_major,
		header->version_minor);
	if (number > 0)
		fprintf(out, ", file %" PRIu64, number);
	fputc('\n', out);
	free(text);
	return true;
}

static const struct {
	const char *label;
	void (*write)(const struct summary *summary, FILE *out);
} lines[] = {
	{"host", write_host},     {"recorded", write_recorded}, {"command", write_command},
	{"events", write_events}, {"only", write_only},         {"failed", write_failures},
	{"ended", write_end},     {"window", write_window},     {"stacks", write_stacks},
	{"cost", write_cost},
};

/* A line without text is left out. */
static bool write_line(const struct summary *summary, size_t line, FILE *out)
{
	struct text_stream stream;
	char *text;

	if (text_stream_open(&stream))
		lines[line].write(summary, stream.out);
	text = text_stream_close(&stream);
	if (text && *text) {
		fprintf(out, "%-*s", (int)LABEL, lines[line].label);
		layout_paragraph(&summary->report->options->layout, out, LABEL, LABEL, text);
	}
	free(text);
	return text != NULL;
}

static bool write_file(const struct summary *summary, FILE *out)
{
	bool ok = write_name(summary, out);

	for (size_t i = 0; ok && i < COUNT(lines); i++)
		ok = write_line(summary, i, out);
	return ok;
}

bool file_summary_write(const struct report *report, struct file_facts *facts)
{
	const struct trace_file *file;
	bool is_first = true;

	if (facts->count > 0)
		qsort(facts->facts, facts->count, sizeof(*facts->facts), compare_facts);
	for (size_t i = 0; (file = trace_file(report->trace, i)); i++) {
		struct summary summary = {.report = report, .file = file};

		if (!file->reader)
			continue;
		find_facts(facts, &summary);
		if (!is_first)
			fputc('\n', report->out);
		is_first = false;
		if (!write_file(&summary, report->out))
			return false;
	}
	return true;
}
