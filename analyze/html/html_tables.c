/* analyze/html/html_tables.c - the tables of a page: events, or groups of events that are alike */
#include "analyze/html/html_tables.h"

#include <inttypes.h>
#include <stdlib.h>

#include "analyze/html/html_text.h"
#include "analyze/report/answer_table.h"
#include "analyze/report/name_range.h"
#include "analyze/report/report_head.h"
#include "analyze/report/tables.h"
#include "text/quantity.h"
#include "text/text_stream.h"

#define COLUMNS_MAX 16u

/* Events that are alike. */
struct group {
	char *cells; /* as HTML */
	uint64_t until_ns;
};

struct writing {
	const struct report *report;
	uint32_t kind;
	bool is_grouped;
	bool has_dates;
	FILE *out;
	struct answer_table *groups;
	struct buffer key;
	struct text_stream cell; /* the text of one cell after the other */
	uint64_t child_signals;  /* left out */
	uint64_t shown;
	uint64_t outside; /* events of groups that are not kept */
};

/* Returns the text of a cell without the spaces around it; empty if it cannot be made, which the
 * stream remembers. Valid until the next call. */
static struct trace_text cell_text(struct writing *writing, size_t column,
				   const struct visitor_event *event)
{
	struct trace_text text = {"", 0};
	long size;

	rewind(writing->cell.out);
	tables_write_cell(writing->kind, column, event, writing->cell.out);
	size = ftell(writing->cell.out);
	if (fflush(writing->cell.out) != 0 || size <= 0)
		return text;
	text = (struct trace_text){writing->cell.text, (size_t)size};
	while (text.size > 0 && text.bytes[0] == ' ') {
		text.bytes++;
		text.size--;
	}
	while (text.size > 0 && text.bytes[text.size - 1] == ' ')
		text.size--;
	return text;
}

static void write_time(const struct writing *writing, uint64_t unix_ns, FILE *out)
{
	const bool utc = writing->report->options->selection.utc;

	fprintf(out, "<td data-v=\"%" PRIu64 "\">", unix_ns);
	if (writing->has_dates)
		fprintf(out, "%.10s ", timestamp_date(unix_ns, utc).text);
	fprintf(out, "%s</td>", timestamp_time(unix_ns, utc).text);
}

static bool is_shown(const struct writing *writing, const struct table_column *column)
{
	return !writing->is_grouped || !column->varies;
}

static bool write_cells(struct writing *writing, const struct visitor_event *event, FILE *out)
{
	const size_t count = tables_column_count(writing->kind);

	for (size_t i = 0; i < count; i++) {
		const struct table_column column = tables_column(writing->kind, i);

		if (!is_shown(writing, &column))
			continue;
		fputs(column.is_number ? "<td class=\"n\">" : "<td>", out);
		html_text_bytes(out, cell_text(writing, i, event));
		fputs("</td>", out);
	}
	return !ferror(writing->cell.out);
}

/* Numbers in names and causes are those of processes: they do not make events different. */
static bool make_key(struct writing *writing, const struct visitor_event *event)
{
	const size_t count = tables_column_count(writing->kind);

	buffer_clear(&writing->key);
	for (size_t i = 0; i < count; i++) {
		const struct table_column column = tables_column(writing->kind, i);
		struct trace_text text;

		if (column.varies)
			continue;
		text = cell_text(writing, i, event);
		if (column.is_number)
			buffer_put(&writing->key, text.bytes, text.size);
		else
			name_range_fold(&writing->key, text);
		buffer_put_u8(&writing->key, 0);
	}
	return !writing->key.failed && !ferror(writing->cell.out);
}

static bool start_group(struct writing *writing, const struct visitor_event *event,
			struct answer_entry *entry)
{
	struct group *group = calloc(1, sizeof(*group));
	struct text_stream stream;
	bool ok;

	if (!group)
		return false;
	entry->item = group;
	group->until_ns = event->unix_ns;
	ok = text_stream_open(&stream) && write_cells(writing, event, stream.out);
	group->cells = text_stream_close(&stream);
	return ok && group->cells;
}

static bool add_to_group(struct writing *writing, const struct visitor_event *event)
{
	const struct answer_rank rank = {.first_ns = event->unix_ns};
	struct answer_entry *entry;

	if (!make_key(writing, event))
		return false;
	switch (answer_table_add(writing->groups,
				 (struct answer_key){writing->key.data, writing->key.size}, rank,
				 &entry)) {
	case ANSWER_NEW:
		return start_group(writing, event, entry);
	case ANSWER_COUNTED:
		((struct group *)entry->item)->until_ns = event->unix_ns;
		return true;
	case ANSWER_OUTSIDE:
		writing->outside++;
		return true;
	case ANSWER_NO_MEMORY:
	default:
		return false;
	}
}

static bool visit(void *context, const struct visitor_event *event)
{
	struct writing *writing = context;

	if (!event->event->row)
		return true;
	if (writing->report->options->selection.signals == 0 && tables_is_child_signal(event)) {
		writing->child_signals++;
		return true;
	}
	writing->shown++;
	if (writing->is_grouped)
		return add_to_group(writing, event);
	fputs("<tr>", writing->out);
	write_time(writing, event->unix_ns, writing->out);
	if (!write_cells(writing, event, writing->out))
		return false;
	fputs("</tr>\n", writing->out);
	return true;
}

static void write_head(const struct writing *writing)
{
	const size_t count = tables_column_count(writing->kind);
	FILE *out = writing->out;

	fputs("<thead><tr><th scope=\"col\">TIME</th>", out);
	if (writing->is_grouped)
		fputs("<th scope=\"col\">UNTIL</th><th scope=\"col\" class=\"n\">COUNT</th>", out);
	for (size_t i = 0; i < count; i++) {
		const struct table_column column = tables_column(writing->kind, i);

		if (is_shown(writing, &column))
			fprintf(out, "<th scope=\"col\"%s>%s</th>",
				column.is_number ? " class=\"n\"" : "", column.head);
	}
	fputs("</tr></thead>\n", out);
}

static void write_groups(const struct writing *writing)
{
	const struct answer_entry *entry;
	FILE *out = writing->out;

	for (size_t i = 0; (entry = answer_table_at(writing->groups, i)); i++) {
		const struct group *group = entry->item;

		fputs("<tr>", out);
		write_time(writing, entry->rank.first_ns, out);
		write_time(writing, group->until_ns, out);
		fprintf(out, "<td class=\"n\" data-v=\"%" PRIu64 "\">%s</td>%s</tr>\n",
			entry->count, quantity_exact(entry->count).text, group->cells);
	}
}

static void write_foot(const struct writing *writing)
{
	FILE *out = writing->out;

	if (writing->is_grouped)
		fprintf(out,
			"<p class=\"note\">%s events, merged where they are alike: first and last "
			"time, and the numbers of the first.</p>\n",
			quantity_exact(writing->shown).text);
	if (writing->outside > 0)
		fprintf(out,
			"<p class=\"note\">%s of these events, of further kinds, have no "
			"row.</p>\n",
			quantity_exact(writing->outside).text);
	if (writing->child_signals > 0)
		fprintf(out,
			"<p class=\"note\">%s events of SIGCHLD left out: --signals CHLD</p>\n",
			quantity_exact(writing->child_signals).text);
}

static void release_group(void *item)
{
	struct group *group = item;

	free(group->cells);
	free(group);
}

static bool write_rows(struct writing *writing)
{
	const struct visitor visitor = {
		.context = writing, .kinds = VISITOR_KIND(writing->kind), .visit = visit};
	enum replay_status status;

	write_head(writing);
	fputs("<tbody>\n", writing->out);
	status = report_replay(writing->report, &visitor, 1);
	if (status == REPLAY_STOPPED ||
	    (status == REPLAY_FAILED && !report_has_reason(writing->report)))
		return false;
	if (writing->is_grouped)
		write_groups(writing);
	fputs("</tbody></table></div>\n", writing->out);
	write_foot(writing);
	return true;
}

static bool write_table(const struct report *report, uint32_t kind, uint64_t events, FILE *out)
{
	struct writing writing = {
		.report = report,
		.kind = kind,
		.is_grouped = events > HTML_TABLE_ROWS,
		.has_dates = report_head_has_dates(report->trace, report->options->selection.utc),
		.out = out,
	};
	bool ok;

	writing.groups = answer_table_new(HTML_TABLE_ROWS, release_group);
	if (!writing.groups || !text_stream_open(&writing.cell)) {
		answer_table_free(writing.groups);
		return false;
	}
	fprintf(out,
		"<details class=\"table\"%s><summary>%s <span class=\"note\">%s</span></summary>\n"
		"<div class=\"scroll\"><table>",
		kind == tables_kind(0) ? " open" : "", tables_title(kind),
		quantity_exact(events).text);
	ok = write_rows(&writing);
	fputs("</details>\n", out);
	free(text_stream_close(&writing.cell));
	answer_table_free(writing.groups);
	buffer_release(&writing.key);
	return ok;
}

bool html_tables_write(const struct report *report, const uint64_t kinds[64], FILE *out)
{
	bool has_any = false;
	uint32_t kind;

	fputs("<section id=\"tables\"><h2>Tables</h2>\n", out);
	for (size_t i = 0; (kind = tables_kind(i)) != 0; i++) {
		if (kinds[kind] == 0)
			continue;
		has_any = true;
		if (!write_table(report, kind, kinds[kind], out))
			return false;
	}
	if (!has_any)
		fputs("<p class=\"note\">No events of these kinds are selected.</p>\n", out);
	fputs("</section>\n", out);
	return true;
}
