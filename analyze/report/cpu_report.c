/* analyze/report/cpu_report.c - samples of CPUs: which tasks and functions ran, and how long
 *
 * A sample stands for its period: the time to the next one of its CPU.
 */
#include "analyze/report/cpu_report.h"

#include <stdlib.h>
#include <string.h>

#include "analyze/cause/task_text.h"
#include "analyze/report/skipped.h"
#include "analyze/report/sums.h"
#include "analyze/trace/call_chain.h"
#include "text/quantity.h"
#include "text/text_stream.h"

#define COUNT_COLUMN    10
#define DURATION_COLUMN 10
#define SHARE_COLUMN    7
#define BRIEF_INDENT    10u
#define BRIEF_SUMS      3u

enum sum_of {
	SUM_NAME,
	SUM_FUNCTION,
	SUMS,
};

struct cpu_report {
	size_t top;
	uint64_t samples;
	uint64_t total_ns;       /* of events, if they are not of a clock */
	struct trace_text event; /* its name; empty: a clock */
	struct sums sums;
	struct skipped skipped;
};

struct cpu_report *cpu_report_new(size_t top)
{
	struct cpu_report *report = calloc(1, sizeof(*report));

	if (report)
		report->top = top;
	return report;
}

/* Returns the length of the name of the innermost frame; 0 without a stack. */
static size_t function_of(const struct trace_file *file, const struct dz_cpu *row,
			  char name[static CALL_NAME_MAX])
{
	struct call_chain chain;

	call_chain_load(file, row->kernel_stack ? row->kernel_stack : row->user_stack, &chain);
	return chain.count ? call_frame_name(file, chain.frames[0], name) : 0;
}

static bool add(struct cpu_report *report, const struct visitor_event *event)
{
	const struct dz_cpu *row = event->event->row;
	const uint64_t count = row->count ? row->count : 1;
	uint64_t total_ns;
	char function[CALL_NAME_MAX];
	const struct sum keys[SUMS] = {
		{.of = SUM_NAME,
		 .text = trace_text(event->file, event->task ? event->task->comm : 0)},
		{.of = SUM_FUNCTION, .text = {function, function_of(event->file, row, function)}},
	};

	if (!row->period)
		total_ns = row->events;
	else if (__builtin_mul_overflow(row->period, count, &total_ns))
		total_ns = UINT64_MAX;
	if (__builtin_add_overflow(report->samples, count, &report->samples))
		report->samples = UINT64_MAX;
	if (__builtin_add_overflow(report->total_ns, total_ns, &report->total_ns))
		report->total_ns = UINT64_MAX;
	return sums_add_many(&report->sums, &keys[0], count, total_ns) &&
	       sums_add_many(&report->sums, &keys[1], count, total_ns);
}

static void add_info(struct cpu_report *report, const struct visitor_event *event)
{
	static const char key[] = "cpu.event";
	const struct dz_info *row = event->event->row;
	struct trace_text found;

	if (!row)
		return;
	found = trace_text(event->file, row->key);
	if (found.size == sizeof(key) - 1 && memcmp(found.bytes, key, found.size) == 0)
		report->event = trace_text(event->file, row->value);
}

static bool visit(void *context, const struct visitor_event *event)
{
	struct cpu_report *report = context;

	if (event->event->kind == DZ_KIND_CPU)
		return add(report, event);
	add_info(report, event);
	skipped_see(&report->skipped, "cpu", event->file, event->event->row);
	return true;
}

struct visitor cpu_report_visitor(struct cpu_report *report)
{
	return (struct visitor){report, VISITOR_KIND(DZ_KIND_CPU) | VISITOR_KIND(DZ_KIND_INFO),
				visit};
}

static double share_of(const struct cpu_report *report, const struct sum *sum)
{
	return report->total_ns ? 100.0 * (double)sum->total_ns / (double)report->total_ns : 0;
}

static void write_key(const struct sum *sum, FILE *out)
{
	if (sum->text.size > 0)
		task_text_text(out, sum->text);
	else
		fputs(sum->of == SUM_NAME ? "?" : "no stack", out);
}

/* A time, or a number of events. */
static struct quantity_text amount_of(const struct cpu_report *report, uint64_t total)
{
	return report->event.size ? quantity_exact(total) : quantity_of_duration(total);
}

static void write_event_name(const struct cpu_report *report, FILE *out)
{
	if (!report->event.size)
		return;
	fputc(' ', out);
	task_text_text(out, report->event);
}

static void write_sum(const struct cpu_report *report, const struct sum *sum, FILE *out)
{
	fprintf(out, "    %*s", DURATION_COLUMN, amount_of(report, sum->total_ns).text);
	fprintf(out, "  %*.1f", SHARE_COLUMN, share_of(report, sum));
	fprintf(out, "  %*s  ", COUNT_COLUMN, quantity_exact(sum->count).text);
	write_key(sum, out);
	fputc('\n', out);
}

bool cpu_report_write(const struct cpu_report *report, FILE *out)
{
	static const char *const heads[SUMS] = {"WHO RAN", "IN WHICH FUNCTION"};
	const struct sum **sums = sums_sorted(&report->sums);
	size_t of_kind = 0;

	if (!sums)
		return false;
	fputs("\nsamples of CPUs: who ran, in which function\n", out);
	task_text_count(out, report->samples, "sample");
	fprintf(out, ", %s", amount_of(report, report->total_ns).text);
	write_event_name(report, out);
	fputc('\n', out);
	skipped_write(&report->skipped, out);
	for (size_t i = 0; sums[i]; i++) {
		bool ends = !sums[i + 1] || sums[i + 1]->of != sums[i]->of;

		if (of_kind == 0)
			fprintf(out, "    %*s  %*s  %*s  %s\n", DURATION_COLUMN,
				report->event.size ? "EVENTS" : "TIME", SHARE_COLUMN, "PERCENT",
				COUNT_COLUMN, "SAMPLES", heads[sums[i]->of]);
		if (report->top == 0 || of_kind < report->top)
			write_sum(report, sums[i], out);
		of_kind++;
		if (ends && report->top && of_kind > report->top)
			fprintf(out, "    ... and %zu more (--top 0)\n", of_kind - report->top);
		if (ends)
			of_kind = 0;
	}
	free(sums);
	return true;
}

/* "cc1 52 %, ld 11 %, as 9 %" */
static void write_largest(const struct cpu_report *report, const struct sum **sums, enum sum_of of,
			  FILE *out)
{
	size_t shown = 0;

	for (size_t i = 0; sums[i] && shown < BRIEF_SUMS; i++) {
		if (sums[i]->of != of)
			continue;
		fputs(shown++ ? ", " : "", out);
		write_key(sums[i], out);
		fprintf(out, " %.0f %%", share_of(report, sums[i]));
	}
}

static void write_brief_line(const struct cpu_report *report, const struct sum **sums,
			     enum sum_of of, FILE *out)
{
	if (of == SUM_NAME) {
		task_text_count(out, report->samples, "sample");
		fprintf(out, " of CPUs, %s",
			report->event.size ? quantity_exact(report->total_ns).text
					   : quantity_of_length(report->total_ns).text);
		write_event_name(report, out);
		if (report->skipped.file)
			skipped_write_brief(&report->skipped, out);
		fputs(": ", out);
	} else {
		fputs("in ", out);
	}
	write_largest(report, sums, of, out);
	if (of == SUM_FUNCTION)
		fputs("  (-e cpu)", out);
}

bool cpu_report_write_brief(const struct cpu_report *report, const struct layout *layout, FILE *out)
{
	const struct sum **sums = sums_sorted(&report->sums);
	bool ok = sums != NULL;

	for (int of = 0; of < SUMS && ok; of++) {
		struct text_stream stream;
		char *text;

		if (text_stream_open(&stream))
			write_brief_line(report, sums, (enum sum_of)of, stream.out);
		text = text_stream_close(&stream);
		ok = text != NULL;
		if (!ok)
			break;
		fprintf(out, "%-*s", (int)BRIEF_INDENT, of == 0 ? "CPU" : "");
		layout_paragraph(layout, out, BRIEF_INDENT, BRIEF_INDENT, text);
		free(text);
	}
	free(sums);
	return ok;
}

void cpu_report_free(struct cpu_report *report)
{
	if (!report)
		return;
	sums_release(&report->sums);
	free(report);
}
