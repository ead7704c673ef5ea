/* analyze/counts/counts_report.c - numbers of exits by keys, as a table or as JSON */
#include "analyze/counts/counts_report.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "analyze/cause/task_text.h"
#include "analyze/json/json_value.h"
#include "analyze/replay/replay.h"
#include "analyze/replay/totals.h"
#include "text/escape.h"
#include "text/quantity.h"

/* Columns are at most this wide; longer texts move what follows. */
#define WIDTH_MAX 64u

#define UNKNOWN "-"

/* A table that is being written. */
struct count_table {
	const struct counts_report *report;
	const struct counts *counts;
	size_t rows;
	size_t widths[COUNTS_KEY_COUNT];
	size_t count_width;
};

static bool replay(const struct counts_report *report, const struct selection *selection,
		   struct visitor visitor)
{
	const struct replay replay = {
		.trace = report->trace, .selection = selection, .progress = report->progress};
	enum replay_status status = replay_run(&replay, &visitor, 1);

	if (status == REPLAY_OK)
		return true;
	/* The visitors stop only on allocation failure. */
	return status == REPLAY_FAILED && trace_collect_problems(report->trace) &&
	       trace_has_failed(report->trace);
}

static void measure(struct count_table *table)
{
	const struct counts_request *request = &table->report->request;

	table->count_width = strlen("COUNT");
	for (size_t key = 0; key < request->key_count; key++)
		table->widths[key] = strlen(counts_key_name(request->keys[key]));
	for (size_t i = 0; i < table->rows; i++) {
		const struct counts_row *row = counts_row_at(table->counts, i);
		size_t width = strlen(quantity_exact(row->counts[0]).text);

		if (width > table->count_width)
			table->count_width = width;
		for (size_t key = 0; key < request->key_count; key++) {
			struct trace_text value = counts_value(row, key);

			width = escape_copy((char[1]){0}, 1, ESCAPE_TERMINAL, value.bytes,
					    value.size);
			if (width > table->widths[key])
				table->widths[key] = width < WIDTH_MAX ? width : WIDTH_MAX;
		}
	}
}

static void write_head(const struct count_table *table)
{
	const struct counts_request *request = &table->report->request;
	FILE *out = table->report->out;

	fprintf(out, "%*s", (int)table->count_width, "COUNT");
	for (size_t key = 0; key < request->key_count; key++) {
		const char *name = counts_key_name(request->keys[key]);

		fputs("  ", out);
		for (const char *at = name; *at; at++)
			fputc((toupper)((unsigned char)*at), out); /* no macro: it nests deep */
		fprintf(out, "%*s", (int)(table->widths[key] - strlen(name)), "");
	}
	fputs("  UNTIL\n", out);
}

static void write_row(const struct count_table *table, const struct counts_row *row)
{
	const struct counts_request *request = &table->report->request;
	FILE *out = table->report->out;

	fprintf(out, "%*s", (int)table->count_width, quantity_exact(row->counts[0]).text);
	for (size_t key = 0; key < request->key_count; key++) {
		struct trace_text value = counts_value(row, key);

		if (!value.bytes)
			value = (struct trace_text){UNKNOWN, strlen(UNKNOWN)};
		fputs("  ", out);
		task_text_column(out, value, table->widths[key]);
	}
	fprintf(out, "  %s\n", timestamp_date(row->last_ns[0], request->utc).text);
}

static size_t count_files(const struct trace *trace)
{
	size_t count = 0;

	while (trace_file(trace, count))
		count++;
	return count;
}

/* "50 files  2026-11-28 00:00:00 .. 2026-11-29 00:00:00 UTC  12,408 of 811,960 exits" */
static void write_first_line(const struct count_table *table, uint64_t all)
{
	const struct counts_report *report = table->report;
	struct time_range span = trace_span(report->trace);
	uint64_t total = counts_total(table->counts, 0);
	bool utc = report->request.utc;
	FILE *out = report->out;

	task_text_count(out, count_files(report->trace), "file");
	fprintf(out, "  %s ..", timestamp_date(span.first_ns, utc).text);
	fprintf(out, " %s%s  ", timestamp_date(span.last_ns, utc).text, utc ? " UTC" : "");
	if (total != all)
		fprintf(out, "%s of ", quantity_exact(total).text);
	task_text_count(out, all, "exit");
	fputc('\n', out);
}

/* What is in no row that is printed. */
static void write_rest(const struct count_table *table, size_t all_rows)
{
	FILE *out = table->report->out;
	uint64_t rest = 0;

	for (size_t i = table->rows; i < all_rows; i++)
		rest += counts_row_at(table->counts, i)->counts[0];
	if (rest > 0)
		fprintf(out, "%s more in %s rows: --top 0 prints them\n", quantity_exact(rest).text,
			quantity_exact(all_rows - table->rows).text);
	for (size_t class = 0; class < CAUSE_CLASSES; class ++) {
		uint64_t others = counts_others(table->counts, 0, (enum cause_class) class);

		if (others > 0)
			fprintf(out, "%s %s in other rows than the first %s\n",
				quantity_exact(others).text,
				cause_class_word((enum cause_class) class),
				quantity_exact(all_rows).text);
	}
}

static void write_text(const struct count_table *table, size_t all_rows, uint64_t all)
{
	write_first_line(table, all);
	if (table->rows > 0)
		write_head(table);
	for (size_t i = 0; i < table->rows; i++)
		write_row(table, counts_row_at(table->counts, i));
	write_rest(table, all_rows);
}

static void put_row(const struct count_table *table, struct json_writer *writer,
		    const struct counts_row *row)
{
	const struct counts_request *request = &table->report->request;
	struct buffer *out = &writer->buffer;

	json_text_literal(out, "{");
	json_value_word(writer, JSON_MEMBER_TYPE, "count");
	json_value_uint(writer, JSON_MEMBER_EXIT_COUNT, row->counts[0]);
	json_value_time(writer, JSON_MEMBER_COUNT_FIRST, row->first_ns[0]);
	json_value_time(writer, JSON_MEMBER_COUNT_LAST, row->last_ns[0]);
	for (size_t key = 0; key < request->key_count; key++) {
		struct trace_text value = counts_value(row, key);

		if (value.bytes)
			json_text_member(out, counts_key_name(request->keys[key]), value);
	}
	json_text_literal(out, "}\n");
}

static void put_others(const struct count_table *table, struct json_writer *writer)
{
	for (size_t class = 0; class < CAUSE_CLASSES; class ++) {
		uint64_t others = counts_others(table->counts, 0, (enum cause_class) class);

		if (others == 0)
			continue;
		json_text_literal(&writer->buffer, "{");
		json_value_word(writer, JSON_MEMBER_TYPE, "count");
		json_value_uint(writer, JSON_MEMBER_EXIT_COUNT, others);
		json_value_bool(writer, JSON_MEMBER_COUNT_OTHER, true);
		json_value_word(writer, JSON_MEMBER_COUNT_CLASS,
				cause_class_word((enum cause_class) class));
		json_text_literal(&writer->buffer, "}\n");
	}
}

static bool write_json(const struct count_table *table)
{
	struct json_writer writer = json_writer_new(table->report->out);
	bool ok = true;

	for (size_t i = 0; ok && i < table->rows; i++) {
		put_row(table, &writer, counts_row_at(table->counts, i));
		ok = json_writer_continue(&writer);
	}
	put_others(table, &writer);
	ok = (ok && json_writer_flush(&writer)) || ferror(table->report->out);
	json_writer_release(&writer);
	return ok;
}

/* Counts all exits, selected or not. */
static bool count_all(const struct counts_report *report, uint64_t *ret_all)
{
	const struct selection everything = {.kinds = 0};
	struct totals totals = {0};
	struct visitor visitor = totals_visitor(&totals);

	visitor.kinds = VISITOR_KIND(DZ_KIND_EXIT);
	if (!replay(report, &everything, visitor))
		return false;
	*ret_all = totals.exits;
	return true;
}

static bool write(const struct counts_report *report, struct counts *counts)
{
	struct counts_side side = {counts, 0};
	struct count_table table = {.report = report, .counts = counts};
	size_t all_rows;
	uint64_t all = 0;

	if (!replay(report, report->selection, counts_visitor(&side)))
		return false;
	all_rows = counts_sort(counts);
	table.rows = report->top && report->top < all_rows ? report->top : all_rows;
	if (report->json)
		return write_json(&table);
	if (!count_all(report, &all))
		return false;
	measure(&table);
	write_text(&table, all_rows, all);
	return true;
}

bool counts_report_write(const struct counts_report *report)
{
	struct counts *counts = counts_new(&report->request);
	bool ok = counts && write(report, counts);

	counts_free(counts);
	return ok;
}
