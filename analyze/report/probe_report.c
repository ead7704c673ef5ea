/* analyze/report/probe_report.c - hits of probes, counted by task name and stack
 *
 * The counters are in a balanced tree. No choice of names and numbers in a file makes it slow.
 */
#include "analyze/report/probe_report.h"

#include <inttypes.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/cause/task_text.h"
#include "analyze/report/histogram_text.h"
#include "analyze/report/skipped.h"
#include "text/quantity.h"
#include "text/text_stream.h"

#define NS_PER_SECOND 1000000000.0
#define STACK_FRAMES  6
#define COUNT_COLUMN  10

/* Probes, and names of each, in the brief report. */
#define BRIEF_PROBES 3u
#define BRIEF_NAMES  3u
#define BRIEF_INDENT 10u

enum counter_of {
	COUNTER_PROBE,
	COUNTER_COMM,
	COUNTER_STACK,
};

/* Counts the hits of one probe, or those of one probe with one name or stack. The key is all from
 * `of` up to the count. A counter owns its text, which follows it. */
struct counter {
	enum counter_of of;
	struct trace_text text;        /* name of the probe, or of the task */
	const struct counter *probe;   /* NULL for COUNTER_PROBE */
	const struct trace_file *file; /* this and the stacks: only for COUNTER_STACK */
	uint64_t kernel_stack;
	uint64_t user_stack;
	uint64_t count;
	uint64_t first_ns; /* this and all up to latencies: only for COUNTER_PROBE */
	uint64_t last_ns;
	struct skipped skipped;
	struct histogram *latencies; /* NULL: none recorded */
	char *line;                  /* text of a stack; NULL: not made yet */
};

/* Counters that were found last, by a hash of their keys: most hits are alike. A power of two. */
#define RECENT_COUNTERS 1024u

struct probe_report {
	size_t top;
	void *tree;
	struct counter *recent[RECENT_COUNTERS]; /* each is in the tree */
	size_t count;
	bool out_of_memory;
};

struct probe_report *probe_report_new(size_t top)
{
	struct probe_report *report = calloc(1, sizeof(*report));

	if (report)
		report->top = top;
	return report;
}

static int compare_numbers(uint64_t left, uint64_t right)
{
	return (left > right) - (left < right);
}

static int compare_keys(const void *left, const void *right)
{
	const struct counter *a = left, *b = right;
	int order = compare_numbers(a->of, b->of);

	order = order ? order : compare_numbers((uintptr_t)a->probe, (uintptr_t)b->probe);
	order = order ? order : trace_text_compare(a->text, b->text);
	order = order ? order : compare_numbers((uintptr_t)a->file, (uintptr_t)b->file);
	order = order ? order : compare_numbers(a->kernel_stack, b->kernel_stack);
	return order ? order : compare_numbers(a->user_stack, b->user_stack);
}

/* Returns the place of a counter among the recent ones. The same text can have two addresses, and
 * then has two places. */
static struct counter **recent_place(struct probe_report *report, const struct counter *key)
{
	const uint64_t parts[] = {key->of, (uintptr_t)key->probe, (uintptr_t)key->text.bytes,
				  key->kernel_stack, key->user_stack};
	uint64_t hash = 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		hash = ((hash ^ parts[i]) + (hash >> 29)) * UINT64_C(0x9e3779b97f4a7c15);
	return &report->recent[hash >> 32 & (RECENT_COUNTERS - 1)];
}

/* Returns the counter of the key, after counting the hit. Returns NULL on allocation failure. */
static struct counter *count(struct probe_report *report, const struct counter *key)
{
	struct counter **recent = recent_place(report, key);
	struct counter **found;
	struct counter *added;

	if (*recent && compare_keys(*recent, key) == 0) {
		(*recent)->count++;
		return *recent;
	}
	found = tsearch(key, &report->tree, compare_keys);
	if (!found)
		return NULL;
	if (*found != key) {
		(*found)->count++;
		*recent = *found;
		return *found;
	}
	added = malloc(sizeof(*added) + key->text.size);
	if (!added) {
		tdelete(key, &report->tree, compare_keys);
		return NULL;
	}
	*added = *key;
	added->text.bytes = memcpy(added + 1, key->text.bytes, key->text.size);
	added->count = 1;
	*found = added;
	report->count++;
	return added;
}

static bool add_latency(struct counter *counter, uint64_t latency_ns)
{
	if (!counter->latencies)
		counter->latencies = calloc(1, sizeof(*counter->latencies));
	if (!counter->latencies)
		return false;
	histogram_add(counter->latencies, latency_ns);
	return true;
}

/* Returns NULL on allocation failure. */
static struct counter *count_probe(struct probe_report *report, const struct visitor_event *event)
{
	const struct dz_probe *row = event->event->row;
	const struct counter key = {.of = COUNTER_PROBE,
				    .text = trace_text(event->file, row->probe)};
	struct counter *probe = count(report, &key);

	if (!probe)
		return NULL;
	if (probe->count == 1)
		probe->first_ns = event->unix_ns;
	probe->last_ns = event->unix_ns;
	return row->latency && !add_latency(probe, row->latency) ? NULL : probe;
}

/* Ignores a probe without a selected hit: it is not shown. */
static void add_skipped(struct probe_report *report, const struct visitor_event *event)
{
	const struct dz_info *row = event->event->row;
	struct counter key = {.of = COUNTER_PROBE};
	enum skipped_count skipped;
	struct counter *const *found;

	if (!row || !skipped_parse(trace_text(event->file, row->key), &skipped, &key.text))
		return;
	found = tfind(&key, &report->tree, compare_keys);
	if (found)
		skipped_add(&(*found)->skipped, event->file, skipped,
			    trace_text(event->file, row->value));
}

static bool count_hit(struct probe_report *report, const struct visitor_event *event)
{
	const struct dz_probe *row = event->event->row;
	const struct counter *probe = count_probe(report, event);
	const struct counter name = {
		.of = COUNTER_COMM,
		.text = trace_text(event->file, event->task ? event->task->comm : 0),
		.probe = probe,
	};
	const struct counter stack = {
		.of = COUNTER_STACK,
		.text = {"", 0},
		.probe = probe,
		.file = event->file,
		.kernel_stack = row->kernel_stack,
		.user_stack = row->user_stack,
	};

	report->out_of_memory = !probe || !count(report, &name) || !count(report, &stack);
	return !report->out_of_memory;
}

static bool visit(void *context, const struct visitor_event *event)
{
	if (event->event->kind == DZ_KIND_PROBE)
		return count_hit(context, event);
	add_skipped(context, event);
	return true;
}

struct visitor probe_report_visitor(struct probe_report *report)
{
	return (struct visitor){report, VISITOR_KIND(DZ_KIND_PROBE) | VISITOR_KIND(DZ_KIND_INFO),
				visit};
}

struct list {
	struct counter **counters;
	size_t count;
};

static void collect(const void *node, VISIT order, void *context)
{
	struct list *list = context;

	if (order == postorder || order == leaf)
		list->counters[list->count++] = *(struct counter *const *)node;
}

static void write_stack(const struct counter *counter, FILE *out)
{
	task_text_stack(out, counter->file, counter->kernel_stack, STACK_FRAMES);
	if (counter->kernel_stack && counter->user_stack)
		fputs(" <- ", out);
	task_text_stack(out, counter->file, counter->user_stack, STACK_FRAMES);
	if (!counter->kernel_stack && !counter->user_stack)
		fputs("no stack", out);
}

/* Returns false on allocation failure. */
static bool make_line(struct counter *counter)
{
	size_t size;
	FILE *out = open_memstream(&counter->line, &size);

	if (!out)
		return false;
	write_stack(counter, out);
	/* On allocation failure fclose() can succeed and leave no text. */
	return fclose(out) == 0 && counter->line;
}

static int compare_lines(const void *left, const void *right)
{
	const struct counter *a = *(const struct counter *const *)left;
	const struct counter *b = *(const struct counter *const *)right;
	int order = compare_numbers(a->of, b->of);

	order = order ? order : compare_numbers((uintptr_t)a->probe, (uintptr_t)b->probe);
	if (order == 0 && a->line && b->line)
		order = strcmp(a->line, b->line);
	return order ? order : compare_keys(a, b);
}

static bool has_same_line(const struct counter *left, const struct counter *right)
{
	return left->probe == right->probe && left->line && right->line &&
	       strcmp(left->line, right->line) == 0;
}

/* Joins stacks with the same text: they differ only in their file, or in offsets inside functions.
 * Returns false on allocation failure. */
static bool join_lines(struct list *list)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++) {
		if (list->counters[i]->of == COUNTER_STACK && !make_line(list->counters[i]))
			return false;
	}
	qsort(list->counters, list->count, sizeof(struct counter *), compare_lines);
	for (size_t i = 0; i < list->count; i++) {
		if (kept && has_same_line(list->counters[kept - 1], list->counters[i]))
			list->counters[kept - 1]->count += list->counters[i]->count;
		else
			list->counters[kept++] = list->counters[i];
	}
	list->count = kept;
	return true;
}

/* The probe with most hits first. For each probe: its total, then names, then stacks; those with
 * most hits first. */
static int compare_for_show(const void *left, const void *right)
{
	const struct counter *a = *(const struct counter *const *)left;
	const struct counter *b = *(const struct counter *const *)right;
	const struct counter *probe = a->probe ? a->probe : a;
	const struct counter *other = b->probe ? b->probe : b;
	int order = compare_numbers(other->count, probe->count);

	order = order ? order : trace_text_compare(probe->text, other->text);
	order = order ? order : compare_numbers(a->of, b->of);
	order = order ? order : compare_numbers(b->count, a->count);
	if (order == 0 && a->line && b->line)
		order = strcmp(a->line, b->line);
	return order ? order : compare_keys(a, b);
}

static void write_rate(double each_second, FILE *out)
{
	if (each_second < 100)
		fprintf(out, "%.1f a second", each_second);
	else
		fprintf(out, "%s a second", quantity_exact((uint64_t)(each_second + 0.5)).text);
}

/* The name is missing if the file is damaged. */
static void write_text(struct trace_text text, FILE *out)
{
	if (text.size > 0)
		task_text_text(out, text);
	else
		fputc('?', out);
}

static void write_probe(const struct counter *probe, FILE *out)
{
	/* The clock may have been set back. */
	uint64_t between_ns =
		probe->last_ns > probe->first_ns ? probe->last_ns - probe->first_ns : 0;
	double seconds = (double)between_ns / NS_PER_SECOND;

	write_text(probe->text, out);
	fputs("  ", out);
	task_text_count(out, probe->count, "hit");
	if (seconds > 0) {
		fprintf(out, " within %s, ", quantity_of_duration(between_ns).text);
		write_rate((double)(probe->count - 1) / seconds, out);
	}
	fputc('\n', out);
	skipped_write(&probe->skipped, out);
	if (probe->latencies)
		histogram_text_write(probe->latencies, "latency", out);
}

static void write_counter(const struct counter *counter, FILE *out)
{
	fprintf(out, "    %*s  ", COUNT_COLUMN, quantity_exact(counter->count).text);
	if (counter->of == COUNTER_COMM)
		write_text(counter->text, out);
	else
		fputs(counter->line, out);
	fputc('\n', out);
}

static void write_rest(const struct counter *counter, size_t hidden, FILE *out)
{
	fputs("    ... and ", out);
	task_text_count(out, hidden, counter->of == COUNTER_COMM ? "name" : "stack");
	fprintf(out, " more; --top 0 shows %s\n", hidden == 1 ? "it" : "them");
}

static void write_list(const struct probe_report *report, const struct list *list, FILE *out)
{
	size_t shown = 0, hidden = 0;

	for (size_t i = 0; i < list->count; i++) {
		const struct counter *counter = list->counters[i];
		bool ends = i + 1 == list->count || list->counters[i + 1]->of != counter->of;

		if (counter->of == COUNTER_PROBE)
			write_probe(counter, out);
		else if (report->top == 0 || shown < report->top)
			write_counter(counter, out);
		else
			hidden++;
		shown++;
		if (!ends)
			continue;
		if (hidden)
			write_rest(counter, hidden, out);
		shown = hidden = 0;
	}
}

bool probe_report_write(struct probe_report *report, FILE *out)
{
	struct list list = {.counters = calloc(report->count + 1, sizeof(struct counter *))};

	if (list.counters && !report->out_of_memory)
		twalk_r(report->tree, collect, &list);
	if (!list.counters || report->out_of_memory || !join_lines(&list)) {
		free(list.counters);
		return false;
	}
	qsort(list.counters, list.count, sizeof(struct counter *), compare_for_show);
	fputs("\nprobes: hits, by whom, from where\n", out);
	write_list(report, &list, out);
	free(list.counters);
	return true;
}

/* "tracepoint:syscalls:sys_enter_read  134 hits in 37 ms, none skipped" */
static void write_brief_head(const struct list *list, size_t first, FILE *out)
{
	const struct counter *probe = list->counters[first];
	uint64_t between_ns =
		probe->last_ns > probe->first_ns ? probe->last_ns - probe->first_ns : 0;

	write_text(probe->text, out);
	fputs("  ", out);
	task_text_count(out, probe->count, "hit");
	if (between_ns > 0)
		fprintf(out, " in %s", quantity_of_length(between_ns).text);
	skipped_write_brief(&probe->skipped, out);
	if (!probe->latencies)
		return;
	fprintf(out, "; half within %s",
		quantity_of_length(histogram_percentile(probe->latencies, 50)).text);
	fprintf(out, ", longest %s", quantity_of_length(probe->latencies->max).text);
}

/* Returns the length of the type of a probe: the letters before the colon. */
static size_t length_of_type(struct trace_text name)
{
	size_t length = 0;

	while (length < name.size && name.bytes[length] >= 'a' && name.bytes[length] <= 'z')
		length++;
	return length;
}

/* "100 by bash, 30 by curl, 4 by 2 others" */
static void write_brief_names(const struct list *list, size_t first, FILE *out)
{
	const struct counter *probe = list->counters[first];
	uint64_t hits = probe->count;
	size_t names = 0;

	for (size_t i = first + 1; i < list->count; i++) {
		const struct counter *counter = list->counters[i];

		if (counter->of != COUNTER_COMM || counter->probe != probe)
			break;
		if (names++ >= BRIEF_NAMES)
			continue;
		fprintf(out, "%s%s by ", names > 1 ? ", " : "",
			quantity_exact(counter->count).text);
		write_text(counter->text, out);
		hits -= counter->count;
	}
	if (names > BRIEF_NAMES)
		fprintf(out, ", %s by %zu others", quantity_exact(hits).text, names - BRIEF_NAMES);
	if (length_of_type(probe->text) > 0)
		fprintf(out, "  (-e %.*s)", (int)length_of_type(probe->text), probe->text.bytes);
}

static bool write_brief_lines(const struct list *list, size_t first, const struct layout *layout,
			      FILE *out)
{
	static void (*const writers[])(const struct list *list, size_t first,
				       FILE *out) = {write_brief_head, write_brief_names};

	for (size_t i = 0; i < 2; i++) {
		struct text_stream stream;
		char *text;

		if (text_stream_open(&stream))
			writers[i](list, first, stream.out);
		text = text_stream_close(&stream);
		if (!text)
			return false;
		if (i > 0)
			fprintf(out, "%*s", (int)BRIEF_INDENT, "");
		layout_paragraph(layout, out, BRIEF_INDENT, BRIEF_INDENT, text);
		free(text);
	}
	return true;
}

static bool write_brief(const struct list *list, const struct layout *layout, FILE *out)
{
	size_t probes = 0;

	for (size_t i = 0; i < list->count; i++) {
		if (list->counters[i]->of != COUNTER_PROBE || ++probes > BRIEF_PROBES)
			continue;
		fprintf(out, "%-*s", (int)BRIEF_INDENT, probes == 1 ? "PROBES" : "");
		if (!write_brief_lines(list, i, layout, out))
			return false;
	}
	if (probes > BRIEF_PROBES)
		fprintf(out, "%*s%zu more probes (--tables)\n", (int)BRIEF_INDENT, "",
			probes - BRIEF_PROBES);
	return true;
}

bool probe_report_write_brief(struct probe_report *report, const struct layout *layout, FILE *out)
{
	struct list list = {.counters = calloc(report->count + 1, sizeof(struct counter *))};
	bool ok = list.counters && !report->out_of_memory;

	if (ok) {
		twalk_r(report->tree, collect, &list);
		qsort(list.counters, list.count, sizeof(struct counter *), compare_for_show);
		ok = write_brief(&list, layout, out);
	}
	free(list.counters);
	return ok;
}

static void free_counter(void *counter)
{
	free(((struct counter *)counter)->line);
	free(((struct counter *)counter)->latencies);
	free(counter);
}

void probe_report_free(struct probe_report *report)
{
	if (!report)
		return;
	tdestroy(report->tree, free_counter);
	free(report);
}
