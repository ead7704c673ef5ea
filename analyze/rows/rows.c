/* analyze/rows/rows.c - events as flat rows for databases, one JSON object a line
 *
 * Two tables need later events. The delivery of a signal comes after it, and phases of a section
 * can come after its record, with the same time. Such rows are held, in two parts. */
#include "analyze/rows/rows.h"

#include <stdlib.h>
#include <string.h>

#include <dz/enums.h>

/* Sections whose phases are summed at the same time. The id of a section chooses its place. */
#define PHASES_MAX 4096u

struct phases {
	const struct trace_file *file; /* NULL: free */
	uint64_t section;
	uint64_t unix_ns; /* when the section was stopped */
	struct rows_phase_sums sums;
};

struct rows_phases {
	struct phases places[PHASES_MAX];
};

const struct rows_table *rows_table_at(size_t number)
{
	return number < rows_table_count ? &rows_tables[number] : NULL;
}

const struct rows_table *rows_table_find(const char *name)
{
	for (size_t i = 0; i < rows_table_count; i++)
		if (strcmp(rows_tables[i].name, name) == 0)
			return &rows_tables[i];
	return NULL;
}

struct rows rows_new(const struct rows_table *table, FILE *out)
{
	return (struct rows){
		.table = table,
		.writer = json_writer_new(out),
		.held = rows_held_new(),
		.phases = table->kind == DZ_KIND_SECTION ? calloc(1, sizeof(struct rows_phases))
							 : NULL,
	};
}

static void put_columns(struct rows *rows, const struct visitor_event *event, size_t first,
			size_t end)
{
	const struct rows_column *columns = rows->table->columns;

	for (size_t i = first; i < end; i++)
		columns[i].put(&rows->writer, event, &columns[i]);
}

static bool write_row(struct rows *rows, const struct visitor_event *event)
{
	json_text_literal(&rows->writer.buffer, "{");
	put_columns(rows, event, 0, rows->table->column_count);
	json_text_literal(&rows->writer.buffer, "}\n");
	return json_writer_continue(&rows->writer);
}

static bool is_of(const struct phases *phases, const struct trace_file *file, uint64_t section)
{
	return phases->file == file && phases->section == section;
}

/* Appends the sums of the phases of a section, if they are known, and frees their place. */
static void put_sums(struct rows *rows, const struct rows_held_key *key)
{
	struct phases *phases = &rows->phases->places[key->id % PHASES_MAX];

	if (!is_of(phases, key->file, key->id))
		return;
	rows_tables_put_sums(&rows->writer, key->file, &phases->sums);
	phases->file = NULL;
}

/* Writes a row that was held, with the columns of its delivery, NULL if there is none. */
static bool release(struct rows *rows, struct rows_held_row *row,
		    const struct rows_late_signal *late)
{
	struct buffer *out = &rows->writer.buffer;

	buffer_put(out, row->text, row->first_bytes);
	if (rows->phases)
		put_sums(rows, &row->key);
	if (late)
		rows_tables_put_delivery(&rows->writer, late);
	buffer_put(out, row->text + row->first_bytes, row->bytes - row->first_bytes);
	rows_held_remove(rows->held, row);
	return json_writer_continue(&rows->writer);
}

/* Holds the row of an event. Its text is made in the buffer, whose place is free again. */
static bool hold(struct rows *rows, const struct visitor_event *event,
		 const struct rows_held_key *key)
{
	struct buffer *out = &rows->writer.buffer;
	size_t start, first;
	struct trace_text text;
	bool ok;

	if (rows_held_is_full(rows->held) && !release(rows, rows_held_oldest(rows->held), NULL))
		return false;
	start = out->size;
	json_text_literal(out, "{");
	put_columns(rows, event, 0, rows->table->late_first);
	first = out->size - start;
	put_columns(rows, event, rows->table->late_end, rows->table->column_count);
	json_text_literal(out, "}\n");
	if (out->failed)
		return false;
	text = (struct trace_text){(const char *)out->data + start, out->size - start};
	ok = rows_held_add(rows->held, key, event->unix_ns, text, first);
	out->size = start;
	return ok;
}

static struct rows_held_key key_of_signal(const struct trace_file *file,
					  const struct dz_signal *row)
{
	return (struct rows_held_key){file, row->receiver, row->time, row->signal};
}

static bool add_signal(struct rows *rows, const struct visitor_event *event)
{
	const struct dz_signal *row = event->event->row;
	const struct rows_held_key key = key_of_signal(event->file, row);

	if (row->result != DZ_SIGNAL_RESULT_DELIVERED && row->result != DZ_SIGNAL_RESULT_LOST_INFO)
		return write_row(rows, event);
	return hold(rows, event, &key);
}

static bool add_delivery(struct rows *rows, const struct visitor_event *event)
{
	const struct dz_delivery *row = event->event->row;
	const struct dz_signal *signal = &event->taken->row;
	struct rows_late_signal late = {.delivery = row};
	struct rows_held_key key;
	struct rows_held_row *found;

	if (!event->taken->file)
		return true;
	key = key_of_signal(event->taken->file, signal);
	found = rows_held_find(rows->held, &key);
	if (!found)
		return true;
	late.is_pending_known = row->time >= signal->time;
	late.pending_ns = row->time - signal->time;
	return release(rows, found, &late);
}

static void add_duration(struct rows_phase_sums *sums, const struct dz_phase *row)
{
	static const size_t places[] = {
		[DZ_PHASE_STATE_USER] = offsetof(struct rows_phase_sums, user_ns),
		[DZ_PHASE_STATE_KERNEL] = offsetof(struct rows_phase_sums, kernel_ns),
		[DZ_PHASE_STATE_FAULT] = offsetof(struct rows_phase_sums, fault_ns),
		[DZ_PHASE_STATE_INTERRUPT] = offsetof(struct rows_phase_sums, interrupt_ns),
		[DZ_PHASE_STATE_RUNNABLE] = offsetof(struct rows_phase_sums, runnable_ns),
		[DZ_PHASE_STATE_PREEMPTED] = offsetof(struct rows_phase_sums, runnable_ns),
		[DZ_PHASE_STATE_BLOCKED] = offsetof(struct rows_phase_sums, blocked_ns),
		[DZ_PHASE_STATE_UNINTERRUPTIBLE] = offsetof(struct rows_phase_sums, blocked_ns),
	};
	uint64_t *sum;

	if (row->name != 0 && row->duration > sums->worst_ns) {
		sums->worst_ns = row->duration;
		sums->worst_call = row->name;
	}
	if (row->state >= sizeof(places) / sizeof(places[0]))
		return;
	sum = (uint64_t *)(void *)((char *)sums + places[row->state]);
	if (__builtin_add_overflow(*sum, row->duration, sum))
		*sum = UINT64_MAX;
}

/* All phases of a section have the time of its stop. If another section of the same time has the
 * place, the sums of this one stay unknown. */
static bool add_phase(struct rows *rows, const struct visitor_event *event)
{
	const struct dz_phase *row = event->event->row;
	struct phases *phases;

	if (!rows->phases)
		return true;
	phases = &rows->phases->places[row->section % PHASES_MAX];
	if (!is_of(phases, event->file, row->section)) {
		if (phases->file && phases->unix_ns == event->unix_ns)
			return true;
		*phases = (struct phases){
			.file = event->file, .section = row->section, .unix_ns = event->unix_ns};
	}
	add_duration(&phases->sums, row);
	return true;
}

static bool add_section(struct rows *rows, const struct visitor_event *event)
{
	const struct dz_section *row = event->event->row;

	return hold(
		rows, event,
		&(struct rows_held_key){.file = event->file, .id = row->id, .time_ns = row->time});
}

/* Writes the sections that ended earlier: no more phases follow. */
static bool release_sections(struct rows *rows, uint64_t unix_ns)
{
	struct rows_held_row *oldest;

	while ((oldest = rows_held_oldest(rows->held)) && oldest->unix_ns < unix_ns)
		if (!release(rows, oldest, NULL))
			return false;
	return true;
}

static bool add(struct rows *rows, const struct visitor_event *event)
{
	if (!event->event->row)
		return true;
	if (rows->phases && !release_sections(rows, event->unix_ns))
		return false;
	switch (event->event->kind) {
	case DZ_KIND_SIGNAL:
		return add_signal(rows, event);
	case DZ_KIND_DELIVERY:
		return add_delivery(rows, event);
	case DZ_KIND_SECTION:
		return add_section(rows, event);
	case DZ_KIND_PHASE:
		return add_phase(rows, event);
	default:
		return write_row(rows, event);
	}
}

static bool visit(void *context, const struct visitor_event *event)
{
	struct rows *rows = context;
	bool is_ready = rows->held && (rows->phases || rows->table->kind != DZ_KIND_SECTION);
	bool ok = is_ready && add(rows, event);

	rows->out_of_memory = !ok && !ferror(rows->writer.out);
	return ok;
}

struct visitor rows_visitor(struct rows *rows)
{
	uint64_t kinds = VISITOR_KIND(rows->table->kind);

	if (rows->table->kind == DZ_KIND_SIGNAL)
		kinds |= VISITOR_KIND(DZ_KIND_DELIVERY);
	if (rows->table->kind == DZ_KIND_SECTION)
		kinds |= VISITOR_KIND(DZ_KIND_PHASE);
	return (struct visitor){.context = rows, .kinds = kinds, .visit = visit};
}

bool rows_finish(struct rows *rows)
{
	struct rows_held_row *oldest;
	bool ok = true;

	while (ok && rows->held && (oldest = rows_held_oldest(rows->held)))
		ok = release(rows, oldest, NULL);
	ok = ok && json_writer_flush(&rows->writer);
	rows->out_of_memory = !ok && !ferror(rows->writer.out);
	return ok;
}

void rows_release(struct rows *rows)
{
	json_writer_release(&rows->writer);
	rows_held_free(rows->held);
	free(rows->phases);
	rows->held = NULL;
	rows->phases = NULL;
}

void rows_write_sql(const struct rows_table *table, FILE *out)
{
	fprintf(out, "-- %s.sql: for lines that diag-report --rows %s writes\n", table->name,
		table->name);
	fprintf(out, "CREATE TABLE %s (", table->name);
	for (size_t i = 0; i < table->column_count; i++)
		fprintf(out, "%s\n  %s %s", i > 0 ? "," : "", table->columns[i].name,
			table->columns[i].type);
	fputs("\n);\n\n", out);
	fprintf(out, "-- SQLite: .mode tabs, then .import FILE %s_lines\n", table->name);
	fprintf(out, "CREATE VIEW %s_lines AS SELECT '' AS line;\n", table->name);
	fprintf(out, "CREATE TRIGGER %s_insert INSTEAD OF INSERT ON %s_lines\nBEGIN\n", table->name,
		table->name);
	fprintf(out, "  INSERT INTO %s VALUES (", table->name);
	for (size_t i = 0; i < table->column_count; i++)
		fprintf(out, "%s\n    json_extract(NEW.line, '$.%s')", i > 0 ? "," : "",
			table->columns[i].name);
	fputs(");\nEND;\n", out);
}
