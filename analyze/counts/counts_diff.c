/* analyze/counts/counts_diff.c - ends that are more or less frequent in one trace than in another
 */
#include "analyze/counts/counts_diff.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/cause/task_text.h"
#include "analyze/counts/counts.h"
#include "analyze/json/json_value.h"
#include "analyze/replay/replay.h"
#include "text/quantity.h"

#define DEVIATIONS 3.0
#define LEAST      5.0

#define COMM_WIDTH 15u

static const char *const change_names[] = {
	[COUNTS_NEW] = "NEW",   [COUNTS_MORE] = "MORE", [COUNTS_LESS] = "LESS",
	[COUNTS_GONE] = "GONE", [COUNTS_SAME] = "SAME",
};

/* A row, with its change. */
struct changed_row {
	const struct counts_row *row;
	enum counts_change change;
};

struct comparison {
	const struct counts_diff *diff;
	struct counts *counts;
	struct changed_row *rows;
	size_t count;
	uint64_t lengths_ns[2];
};

enum counts_change counts_diff_compare(const uint64_t counts[static 2],
				       const uint64_t lengths_ns[static 2])
{
	double scale, expected, difference, variance;

	if (counts[0] == 0 || counts[1] == 0)
		return counts[0] == 0 ? COUNTS_NEW : COUNTS_GONE;
	scale = lengths_ns[0] && lengths_ns[1] ? (double)lengths_ns[1] / (double)lengths_ns[0] : 1;
	expected = (double)counts[0] * scale;
	difference = (double)counts[1] - expected;
	/* The variance of a Poisson count is the count. */
	variance = (double)counts[1] + expected * scale;
	if (difference * difference <= DEVIATIONS * DEVIATIONS * variance ||
	    (difference < LEAST && difference > -LEAST))
		return COUNTS_SAME;
	return difference > 0 ? COUNTS_MORE : COUNTS_LESS;
}

static bool count(const struct counts_diff *diff, struct trace *trace, struct counts_side *side)
{
	const struct replay replay = {.trace = trace, .selection = diff->selection};
	struct visitor visitor = counts_visitor(side);
	enum replay_status status = replay_run(&replay, &visitor, 1);

	if (status == REPLAY_OK)
		return true;
	return status == REPLAY_FAILED && trace_collect_problems(trace) && trace_has_failed(trace);
}

/* Returns the length of one recording: to its last record, also of those about itself. */
static uint64_t find_length(const struct dz_reader *reader)
{
	uint64_t start = dz_reader_header(reader)->boottime_ns, last = start;
	size_t count;
	const struct dz_block_info *blocks = dz_reader_blocks(reader, &count);

	for (size_t i = 0; i < count; i++)
		if (blocks[i].kind >= DZ_KIND_FIRST_NOT_DICTIONARY &&
		    blocks[i].kind != DZ_KIND_INDEX && blocks[i].last > last)
			last = blocks[i].last;
	return last - start;
}

/* Returns the sum of the lengths of all recordings. */
static uint64_t sum_lengths(const struct trace *trace)
{
	const struct trace_file *file;
	uint64_t sum = 0;

	for (size_t i = 0; (file = trace_file(trace, i)); i++)
		if (file->reader && __builtin_add_overflow(sum, find_length(file->reader), &sum))
			return UINT64_MAX;
	return sum;
}

static int compare(const void *left, const void *right)
{
	const struct changed_row *a = left, *b = right;
	uint64_t most_a = a->row->counts[0] + a->row->counts[1];
	uint64_t most_b = b->row->counts[0] + b->row->counts[1];
	int order = (int)a->change - (int)b->change;

	if (order == 0)
		order = (int)a->row->class - (int)b->row->class;
	if (order == 0)
		order = (most_a < most_b) - (most_a > most_b);
	/* Rows are in one array, whose order is the same for the same files. */
	return order ? order : (a->row > b->row) - (a->row < b->row);
}

static void write_side(const struct comparison *comparison, size_t side, const char *label)
{
	const struct trace *trace = side == 0 ? comparison->diff->before : comparison->diff->after;
	const struct trace_file *file = trace_file(trace, 0);
	struct time_range span = trace_span(trace);
	FILE *out = comparison->diff->out;
	struct dz_bytes host = {NULL, 0};

	if (file && file->reader)
		host = dz_reader_info(file->reader, "host.name");
	fprintf(out, "%-6s  ", label);
	task_text_text(out, (struct trace_text){(const char *)host.data, host.size});
	fprintf(out, "%s%s", host.size > 0 ? "  " : "",
		timestamp_date(span.first_ns, comparison->diff->selection->utc).text);
	fprintf(out, "  %s", quantity_of_duration(comparison->lengths_ns[side]).text);
	fprintf(out, "  %s not clean\n",
		quantity_exact(counts_total(comparison->counts, side)).text);
}

/* Info records of the recorder about what it recorded. */
static const char *const filters[] = {
	"recorder.events", "filter.failed",  "filter.threads",     "filter.command",
	"filter.comm",     "filter.tgid",    "filter.tid",         "filter.uid",
	"filter.cgroup",   "filter.signals", "filter.sender_comm",
};

/* "! the recordings have different filters: filter.comm" */
static void write_filters(const struct comparison *comparison)
{
	const struct trace_file *before = trace_file(comparison->diff->before, 0);
	const struct trace_file *after = trace_file(comparison->diff->after, 0);
	const char *separator = "! the recordings have different filters: ";
	bool any = false;

	if (!before || !after || !before->reader || !after->reader)
		return;
	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
		struct dz_bytes a = dz_reader_info(before->reader, filters[i]);
		struct dz_bytes b = dz_reader_info(after->reader, filters[i]);

		if (a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0))
			continue;
		fprintf(comparison->diff->out, "%s%s", separator, filters[i]);
		separator = ", ";
		any = true;
	}
	if (any)
		fputc('\n', comparison->diff->out);
}

static struct trace_text skip_class(struct trace_text cause)
{
	const char *space = cause.size > 0 ? memchr(cause.bytes, ' ', cause.size) : NULL;
	size_t before = space ? (size_t)(space - cause.bytes) + 1 : cause.size;

	return (struct trace_text){cause.bytes ? cause.bytes + before : "", cause.size - before};
}

static void write_row(const struct comparison *comparison, const struct changed_row *changed)
{
	const struct counts_row *row = changed->row;
	struct trace_text comm = counts_value(row, 1), cause = skip_class(counts_value(row, 2));
	FILE *out = comparison->diff->out;

	fprintf(out, "%-4s  %7s  ", change_names[changed->change],
		quantity_exact(row->counts[0]).text);
	fprintf(out, "%7s  %-7s  ", quantity_exact(row->counts[1]).text,
		cause_class_word(row->class));
	task_text_column(out, comm,
			 cause.size > 0 || changed->change == COUNTS_NEW ? COMM_WIDTH : 0);
	if (cause.size > 0) {
		fputs("  ", out);
		task_text_text(out, cause);
	}
	if (changed->change == COUNTS_NEW)
		fprintf(out, "%s first %s", cause.size > 0 ? "," : " ",
			timestamp_date(row->first_ns[1], comparison->diff->selection->utc).text);
	fputc('\n', out);
}

static void write_rest(const struct comparison *comparison, size_t shown)
{
	FILE *out = comparison->diff->out;
	uint64_t before = 0, after = 0;

	for (size_t i = shown; i < comparison->count; i++) {
		before += comparison->rows[i].row->counts[0];
		after += comparison->rows[i].row->counts[1];
	}
	if (comparison->count > shown) {
		task_text_count(out, comparison->count - shown, "kind");
		fprintf(out, " as before (%s,", quantity_exact(before).text);
		fprintf(out, " %s)\n", quantity_exact(after).text);
	}
	for (size_t class = 0; class < CAUSE_CLASSES; class ++) {
		before = counts_others(comparison->counts, 0, (enum cause_class) class);
		after = counts_others(comparison->counts, 1, (enum cause_class) class);
		if (before + after > 0)
			fprintf(out, "%s of other kinds, not compared: %s before, %s after\n",
				cause_class_word((enum cause_class) class),
				quantity_exact(before).text, quantity_exact(after).text);
	}
}

static void write_text(const struct comparison *comparison, size_t shown)
{
	FILE *out = comparison->diff->out;

	write_side(comparison, 0, "before");
	write_side(comparison, 1, "after");
	write_filters(comparison);
	if (shown > 0)
		fprintf(out, "%-4s  %7s  %7s\n", "", "BEFORE", "AFTER");
	for (size_t i = 0; i < shown; i++)
		write_row(comparison, &comparison->rows[i]);
	write_rest(comparison, shown);
}

static void put_row(struct json_writer *writer, const struct changed_row *changed)
{
	const struct counts_row *row = changed->row;
	struct trace_text comm = counts_value(row, 1), cause = counts_value(row, 2);

	json_text_literal(&writer->buffer, "{");
	json_value_word(writer, JSON_MEMBER_TYPE, "change");
	json_value_word(writer, JSON_MEMBER_CHANGE, change_names[changed->change]);
	json_value_uint(writer, JSON_MEMBER_BEFORE, row->counts[0]);
	json_value_uint(writer, JSON_MEMBER_AFTER, row->counts[1]);
	if (row->first_ns[1] != 0)
		json_value_time(writer, JSON_MEMBER_COUNT_FIRST, row->first_ns[1]);
	json_value_word(writer, JSON_MEMBER_COUNT_CLASS, cause_class_word(row->class));
	if (comm.bytes)
		json_value_text(writer, JSON_MEMBER_COUNT_COMM, comm);
	json_value_text(writer, JSON_MEMBER_COUNT_CAUSE, cause);
	json_text_literal(&writer->buffer, "}\n");
}

static bool write_json(const struct comparison *comparison, size_t shown)
{
	struct json_writer writer = json_writer_new(comparison->diff->out);
	bool ok = true;

	for (size_t i = 0; ok && i < shown; i++) {
		put_row(&writer, &comparison->rows[i]);
		ok = json_writer_continue(&writer);
	}
	ok = (ok && json_writer_flush(&writer)) || ferror(comparison->diff->out);
	json_writer_release(&writer);
	return ok;
}

/* Orders the rows. Returns the number of those that changed. */
static size_t order_rows(struct comparison *comparison)
{
	size_t changed = 0;

	for (size_t i = 0; i < comparison->count; i++) {
		struct changed_row *row = &comparison->rows[i];

		row->row = counts_row_at(comparison->counts, i);
		row->change = counts_diff_compare(row->row->counts, comparison->lengths_ns);
		changed += row->change != COUNTS_SAME;
	}
	if (comparison->count > 0)
		qsort(comparison->rows, comparison->count, sizeof(*comparison->rows), compare);
	return changed;
}

static bool compare_traces(const struct counts_diff *diff, struct comparison *comparison,
			   bool *ret_worse)
{
	struct counts_side before = {comparison->counts, 0}, after = {comparison->counts, 1};
	size_t shown;

	if (!count(diff, diff->before, &before) || !count(diff, diff->after, &after))
		return false;
	comparison->lengths_ns[0] = sum_lengths(diff->before);
	comparison->lengths_ns[1] = sum_lengths(diff->after);
	comparison->count = counts_sort(comparison->counts);
	comparison->rows = calloc(comparison->count + 1, sizeof(*comparison->rows));
	if (!comparison->rows)
		return false;
	shown = order_rows(comparison);
	/* The worse changes come first. */
	*ret_worse = shown > 0 && comparison->rows[0].change <= COUNTS_MORE;
	if (diff->json)
		return write_json(comparison, shown);
	write_text(comparison, shown);
	return true;
}

bool counts_diff_write(const struct counts_diff *diff, bool *ret_worse)
{
	const struct counts_request request = {
		.keys = {COUNTS_CLASS, COUNTS_COMM, COUNTS_CAUSE},
		.key_count = 3,
		.utc = diff->selection->utc,
		.similar_names = true,
		.without_clean = true,
	};
	struct comparison comparison = {.diff = diff, .counts = counts_new(&request)};
	bool ok;

	*ret_worse = false;
	ok = comparison.counts && compare_traces(diff, &comparison, ret_worse);
	free(comparison.rows);
	counts_free(comparison.counts);
	return ok;
}
