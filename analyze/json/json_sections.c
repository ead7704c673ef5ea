/* analyze/json/json_sections.c - steps and phases, held until they can be written in their section
 *
 * Records are held in groups: one for each outermost section of a thread. A section is pending from
 * its record until an event of a later time comes, since steps and phases of the same time can
 * follow. It then takes the records of its group between its start and its end.
 *
 * Thread 9 runs section 1 from 100 to 200, and in it section 2 from 120 to 150. The file has
 *
 *     110 step      outermost 1    held in group 1
 *     130 step      outermost 1    held
 *     150 phase     section 2      held
 *     150 section 2                pending
 *     180 step      outermost 1    180 is later than 150: section 2 is written, with the phase and
 *                                  the step at 130, which is between 120 and 150; then held
 *     200 phase     section 1      held
 *     200 section 1                pending
 *     300 exit                     section 1 is written, with its phase and the steps at 110, 130
 *                                  and 180; it is the outermost section, so group 1 is freed
 *
 * A step belongs to every section around it, so step 130 is in both. A phase belongs to one
 * section, which it names. A record that was in no section when its group is freed is written as a
 * separate object.
 */
#include "analyze/json/json_sections.h"

#include <stdlib.h>
#include <string.h>

#include "analyze/replay/filter.h"
#include "base/array.h"
#include "base/search.h"

#define BUCKETS     1024u
#define PENDING_MAX 4096u

/* Visits of a record by sections around it: 16 sections nest, and each visits its records twice. */
#define VISITS_MAX 32u

/* A record of kind step or phase. */
struct held_row {
	uint32_t kind;
	bool is_written;
	const struct dz_kind_schema *schema; /* of the file */
	size_t values;                       /* index in the values of the group */
	uint64_t time_ns, unix_ns;
	uint64_t section; /* for a phase: the section that it belongs to */
	uint64_t task;    /* its id: the reader can free what it refers to */
};

/* The steps and phases of an outermost section, in time order. */
struct group {
	const struct trace_file *file;
	uint64_t tid;
	uint64_t outermost;
	struct held_row *rows;
	size_t row_count, row_capacity;
	uint64_t *values;
	size_t value_count, value_capacity;
	uint64_t separate;  /* records that were not held */
	uint64_t visits;    /* of records by the sections that were written */
	size_t pending;     /* pending sections */
	bool is_over;       /* no more sections will follow */
	struct group *next; /* in the bucket */
};

/* A section whose record was read, while records of the same time can follow. */
struct pending {
	char *object; /* its text, without the closing brace; allocated */
	size_t object_size;
	struct group *group;
	uint64_t id, start_ns, time_ns, unix_ns;
	struct pending *next;
};

struct json_sections {
	struct json_sections_maker maker;
	struct group *buckets[BUCKETS];
	struct pending *first;
	struct pending **last;
	size_t pending_count;
	uint64_t held_bytes;
};

bool json_sections_new(const struct json_sections_maker *maker, struct json_sections **ret_sections)
{
	struct json_sections *sections = calloc(1, sizeof(*sections));

	if (!sections)
		return false;
	sections->maker = *maker;
	sections->last = &sections->first;
	*ret_sections = sections;
	return true;
}

static uint64_t bytes_of(const struct group *group)
{
	return sizeof(*group) + group->row_capacity * sizeof(*group->rows) +
	       group->value_capacity * sizeof(*group->values);
}

static void release_group(struct group *group)
{
	free(group->rows);
	free(group->values);
	free(group);
}

static void free_group(struct json_sections *sections, struct group *group)
{
	struct group **place = &sections->buckets[group->tid % BUCKETS];

	while (*place != group)
		place = &(*place)->next;
	*place = group->next;
	sections->held_bytes -= bytes_of(group);
	release_group(group);
}

static struct visitor_event event_of(const struct group *group, const struct held_row *row,
				     struct dz_event *event)
{
	*event = (struct dz_event){
		.kind = row->kind,
		.time_ns = row->time_ns,
		.schema = row->schema,
		.values = group->values + row->values,
	};
	return (struct visitor_event){
		.file = group->file,
		.event = event,
		.unix_ns = row->unix_ns,
		.task = row->task ? dz_reader_task(group->file->reader, row->task) : NULL};
}

/* Writes an event as a separate object. */
static bool write_separate(const struct json_sections *sections, const struct visitor_event *event)
{
	struct json_writer *writer = sections->maker.writer;

	sections->maker.put(sections->maker.context, event, false);
	json_text_literal(&writer->buffer, "}\n");
	return json_writer_continue(writer);
}

/* Writes the records that were in no section as separate objects, and frees the group. */
static bool end_group(struct json_sections *sections, struct group *group)
{
	bool ok = true;

	for (size_t i = 0; i < group->row_count && ok; i++) {
		struct dz_event event;
		struct visitor_event seen = event_of(group, &group->rows[i], &event);

		if (!group->rows[i].is_written)
			ok = write_separate(sections, &seen);
	}
	free_group(sections, group);
	return ok;
}

static bool is_row_before(const void *rows, size_t index, uint64_t time_ns)
{
	return ((const struct held_row *)rows)[index].time_ns < time_ns;
}

static bool write_inside(const struct json_sections *sections, const struct group *group,
			 struct held_row *row)
{
	struct json_writer *writer = sections->maker.writer;
	struct dz_event event;
	struct visitor_event seen = event_of(group, row, &event);

	json_text_comma(&writer->buffer);
	sections->maker.put(sections->maker.context, &seen, true);
	buffer_put_u8(&writer->buffer, '}');
	row->is_written = true;
	return json_writer_continue(writer);
}

/* Writes the records of one kind in a section. The number of visits is limited, since a forged file
 * can have any number of sections around a record. */
static bool write_rows(const struct json_sections *sections, const struct pending *pending,
		       uint32_t kind)
{
	struct group *group = pending->group;
	bool ok = true;

	for (size_t i = search_lower_bound(group->rows, group->row_count, pending->start_ns,
					   is_row_before);
	     ok && i < group->row_count && group->rows[i].time_ns <= pending->time_ns; i++) {
		struct held_row *row = &group->rows[i];

		if (++group->visits > VISITS_MAX * group->row_count)
			break;
		if (row->kind != kind || (kind == DZ_KIND_PHASE && row->section != pending->id))
			continue;
		ok = write_inside(sections, group, row);
	}
	return ok;
}

/* Writes a section one object at a time: the objects of all steps would need many times the memory
 * of their records. */
static bool write_section(const struct json_sections *sections, const struct pending *pending)
{
	struct json_writer *writer = sections->maker.writer;
	struct buffer *out = &writer->buffer;
	bool ok;

	buffer_put(out, pending->object, pending->object_size);
	if (pending->group->separate)
		json_value_uint(writer, JSON_MEMBER_SEPARATE_ROWS, pending->group->separate);
	json_value_start(writer, JSON_MEMBER_PHASES);
	buffer_put_u8(out, '[');
	ok = write_rows(sections, pending, DZ_KIND_PHASE);
	json_text_literal(out, "]");
	json_value_start(writer, JSON_MEMBER_STEPS);
	buffer_put_u8(out, '[');
	ok = ok && write_rows(sections, pending, DZ_KIND_STEP);
	json_text_literal(out, "]}\n");
	return ok && json_writer_continue(writer);
}

static bool write_first(struct json_sections *sections)
{
	struct pending *pending = sections->first;
	struct group *group = pending->group;
	bool ok = write_section(sections, pending);

	sections->first = pending->next;
	if (!sections->first)
		sections->last = &sections->first;
	sections->pending_count--;
	group->pending--;
	group->is_over |= pending->id == group->outermost;
	if (group->is_over && group->pending == 0)
		ok &= end_group(sections, group);
	free(pending->object);
	free(pending);
	return ok;
}

bool json_sections_write_before(struct json_sections *sections, uint64_t unix_ns)
{
	bool ok = true;

	while (ok && sections->first && sections->first->unix_ns < unix_ns)
		ok = write_first(sections);
	return ok;
}

/* Ends the other groups of a thread: it has entered another outermost section. */
static bool end_others(struct json_sections *sections, const struct group *group)
{
	struct group *next;
	bool ok = true;

	for (struct group *other = sections->buckets[group->tid % BUCKETS]; other && ok;
	     other = next) {
		next = other->next;
		if (other == group || other->file != group->file || other->tid != group->tid)
			continue;
		other->is_over = true;
		if (other->pending == 0)
			ok = end_group(sections, other);
	}
	return ok;
}

/* Returns the group of an event, which is created if needed. NULL on allocation failure, and if the
 * stream reports an error. */
static struct group *group_of(struct json_sections *sections, const struct visitor_event *event,
			      uint64_t outermost)
{
	uint64_t tid = event->task ? event->task->tid : 0;
	struct group **bucket = &sections->buckets[tid % BUCKETS];
	struct group *group = *bucket;

	while (group &&
	       (group->outermost != outermost || group->tid != tid || group->file != event->file))
		group = group->next;
	if (group)
		return group;
	group = calloc(1, sizeof(*group));
	if (!group)
		return NULL;
	group->file = event->file;
	group->tid = tid;
	group->outermost = outermost;
	group->next = *bucket;
	*bucket = group;
	sections->held_bytes += bytes_of(group);
	return end_others(sections, group) ? group : NULL;
}

/* Makes room for one more record with `value_count` values. */
static bool grow(struct json_sections *sections, struct group *group, size_t value_count)
{
	uint64_t before = bytes_of(group);
	struct held_row *rows = array_grow(group->rows, &group->row_capacity, group->row_count + 1,
					   sizeof(*rows), ARRAY_NO_LIMIT);
	uint64_t *values =
		array_grow(group->values, &group->value_capacity, group->value_count + value_count,
			   sizeof(*values), ARRAY_NO_LIMIT);

	group->rows = rows ? rows : group->rows;
	group->values = values ? values : group->values;
	sections->held_bytes += bytes_of(group) - before;
	return rows && values;
}

static bool hold(struct json_sections *sections, const struct visitor_event *event,
		 uint64_t outermost, uint64_t section)
{
	struct group *group = group_of(sections, event, outermost);
	size_t values = event->event->schema->field_count;

	if (!group)
		return false;
	if (sections->held_bytes >= JSON_SECTIONS_BYTES) {
		group->separate++;
		return write_separate(sections, event);
	}
	if (!grow(sections, group, values))
		return false;
	group->rows[group->row_count++] = (struct held_row){
		.kind = event->event->kind,
		.schema = event->event->schema,
		.values = group->value_count,
		.time_ns = event->event->time_ns,
		.unix_ns = event->unix_ns,
		.section = section,
		.task = event->task ? filter_subject(event->event) : 0,
	};
	memcpy(group->values + group->value_count, event->event->values,
	       values * sizeof(*group->values));
	group->value_count += values;
	return true;
}

/* Keeps the text of a section. Its place in the buffer is free again. Returns false on allocation
 * failure. */
static bool keep_object(const struct json_sections *sections, const struct visitor_event *event,
			struct pending *pending)
{
	struct buffer *out = &sections->maker.writer->buffer;
	size_t start = out->size;

	sections->maker.put(sections->maker.context, event, false);
	if (out->failed)
		return false;
	pending->object_size = out->size - start;
	pending->object = malloc(pending->object_size + 1);
	out->size = start;
	if (!pending->object)
		return false;
	memcpy(pending->object, out->data + start, pending->object_size);
	return true;
}

static bool add_section(struct json_sections *sections, const struct visitor_event *event)
{
	const struct dz_section *row = event->event->row;
	struct group *group = group_of(sections, event, row->outermost);
	struct pending *pending = group ? calloc(1, sizeof(*pending)) : NULL;

	if (!pending)
		return false;
	*pending = (struct pending){
		.group = group,
		.id = row->id,
		.start_ns = row->start,
		.time_ns = row->time,
		.unix_ns = event->unix_ns,
	};
	if (!keep_object(sections, event, pending)) {
		free(pending);
		return false;
	}
	group->pending++;
	*sections->last = pending;
	sections->last = &pending->next;
	return ++sections->pending_count < PENDING_MAX || write_first(sections);
}

bool json_sections_add(struct json_sections *sections, const struct visitor_event *event)
{
	if (event->event->kind == DZ_KIND_SECTION)
		return add_section(sections, event);
	if (event->event->kind == DZ_KIND_STEP) {
		const struct dz_step *step = event->event->row;

		return hold(sections, event, step->section, step->section);
	}
	if (event->event->kind == DZ_KIND_PHASE) {
		const struct dz_phase *phase = event->event->row;

		return hold(sections, event, phase->outermost, phase->section);
	}
	return true;
}

bool json_sections_finish(struct json_sections *sections)
{
	bool ok = true;

	while (ok && sections->first)
		ok = write_first(sections);
	for (size_t i = 0; i < BUCKETS; i++) {
		struct group *next;

		for (struct group *group = sections->buckets[i]; ok && group; group = next) {
			next = group->next;
			ok = end_group(sections, group);
		}
	}
	return ok;
}

void json_sections_free(struct json_sections *sections)
{
	if (!sections)
		return;
	while (sections->first) {
		struct pending *next = sections->first->next;

		free(sections->first->object);
		free(sections->first);
		sections->first = next;
	}
	for (size_t i = 0; i < BUCKETS; i++) {
		struct group *next;

		for (struct group *group = sections->buckets[i]; group; group = next) {
			next = group->next;
			release_group(group);
		}
	}
	free(sections);
}
