/* format/writer.c - writer of .dz files: interns strings, collects rows, writes blocks
 *
 * A dictionary keeps all entries of its generation, so that it recognizes equal ones; the first
 * `emitted` entries are in the file. Rows wait in the order of dz_writer_add() and become columns
 * when their block is written.
 */
#include <dz/writer.h>

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/array.h"
#include "format/emitter.h"
#include "format/intern.h"
#include "format/limits.h"
#include "format/table_encode.h"
#include <dz/trailer.h>

#define BLOCK_ROWS         32768u
#define STRING_BLOCK_BYTES 4194304u
#define GENERATION_BYTES   67108864u
#define GENERATION_NS      60000000000u
#define GENERATION_MEMORY  12582912u
#define KIND_SLOTS         64u
#define LARGEST_ROW_VALUES 21u
#define COLUMNS_MAX_VALUES ((LARGEST_ROW_VALUES + 1u) * BLOCK_ROWS)

/* Most bytes of a block beyond its values: header, directory, and the frames of zstd. */
#define BLOCK_BYTES       1024u
#define INDEX_ENTRY_BYTES 36u /* no column is wider than its largest value */
#define STRING_SIZE_BYTES 2u  /* of the varint before the string */

#define CHECK_ROW(number, NAME, name, subject, select, meaning)                                    \
	static_assert(sizeof(struct dz_##name) <= LARGEST_ROW_VALUES * sizeof(uint64_t),           \
		      "a row of " #name " is larger than LARGEST_ROW_VALUES");
DZ_KINDS(CHECK_ROW)

static_assert((uint64_t)BLOCK_ROWS * LARGEST_ROW_VALUES <= DZ_LIMIT_BLOCK_VALUES &&
		      BLOCK_ROWS * (LARGEST_ROW_VALUES + 1) * sizeof(uint64_t) <=
			      DZ_LIMIT_RAW_BYTES,
	      "a full block must not exceed the limits of the format");

struct dictionary {
	struct dz_intern entries;
	uint32_t emitted;
	uint64_t pending_bytes; /* of the other entries */
};

struct pending {
	uint64_t *values; /* rows of field_count values */
	uint32_t count;
	uint32_t field_count;
	size_t capacity; /* in rows */
};

struct dz_writer {
	struct dz_emitter emitter;
	enum dz_status status; /* the first error */
	struct dictionary dictionaries[DZ_KIND_FIRST_NOT_DICTIONARY];
	struct pending pending[KIND_SLOTS];
	struct dz_packed packed;
	const uint64_t *rows_to_emit[BLOCK_ROWS];
	uint64_t *columns; /* of the block being encoded, and one column of scratch */
	size_t columns_capacity;
	uint32_t generation;
	bool generation_started; /* its schema is in the file */
	uint64_t generation_offset;
	uint64_t generation_start_ns;
	uint64_t rows[KIND_SLOTS];
	uint64_t schema_bytes; /* most bytes of the schema and its strings, which start a generation
				*/
};

/* The dictionaries of dz/writer.h. Each refers only to itself and to earlier ones. */
static const uint16_t dictionary_kinds[] = {
	DZ_KIND_STRING, DZ_KIND_MODULE, DZ_KIND_FRAME, DZ_KIND_STACK, DZ_KIND_TASK,
};
#define DICTIONARY_COUNT (sizeof(dictionary_kinds) / sizeof(dictionary_kinds[0]))

static enum dz_status fail(struct dz_writer *writer, enum dz_status status)
{
	if (writer->status == DZ_OK)
		writer->status = status;
	return writer->status;
}

static uint64_t schema_bytes_of(const struct dz_kind_schema *kind)
{
	uint64_t bytes = strlen(kind->name) + STRING_SIZE_BYTES;

	for (uint32_t i = 0; i < kind->field_count; i++) {
		const struct dz_field_schema *field = &kind->fields[i];

		bytes += strlen(field->name) + strlen(field->unit) + strlen(field->meaning) +
			 3 * (uint64_t)STRING_SIZE_BYTES + sizeof(struct dz_schema);
	}
	return bytes;
}

static enum dz_status init_tables(struct dz_writer *writer)
{
	const struct dz_kind_schema *kinds;
	struct dz_siphash_key key;
	size_t count;

	if (getrandom(&key, sizeof(key), 0) != (ssize_t)sizeof(key))
		return DZ_IO;
	for (size_t i = 0; i < DZ_KIND_FIRST_NOT_DICTIONARY; i++)
		dz_intern_init(&writer->dictionaries[i].entries, &key);
	kinds = dz_schema_kinds(&count);
	for (size_t i = 0; i < count; i++) {
		writer->pending[kinds[i].kind].field_count = kinds[i].field_count;
		writer->schema_bytes += schema_bytes_of(&kinds[i]);
	}
	return DZ_OK;
}

enum dz_status dz_writer_open(const struct dz_sink *sink, const struct dz_file_header *header,
			      int level, struct dz_writer **ret_writer)
{
	struct dz_writer *writer = calloc(1, sizeof(*writer));
	enum dz_status status;

	if (!writer)
		return DZ_NO_MEMORY;
	status = init_tables(writer);
	if (status == DZ_OK)
		status = dz_emitter_open(sink, header, level, &writer->emitter);
	if (status != DZ_OK) {
		free(writer);
		return status;
	}
	writer->generation_offset = writer->emitter.offset;
	*ret_writer = writer;
	return DZ_OK;
}

static uint32_t intern(struct dz_writer *writer, uint16_t kind, const void *bytes, size_t size)
{
	struct dictionary *dictionary = &writer->dictionaries[kind];
	struct dz_intern *entries = &dictionary->entries;
	uint32_t before = entries->count;
	uint32_t id;

	if (writer->status != DZ_OK)
		return 0;
	id = dz_intern_add(entries, bytes, size);
	if (!id)
		fail(writer, DZ_NO_MEMORY);
	if (id > DZ_LIMIT_DICTIONARY_ENTRIES) {
		fail(writer, DZ_LIMIT);
		return 0;
	}
	if (entries->count > before)
		dictionary->pending_bytes += size + STRING_SIZE_BYTES;
	return id;
}

uint32_t dz_writer_string(struct dz_writer *writer, const void *bytes, size_t size)
{
	return intern(writer, DZ_KIND_STRING, bytes,
		      size < DZ_LIMIT_STRING_BYTES ? size : DZ_LIMIT_STRING_BYTES);
}

uint32_t dz_writer_text(struct dz_writer *writer, const char *text)
{
	return dz_writer_string(writer, text, strlen(text));
}

uint32_t dz_writer_module(struct dz_writer *writer, const struct dz_module *module)
{
	return intern(writer, DZ_KIND_MODULE, module, sizeof(*module));
}

uint32_t dz_writer_frame(struct dz_writer *writer, const struct dz_frame *frame)
{
	return intern(writer, DZ_KIND_FRAME, frame, sizeof(*frame));
}

uint32_t dz_writer_stack(struct dz_writer *writer, const struct dz_stack *stack)
{
	return intern(writer, DZ_KIND_STACK, stack, sizeof(*stack));
}

uint32_t dz_writer_task(struct dz_writer *writer, const struct dz_task *task)
{
	return intern(writer, DZ_KIND_TASK, task, sizeof(*task));
}

static bool make_room(struct pending *pending)
{
	uint64_t *values = array_grow(pending->values, &pending->capacity, pending->count + 1u,
				      pending->field_count * sizeof(*values), BLOCK_ROWS);

	if (!values)
		return false;
	pending->values = values;
	return true;
}

static enum dz_status append_row(struct dz_writer *writer, uint32_t kind, const void *row)
{
	struct pending *pending = &writer->pending[kind];

	if (!make_room(pending))
		return fail(writer, DZ_NO_MEMORY);
	memcpy(pending->values + (size_t)pending->count * pending->field_count, row,
	       pending->field_count * sizeof(uint64_t));
	pending->count++;
	return DZ_OK;
}

static bool reserve_columns(struct dz_writer *writer, uint32_t field_count, uint32_t rows)
{
	uint64_t *columns =
		array_grow(writer->columns, &writer->columns_capacity,
			   (size_t)(field_count + 1) * rows, sizeof(*columns), COLUMNS_MAX_VALUES);

	if (!columns)
		return false;
	writer->columns = columns;
	return true;
}

static enum dz_status emit(struct dz_writer *writer, const struct dz_block_header *header)
{
	enum dz_status status = dz_emitter_put(&writer->emitter, header, &writer->packed);

	if (status != DZ_OK)
		return fail(writer, status);
	writer->rows[header->kind] += header->records;
	return DZ_OK;
}

/* Emits a block of writer->rows_to_emit. */
static enum dz_status emit_rows(struct dz_writer *writer, const struct dz_block_header *header)
{
	uint32_t field_count = writer->pending[header->kind].field_count;
	uint32_t records = header->records;
	uint64_t *columns;

	if (!reserve_columns(writer, field_count, records))
		return fail(writer, DZ_NO_MEMORY);
	columns = writer->columns;
	for (uint32_t i = 0; i < records; i++) {
		const uint64_t *row = writer->rows_to_emit[i];

		for (uint32_t field = 0; field < field_count; field++)
			columns[(size_t)field * records + i] = row[field];
	}
	dz_table_encode(columns, field_count, records, columns + (size_t)field_count * records,
			&writer->packed);
	return emit(writer, header);
}

static enum dz_status emit_entries(struct dz_writer *writer, const struct dz_block_header *header,
				   const struct dz_intern_entry *entries)
{
	if (header->kind == DZ_KIND_STRING) {
		dz_table_encode_strings(entries, header->records, &writer->packed);
		return emit(writer, header);
	}
	for (uint32_t i = 0; i < header->records; i++)
		writer->rows_to_emit[i] = (const uint64_t *)(const void *)entries[i].data;
	return emit_rows(writer, header);
}

static uint32_t strings_that_fit(const struct dz_intern_entry *entries, uint32_t count)
{
	size_t bytes = 0;

	for (uint32_t i = 0; i < count; i++) {
		bytes += entries[i].size;
		if (bytes > STRING_BLOCK_BYTES)
			return i;
	}
	return count;
}

static enum dz_status emit_dictionary(struct dz_writer *writer, uint16_t kind)
{
	struct dictionary *dictionary = &writer->dictionaries[kind];

	while (dictionary->emitted < dictionary->entries.count) {
		const struct dz_intern_entry *entries =
			dictionary->entries.entries + dictionary->emitted;
		uint32_t count = dictionary->entries.count - dictionary->emitted;
		struct dz_block_header header = {.kind = kind, .generation = writer->generation};
		enum dz_status status;

		count = count < BLOCK_ROWS ? count : BLOCK_ROWS;
		if (kind == DZ_KIND_STRING)
			count = strings_that_fit(entries, count);
		header.records = count;
		header.first = dictionary->emitted + 1u;
		header.last = dictionary->emitted + count;
		status = emit_entries(writer, &header, entries);
		if (status != DZ_OK)
			return status;
		dictionary->emitted += count;
	}
	dictionary->pending_bytes = 0;
	return DZ_OK;
}

static enum dz_status add_schema_rows(struct dz_writer *writer, const struct dz_kind_schema *kind)
{
	uint32_t kind_name = dz_writer_text(writer, kind->name);

	for (uint32_t i = 0; i < kind->field_count; i++) {
		const struct dz_field_schema *field = &kind->fields[i];
		struct dz_schema row = {
			.kind = kind->kind,
			.kind_name = kind_name,
			.field = i,
			.name = dz_writer_text(writer, field->name),
			.type = field->type,
			.unit = dz_writer_text(writer, field->unit),
			.meaning = dz_writer_text(writer, field->meaning),
		};
		enum dz_status status = append_row(writer, DZ_KIND_SCHEMA, &row);

		if (status != DZ_OK)
			return status;
	}
	return writer->status;
}

static int compare_rows(const void *left, const void *right)
{
	const uint64_t *a = *(const uint64_t *const *)left;
	const uint64_t *b = *(const uint64_t *const *)right;

	if (a[0] != b[0])
		return a[0] < b[0] ? -1 : 1;
	return a < b ? -1 : a > b;
}

/* Points rows_to_emit to the pending rows, by time if they have one. The rows of several CPUs
 * arrive in an order that is only nearly that of time. */
static void order_rows(struct dz_writer *writer, const struct pending *pending, bool timed)
{
	bool sorted = true;

	for (uint32_t i = 0; i < pending->count; i++) {
		writer->rows_to_emit[i] = pending->values + (size_t)i * pending->field_count;
		if (i && writer->rows_to_emit[i][0] < writer->rows_to_emit[i - 1][0])
			sorted = false;
	}
	if (timed && !sorted)
		qsort(writer->rows_to_emit, pending->count, sizeof(writer->rows_to_emit[0]),
		      compare_rows);
}

static enum dz_status emit_pending(struct dz_writer *writer, uint16_t kind)
{
	struct pending *pending = &writer->pending[kind];
	struct dz_block_header header = {
		.kind = kind, .generation = writer->generation, .records = pending->count};
	bool timed = kind >= DZ_KIND_FIRST_NOT_DICTIONARY;
	enum dz_status status;

	if (!pending->count)
		return DZ_OK;
	order_rows(writer, pending, timed);
	header.first = timed ? writer->rows_to_emit[0][0] : 1;
	header.last = timed ? writer->rows_to_emit[pending->count - 1][0] : pending->count;
	status = emit_rows(writer, &header);
	pending->count = 0;
	return status;
}

static enum dz_status start_generation(struct dz_writer *writer)
{
	const struct dz_kind_schema *kinds;
	enum dz_status status = DZ_OK;
	size_t count;

	kinds = dz_schema_kinds(&count);
	for (size_t i = 0; i < count && status == DZ_OK; i++)
		status = add_schema_rows(writer, &kinds[i]);
	if (status == DZ_OK)
		status = emit_dictionary(writer, DZ_KIND_STRING);
	if (status == DZ_OK)
		status = emit_pending(writer, DZ_KIND_SCHEMA);
	writer->generation_started = true;
	return status;
}

static bool has_pending(const struct dz_writer *writer)
{
	for (size_t i = 0; i < DICTIONARY_COUNT; i++) {
		const struct dictionary *dictionary = &writer->dictionaries[dictionary_kinds[i]];

		if (dictionary->emitted < dictionary->entries.count)
			return true;
	}
	for (uint16_t kind = DZ_KIND_FIRST_NOT_DICTIONARY; kind < KIND_SLOTS; kind++) {
		if (writer->pending[kind].count)
			return true;
	}
	return false;
}

static enum dz_status emit_all(struct dz_writer *writer)
{
	enum dz_status status = writer->status;

	if (status == DZ_OK && !writer->generation_started)
		status = start_generation(writer);
	for (size_t i = 0; i < DICTIONARY_COUNT && status == DZ_OK; i++)
		status = emit_dictionary(writer, dictionary_kinds[i]);
	for (uint16_t kind = DZ_KIND_FIRST_NOT_DICTIONARY; kind < KIND_SLOTS && status == DZ_OK;
	     kind++)
		status = emit_pending(writer, kind);
	return status;
}

enum dz_status dz_writer_add(struct dz_writer *writer, enum dz_kind kind, const void *row)
{
	enum dz_status status;

	if (writer->status != DZ_OK)
		return writer->status;
	status = append_row(writer, kind, row);
	if (status == DZ_OK && writer->pending[kind].count == BLOCK_ROWS)
		status = emit_all(writer);
	return status;
}

static size_t dictionary_memory(const struct dz_writer *writer)
{
	size_t bytes = 0;

	for (size_t i = 0; i < DICTIONARY_COUNT; i++)
		bytes += writer->dictionaries[dictionary_kinds[i]].entries.memory_bytes;
	return bytes;
}

static void next_generation(struct dz_writer *writer)
{
	for (size_t i = 0; i < DICTIONARY_COUNT; i++) {
		struct dictionary *dictionary = &writer->dictionaries[dictionary_kinds[i]];

		dz_intern_clear(&dictionary->entries);
		dictionary->emitted = 0;
		dictionary->pending_bytes = 0;
	}
	writer->generation++;
	writer->generation_started = false;
	writer->generation_offset = writer->emitter.offset;
}

enum dz_status dz_writer_flush(struct dz_writer *writer, uint64_t now_ns)
{
	bool fresh = !writer->generation_started;
	enum dz_status status;

	if (writer->status != DZ_OK || !has_pending(writer))
		return writer->status;
	status = emit_all(writer);
	if (status != DZ_OK)
		return status;
	if (fresh)
		writer->generation_start_ns = now_ns;
	if (writer->emitter.offset - writer->generation_offset >= GENERATION_BYTES ||
	    (now_ns > writer->generation_start_ns &&
	     now_ns - writer->generation_start_ns >= GENERATION_NS) ||
	    dictionary_memory(writer) >= GENERATION_MEMORY)
		next_generation(writer);
	return DZ_OK;
}

/* Ends the generation, if it was started: further entries and rows belong to a new one. */
static enum dz_status end_generation(struct dz_writer *writer)
{
	enum dz_status status = writer->status;

	if (status == DZ_OK && has_pending(writer))
		status = emit_all(writer);
	if (status == DZ_OK && writer->generation_started)
		next_generation(writer);
	return status;
}

/* Copies the block at `bytes` and sets *size to its size. *generation is the number that the other
 * writer gave the previous block. */
static enum dz_status copy_block(struct dz_writer *writer, const uint8_t *bytes, size_t *size,
				 uint64_t *generation)
{
	struct dz_block_header header;
	enum dz_status status = DZ_OK;

	if (*size < DZ_BLOCK_HEADER_BYTES || dz_block_header_decode(bytes, &header) != DZ_OK ||
	    header.stored_bytes > *size - DZ_BLOCK_HEADER_BYTES || header.kind >= KIND_SLOTS)
		return fail(writer, DZ_CORRUPT);
	if (header.generation != *generation)
		status = end_generation(writer);
	if (status != DZ_OK)
		return status;
	*generation = header.generation;
	*size = DZ_BLOCK_HEADER_BYTES + header.stored_bytes;
	header.generation = writer->generation;
	writer->generation_started = true;
	status = dz_emitter_copy(&writer->emitter, &header, bytes + DZ_BLOCK_HEADER_BYTES);
	if (status != DZ_OK)
		return fail(writer, status);
	writer->rows[header.kind] += header.records;
	return DZ_OK;
}

enum dz_status dz_writer_copy(struct dz_writer *writer, const struct iovec *pieces, int count)
{
	uint64_t generation = UINT64_MAX;
	enum dz_status status = writer->status;

	for (int i = 0; i < count; i++) {
		const uint8_t *bytes = pieces[i].iov_base;
		size_t left = pieces[i].iov_len;

		while (left && status == DZ_OK) {
			size_t size = left;

			status = copy_block(writer, bytes, &size, &generation);
			if (status != DZ_OK)
				return status;
			bytes += size;
			left -= size;
		}
	}
	return status == DZ_OK && generation != UINT64_MAX ? end_generation(writer) : status;
}

uint32_t dz_writer_generation(const struct dz_writer *writer)
{
	return writer->generation;
}

size_t dz_writer_pending_bytes(const struct dz_writer *writer)
{
	size_t bytes = 0;

	for (size_t kind = 0; kind < KIND_SLOTS; kind++)
		bytes += (size_t)writer->pending[kind].count * writer->pending[kind].field_count *
			 sizeof(uint64_t);
	return bytes;
}

/* Returns the most bytes that records of one kind take in the file. zstd stores what it cannot
 * compress, and adds a few bytes for each column of 1 KiB. */
static uint64_t blocks_bytes(uint64_t bytes, uint64_t records)
{
	if (!records)
		return 0;
	return bytes + bytes / 64 +
	       (records / BLOCK_ROWS + bytes / STRING_BLOCK_BYTES + 1) * BLOCK_BYTES;
}

uint64_t dz_writer_closing_bytes(const struct dz_writer *writer)
{
	uint64_t bytes = 0;
	uint64_t blocks = writer->emitter.blocks;

	if (!writer->generation_started) {
		bytes += writer->schema_bytes + 2 * (uint64_t)BLOCK_BYTES;
		blocks += 2;
	}
	for (size_t i = 0; i < DICTIONARY_COUNT; i++) {
		const struct dictionary *dictionary = &writer->dictionaries[dictionary_kinds[i]];

		bytes += blocks_bytes(dictionary->pending_bytes,
				      dictionary->entries.count - dictionary->emitted);
		blocks += dictionary->emitted < dictionary->entries.count;
	}
	for (size_t kind = 0; kind < KIND_SLOTS; kind++) {
		const struct pending *pending = &writer->pending[kind];

		bytes += blocks_bytes((uint64_t)pending->count * pending->field_count *
					      sizeof(uint64_t),
				      pending->count);
		blocks += pending->count > 0;
	}
	return bytes + blocks_bytes(blocks * INDEX_ENTRY_BYTES, blocks) + DZ_TRAILER_BYTES;
}

struct dz_writer_totals dz_writer_totals(const struct dz_writer *writer)
{
	struct dz_writer_totals totals = {
		.bytes = writer->emitter.offset,
		.blocks = writer->emitter.blocks,
		.events = writer->emitter.events,
	};

	memcpy(totals.rows, writer->rows, sizeof(totals.rows));
	return totals;
}

enum dz_status dz_writer_close(struct dz_writer *writer)
{
	enum dz_status status = writer->status;

	/* A file without events has a schema, too. */
	if (has_pending(writer) || writer->emitter.blocks == 0)
		status = emit_all(writer);
	if (status == DZ_OK)
		status = dz_emitter_close(&writer->emitter, writer->generation, DZ_TRAILER_CLEAN);
	dz_writer_abandon(writer);
	return status;
}

void dz_writer_abandon(struct dz_writer *writer)
{
	if (!writer)
		return;
	for (size_t i = 0; i < DZ_KIND_FIRST_NOT_DICTIONARY; i++)
		dz_intern_clear(&writer->dictionaries[i].entries);
	for (size_t i = 0; i < KIND_SLOTS; i++)
		free(writer->pending[i].values);
	dz_emitter_release(&writer->emitter);
	dz_packed_release(&writer->packed);
	free(writer->columns);
	free(writer);
}
