/* analyze/report/runq_report.c - waits for a CPU: how long, of whom, and who ran instead */
#include "analyze/report/runq_report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/cause/task_text.h"
#include "analyze/report/histogram_text.h"
#include "analyze/report/skipped.h"
#include "analyze/report/sums.h"
#include "analyze/trace/event_field.h"
#include "analyze/trace/timestamp.h"
#include "text/quantity.h"
#include "text/text_stream.h"

#define LONGEST_MAX     5u
#define HOLDERS_MAX     17u    /* of one wait: SCHED_HOLDERS_MAX, and the unknown ones */
#define CPUS_MAX        65536u /* more than Linux has: the others are taken together */
#define NAME_BYTES      16u    /* of the kernel, with a NUL */
#define COUNT_COLUMN    10
#define DURATION_COLUMN 10
#define PERCENT_COLUMN  8
#define TENTHS_COLUMN   6
#define BRIEF_INDENT    10u
#define BRIEF_HOLDERS   3u

enum sum_of {
	SUM_NAME,
	SUM_CGROUP,
	SUM_CPU,
	SUM_HOLDER,
	SUMS,
};

struct holder {
	char name[NAME_BYTES]; /* empty: not known */
	uint64_t held_ns;
};

/* The file, time and thread are the key of a wait and its holders. */
struct wait {
	const struct trace_file *file;
	uint64_t unix_ns;
	uint64_t tid;
	char name[NAME_BYTES];
	uint64_t waited_ns;
	uint64_t cpu;
	uint64_t cause;
	bool throttled;
	struct holder holders[HOLDERS_MAX];
	size_t holder_count;
};

struct runq_report {
	size_t top;
	bool utc;
	struct sums sums;
	struct histogram waits;
	uint64_t throttled;
	struct wait longest[LONGEST_MAX]; /* the longest one first */
	size_t longest_count;
	struct wait current; /* holders that come before their wait */
	struct skipped skipped;
};

struct runq_report *runq_report_new(size_t top, bool utc)
{
	struct runq_report *report = calloc(1, sizeof(*report));

	if (report) {
		report->top = top;
		report->utc = utc;
	}
	return report;
}

static int compare_numbers(uint64_t left, uint64_t right)
{
	return (left > right) - (left < right);
}

static struct trace_text name_of(const struct trace_file *file, const struct dz_task *task)
{
	return task ? trace_text(file, task->comm) : (struct trace_text){"", 0};
}

/* A name in a file can be longer than those of the kernel. */
static void copy_name(char out[NAME_BYTES], struct trace_text name)
{
	size_t size = name.size < NAME_BYTES ? name.size : NAME_BYTES - 1;

	memcpy(out, name.bytes, size);
	out[size] = '\0';
}

static bool is_same_wait(const struct wait *wait, const struct visitor_event *event)
{
	return wait->file == event->file && wait->unix_ns == event->unix_ns &&
	       wait->tid == (event->task ? event->task->tid : 0);
}

static struct wait wait_of(const struct visitor_event *event)
{
	return (struct wait){
		.file = event->file,
		.unix_ns = event->unix_ns,
		.tid = event->task ? event->task->tid : 0,
	};
}

/* Keeps a wait if it is one of the longest. */
static void keep_longest(struct runq_report *report, const struct wait *wait)
{
	size_t place = report->longest_count;

	while (place > 0 && report->longest[place - 1].waited_ns < wait->waited_ns)
		place--;
	if (place == LONGEST_MAX)
		return;
	if (report->longest_count < LONGEST_MAX)
		report->longest_count++;
	memmove(&report->longest[place + 1], &report->longest[place],
		(report->longest_count - 1 - place) * sizeof(*wait));
	report->longest[place] = *wait;
}

static bool add_wait(struct runq_report *report, const struct visitor_event *event)
{
	const struct dz_runq *row = event->event->row;
	const struct dz_task *task = event->task;
	const struct sum keys[] = {
		{.of = SUM_NAME, .text = name_of(event->file, task)},
		{.of = SUM_CGROUP, .text = trace_text(event->file, task ? task->cgroup : 0)},
		{.of = SUM_CPU,
		 .text = {"", 0},
		 .number = row->cpu < CPUS_MAX ? row->cpu : CPUS_MAX},
	};
	struct wait wait = wait_of(event);

	if (is_same_wait(&report->current, event))
		wait = report->current;
	copy_name(wait.name, keys[0].text);
	wait.waited_ns = row->waited;
	wait.cpu = row->cpu;
	wait.cause = row->cause;
	wait.throttled = row->throttled != 0;
	keep_longest(report, &wait);
	histogram_add(&report->waits, row->waited);
	report->throttled += wait.throttled;
	return sums_add(&report->sums, &keys[0], row->waited) &&
	       sums_add(&report->sums, &keys[1], row->waited) &&
	       sums_add(&report->sums, &keys[2], row->waited);
}

static struct wait *find_wait(struct runq_report *report, const struct visitor_event *event)
{
	for (size_t i = 0; i < report->longest_count; i++) {
		if (is_same_wait(&report->longest[i], event))
			return &report->longest[i];
	}
	if (!is_same_wait(&report->current, event))
		report->current = wait_of(event);
	return &report->current;
}

/* Tasks with one name are one. */
static void add_to_wait(struct wait *wait, struct trace_text text, uint64_t held_ns)
{
	struct holder added = {.held_ns = held_ns};
	size_t i = 0;

	copy_name(added.name, text);
	while (i < wait->holder_count && strcmp(wait->holders[i].name, added.name) != 0)
		i++;
	if (i == HOLDERS_MAX)
		return;
	if (i < wait->holder_count)
		added.held_ns += wait->holders[i].held_ns;
	else
		wait->holder_count++;
	wait->holders[i] = added;
}

static bool add_holder(struct runq_report *report, const struct visitor_event *event)
{
	const struct dz_runq_holder *row = event->event->row;
	const struct dz_task *task = dz_reader_task(event->file->reader, row->holder);
	static const struct trace_text idle = {"idle", 4};
	const struct sum key = {
		.of = SUM_HOLDER,
		.text = task && task->pid == 0 ? idle : name_of(event->file, task),
	};

	add_to_wait(find_wait(report, event), key.text, row->held);
	return sums_add(&report->sums, &key, row->held);
}

static bool visit(void *context, const struct visitor_event *event)
{
	struct runq_report *report = context;

	if (event->event->kind == DZ_KIND_RUNQ)
		return add_wait(report, event);
	if (event->event->kind == DZ_KIND_RUNQ_HOLDER)
		return add_holder(report, event);
	skipped_see(&report->skipped, "runq", event->file, event->event->row);
	return true;
}

struct visitor runq_report_visitor(struct runq_report *report)
{
	return (struct visitor){report,
				VISITOR_KIND(DZ_KIND_RUNQ) | VISITOR_KIND(DZ_KIND_RUNQ_HOLDER) |
					VISITOR_KIND(DZ_KIND_INFO),
				visit};
}

static void write_name(const char *name, FILE *out)
{
	if (name[0])
		task_text_text(out, (struct trace_text){name, strlen(name)});
	else
		fputs("unknown tasks", out);
}

static int compare_held(const void *left, const void *right)
{
	const struct holder *a = left, *b = right;
	int order = compare_numbers(b->held_ns, a->held_ns);

	return order ? order : strcmp(a->name, b->name);
}

/* ": sh ran 4.6 ms, cc1 3.7 ms, 4 others 1.1 ms" */
static void write_holders(const struct wait *wait, size_t limit, FILE *out)
{
	struct holder holders[HOLDERS_MAX];
	uint64_t rest_ns = 0;

	memcpy(holders, wait->holders, wait->holder_count * sizeof(holders[0]));
	qsort(holders, wait->holder_count, sizeof(holders[0]), compare_held);
	for (size_t i = 0; i < wait->holder_count; i++) {
		if (i >= limit) {
			rest_ns += holders[i].held_ns;
			continue;
		}
		fputs(i ? ", " : "; ", out);
		write_name(holders[i].name, out);
		fprintf(out, "%s %s", i ? "" : " ran",
			quantity_of_duration(holders[i].held_ns).text);
	}
	if (wait->holder_count > limit)
		fprintf(out, ", %zu more %s", wait->holder_count - limit,
			quantity_of_duration(rest_ns).text);
}

/* "cc1[5363] waited 12 ms on CPU 1 until 02:54:27.047167, preempted; sh ran 4.6 ms, ..." */
static void write_wait(const struct runq_report *report, const struct wait *wait, size_t limit,
		       FILE *out)
{
	const char *cause = event_field_word(DZ_KIND_RUNQ, "cause", wait->cause);

	write_name(wait->name, out);
	fprintf(out, "[%" PRIu64 "] waited %s", wait->tid,
		quantity_of_duration(wait->waited_ns).text);
	fprintf(out, " for CPU %" PRIu64 " until %s, %s", wait->cpu,
		timestamp_time(wait->unix_ns, report->utc).text, cause ? cause : "?");
	if (wait->throttled)
		fputs(", held back by a CPU limit", out);
	write_holders(wait, limit, out);
}

/* The number of lines that histogram_text_write() writes for a histogram of more than one value. */
static unsigned int bucket_lines(const struct histogram *histogram)
{
	return histogram_bucket(histogram->max) - histogram_bucket(histogram->min) + 1;
}

static int tenths_column(const struct histogram *histogram)
{
	const int lines = (int)bucket_lines(histogram);

	return lines < TENTHS_COLUMN ? TENTHS_COLUMN : lines;
}

static char tenths_letter(uint64_t part, uint64_t whole)
{
	static const char digits[] = "0123456789";
	const double tenths = 10.0 * (double)part / (double)whole;

	if (part == 0)
		return ' ';
	if (part == whole)
		return '#';
	if (tenths < 1)
		return '.';
	/* Of very large numbers the quotient can be rounded to 10. */
	return digits[tenths < 9 ? (size_t)tenths : 9];
}

/* A letter for each line of the histogram of all waits: the tenths of the waits of a sum that are
 * there. */
static void write_tenths(const struct histogram *all, const struct histogram *times, FILE *out)
{
	for (unsigned int i = histogram_bucket(all->min); i <= histogram_bucket(all->max); i++)
		fputc(tenths_letter(times->buckets[i], times->count), out);
	fprintf(out, "%*s", tenths_column(all) - (int)bucket_lines(all), "");
}

static void write_sum(const struct runq_report *report, const struct sum *sum, FILE *out)
{
	const struct histogram *times = sum->times;

	fprintf(out, "    %*s", DURATION_COLUMN, quantity_of_duration(sum->total_ns).text);
	if (sum->of != SUM_HOLDER) {
		fprintf(out, "  %*s", PERCENT_COLUMN,
			quantity_of_duration(histogram_percentile(times, 50)).text);
		fprintf(out, "  %*s", PERCENT_COLUMN,
			quantity_of_duration(histogram_percentile(times, 99)).text);
	}
	fprintf(out, "  %*s", DURATION_COLUMN, quantity_of_duration(times->max).text);
	fprintf(out, "  %*s  ", COUNT_COLUMN, quantity_exact(sum->count).text);
	if (sum->of != SUM_HOLDER) {
		write_tenths(&report->waits, times, out);
		fputs("  ", out);
	}
	if (sum->of == SUM_CPU && sum->number < CPUS_MAX)
		fprintf(out, "CPU %" PRIu64, sum->number);
	else if (sum->text.size > 0)
		task_text_text(out, sum->text);
	else
		fputs(sum->of == SUM_HOLDER ? "unknown tasks" : "?", out);
	fputc('\n', out);
}

static void write_sums_head(const struct runq_report *report, unsigned int of, FILE *out)
{
	static const char *const heads[SUMS] = {"WHO WAITED", "CONTROL GROUP", "WHERE",
						"WHO RAN INSTEAD"};

	fprintf(out, "    %*s", DURATION_COLUMN, "TOTAL");
	if (of != SUM_HOLDER)
		fprintf(out, "  %*s  %*s", PERCENT_COLUMN, "50 %", PERCENT_COLUMN, "99 %");
	fprintf(out, "  %*s  %*s  ", DURATION_COLUMN, "LONGEST", COUNT_COLUMN, "COUNT");
	if (of != SUM_HOLDER)
		fprintf(out, "%-*s  ", tenths_column(&report->waits), "TENTHS");
	fprintf(out, "%s\n", heads[of]);
}

static void write_sums(const struct runq_report *report, const struct sum **sums, FILE *out)
{
	size_t of_kind = 0;

	for (size_t i = 0; sums[i]; i++) {
		bool ends = !sums[i + 1] || sums[i + 1]->of != sums[i]->of;

		if (of_kind == 0)
			write_sums_head(report, sums[i]->of, out);
		if (report->top == 0 || of_kind < report->top)
			write_sum(report, sums[i], out);
		of_kind++;
		if (ends && report->top && of_kind > report->top)
			fprintf(out, "    ... and %zu more (--top 0)\n", of_kind - report->top);
		if (ends)
			of_kind = 0;
	}
}

bool runq_report_write(const struct runq_report *report, FILE *out)
{
	const struct sum **sums = sums_sorted(&report->sums);

	if (!sums)
		return false;
	fputs("\nwaits for a CPU: how long, of whom, who ran instead\n", out);
	task_text_count(out, report->waits.count, "wait");
	fprintf(out, ", %s in all", quantity_of_duration(report->waits.sum).text);
	if (report->throttled)
		fprintf(out, ", %s held back by a CPU limit",
			quantity_exact(report->throttled).text);
	fputc('\n', out);
	skipped_write(&report->skipped, out);
	if (report->waits.count)
		histogram_text_write(&report->waits, "waited", out);
	for (size_t i = 0; i < report->longest_count; i++) {
		fputs("    ", out);
		write_wait(report, &report->longest[i], HOLDERS_MAX, out);
		fputc('\n', out);
	}
	write_sums(report, sums, out);
	free(sums);
	return true;
}

static void write_brief_head(const struct runq_report *report, FILE *out)
{
	task_text_count(out, report->waits.count, "wait");
	fprintf(out, " for a CPU, %s in all", quantity_of_length(report->waits.sum).text);
	if (report->throttled)
		fprintf(out, ", %s held back by a CPU limit",
			quantity_exact(report->throttled).text);
	if (report->skipped.file)
		skipped_write_brief(&report->skipped, out);
	fprintf(out, "; half within %s",
		quantity_of_length(histogram_percentile(&report->waits, 50)).text);
	fprintf(out, ", longest %s  (-e runq)", quantity_of_length(report->waits.max).text);
}

static void write_brief_longest(const struct runq_report *report, FILE *out)
{
	write_wait(report, &report->longest[0], BRIEF_HOLDERS, out);
}

bool runq_report_write_brief(const struct runq_report *report, const struct layout *layout,
			     FILE *out)
{
	static void (*const writers[])(const struct runq_report *report,
				       FILE *out) = {write_brief_head, write_brief_longest};

	if (report->sums.out_of_memory)
		return false;
	for (size_t i = 0; i < 2 && report->waits.count; i++) {
		struct text_stream stream;
		char *text;

		if (text_stream_open(&stream))
			writers[i](report, stream.out);
		text = text_stream_close(&stream);
		if (!text)
			return false;
		fprintf(out, "%-*s", (int)BRIEF_INDENT, i == 0 ? "WAITS" : "");
		layout_paragraph(layout, out, BRIEF_INDENT, BRIEF_INDENT, text);
		free(text);
	}
	return true;
}

void runq_report_free(struct runq_report *report)
{
	if (!report)
		return;
	sums_release(&report->sums);
	free(report);
}
