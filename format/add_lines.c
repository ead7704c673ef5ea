/* format/add_lines.c - copies a file and adds source lines and inlined functions to its stacks
 *
 * For each generation: reads all frames and stacks, asks find() about each frame, and writes the
 * blocks, with new references to stacks.
 *
 * Example: the file has the stacks 1 = {caller 0, frame 1} and 2 = {caller 1, frame 2}, and frames
 * 1 (main) and 2 (work). find() returns one function for frame 1, and for frame 2 two: "inner",
 * inlined, and "work". The new frames are
 *
 *     3 = main, with its line                     chain of frame 1: 3
 *     4 = work, with its line
 *     5 = inner, inlined, with its line           chain of frame 2: 4, 5 (outermost first)
 *
 * Each stack is replaced by one stack per frame of its chain, and keeps the number of the last:
 *
 *     old stack 1 -> new 1 = {0, 3}
 *     old stack 2 -> new 2 = {1, 4}, new 3 = {2, 5}
 *
 * An event with the stack 2 gets the stack 3. The frames 1 and 2 stay in the file.
 */
#include "format/add_lines.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/search.h"
#include "format/copy.h"
#include "format/limits.h"
#include "format/store_check.h"
#include "format/table_decode.h"
#include <dz/trailer.h>

#define BLOCK_ROWS   65536u
#define STRING_BYTES 1048576u /* of a block of strings */
#define FRAME_FIELDS 8u
#define NO_CHAIN     UINT32_MAX

/* The frames that replace a frame, outermost first. */
struct chain {
	uint64_t first; /* index in line_adder.rows */
	uint32_t count;
};

struct frame_use {
	struct dz_frame row; /* identifiers of the generation */
	uint32_t number;     /* file-wide */
	uint32_t chains[2]; /* as innermost frame, and as caller; NO_CHAIN: find() not called yet */
};

struct stack_use {
	uint64_t caller;
	uint64_t frame;
	uint64_t new_id;
	uint16_t
		height; /* frames from this one to the innermost, of the deepest stack through it */
	uint16_t depth; /* of the new stack */
	bool called;    /* it is the caller of another stack */
};

/* The records of a block of frames or stacks. */
struct span {
	uint64_t first;
	uint32_t count;
	uint32_t block;
	void *records;
};

struct span_list {
	struct span *spans; /* by ascending first */
	size_t count;
	size_t capacity;
};

struct line_adder {
	struct dz_store *store;
	const struct dz_add_lines_options *options;
	struct dz_add_lines_result result;
	struct dz_emitter emitter;
	struct span_list frames; /* struct frame_use */
	struct span_list stacks; /* struct stack_use */
	struct chain *chains;
	size_t chain_count;
	size_t chain_capacity;
	struct buffer rows;       /* struct dz_frame: the new frames, from first_frame */
	struct dz_intern strings; /* the new strings */
	uint64_t first_string;    /* identifier of the first new string */
	uint64_t first_frame;
	uint64_t next_stack;
};

static bool starts_at_or_before(const void *table, size_t index, uint64_t id)
{
	const struct span *spans = table;

	return spans[index].first <= id;
}

static void *find_record(const struct span_list *list, uint64_t id, size_t size)
{
	size_t index = search_lower_bound(list->spans, list->count, id, starts_at_or_before);
	const struct span *span;

	if (index == 0)
		return NULL;
	span = &list->spans[index - 1];
	return id - span->first < span->count ? (char *)span->records + (id - span->first) * size
					      : NULL;
}

static struct frame_use *find_frame(const struct line_adder *line_adder, uint64_t id)
{
	return find_record(&line_adder->frames, id, sizeof(struct frame_use));
}

static struct stack_use *find_stack(const struct line_adder *line_adder, uint64_t id)
{
	return find_record(&line_adder->stacks, id, sizeof(struct stack_use));
}

/* Returns 0 for a field that an older file does not have. */
static uint64_t value_at(const struct dz_table *table, uint32_t field, uint32_t record)
{
	if (field >= table->field_count)
		return 0;
	return table->columns[field].values[record & table->columns[field].mask];
}

/* Decodes all columns of a block that the file's schema describes. */
static enum dz_status decode(struct line_adder *line_adder, uint32_t block, struct dz_table *table)
{
	struct dz_store *store = line_adder->store;
	const struct dz_block_info *info = &store->walk.blocks[block];
	const struct dz_file_kind *kind = dz_file_schema_find(&store->schema, info->kind);
	struct dz_field_set wanted;
	struct cursor payload;
	enum dz_status status = dz_store_payload(store, block, &payload);

	memset(&wanted, 0xff, sizeof(wanted));
	if (status != DZ_OK)
		return status;
	return dz_table_decode(payload, info->records, kind->schema.field_count, &wanted, table);
}

static enum dz_status add_span(struct line_adder *line_adder, struct span_list *list,
			       uint32_t block, size_t record_bytes)
{
	const struct dz_block_info *info = &line_adder->store->walk.blocks[block];
	struct span *spans = array_grow(list->spans, &list->capacity, list->count + 1,
					sizeof(*spans), ARRAY_NO_LIMIT);
	struct span span = {.first = info->first, .count = info->records, .block = block};

	if (!spans)
		return DZ_NO_MEMORY;
	list->spans = spans;
	span.records = calloc(info->records, record_bytes);
	if (!span.records)
		return DZ_NO_MEMORY;
	list->spans[list->count++] = span;
	return DZ_OK;
}

static void fill_frames(struct dz_generation *generation, const struct dz_table *table,
			const struct span *span)
{
	struct frame_use *frames = span->records;

	for (uint32_t i = 0; i < span->count; i++) {
		uint64_t values[FRAME_FIELDS];

		for (uint32_t field = 0; field < FRAME_FIELDS; field++)
			values[field] = value_at(table, field, i);
		memcpy(&frames[i].row, values, sizeof(values));
		frames[i].number = DZ_ID_ENTRY(
			dz_generation_resolve(generation, dz_dictionary_of_kind(DZ_KIND_FRAME),
					      span->first + i, UINT32_MAX));
		frames[i].chains[0] = NO_CHAIN;
		frames[i].chains[1] = NO_CHAIN;
	}
}

static void fill_stacks(const struct dz_table *table, const struct span *span)
{
	struct stack_use *stacks = span->records;

	for (uint32_t i = 0; i < span->count; i++) {
		stacks[i].caller = value_at(table, 0, i);
		stacks[i].frame = value_at(table, 1, i);
		stacks[i].height = 1;
	}
}

static enum dz_status read_block(struct line_adder *line_adder, struct dz_generation *generation,
				 uint32_t block)
{
	bool frames = line_adder->store->walk.blocks[block].kind == DZ_KIND_FRAME;
	struct span_list *list = frames ? &line_adder->frames : &line_adder->stacks;
	struct dz_table table;
	enum dz_status status =
		add_span(line_adder, list, block,
			 frames ? sizeof(struct frame_use) : sizeof(struct stack_use));

	if (status == DZ_OK)
		status = decode(line_adder, block, &table);
	if (status != DZ_OK)
		return status;
	if (frames)
		fill_frames(generation, &table, &list->spans[list->count - 1]);
	else
		fill_stacks(&table, &list->spans[list->count - 1]);
	dz_table_release(&table);
	return DZ_OK;
}

/* Sets `called` and `height`, from the last record to the first: callers come before their callees.
 */
static void measure_stacks(struct line_adder *line_adder)
{
	for (size_t s = line_adder->stacks.count; s-- > 0;) {
		const struct span *span = &line_adder->stacks.spans[s];
		struct stack_use *stacks = span->records;

		for (uint32_t i = span->count; i-- > 0;) {
			struct stack_use *caller;

			if (stacks[i].caller >= span->first + i)
				continue;
			caller = find_stack(line_adder, stacks[i].caller);
			if (!caller)
				continue;
			caller->called = true;
			if (stacks[i].height < DZ_LIMIT_STACK_FRAMES &&
			    caller->height <= stacks[i].height)
				caller->height = (uint16_t)(stacks[i].height + 1);
		}
	}
}

static enum dz_status read_generation(struct line_adder *line_adder,
				      struct dz_generation *generation)
{
	const struct dz_walk *walk = &line_adder->store->walk;

	line_adder->first_string = 1;
	line_adder->first_frame = 1;
	line_adder->next_stack = 1;
	for (size_t i = 0; i < generation->order_count; i++) {
		uint32_t block = walk->order[generation->order_start + i];
		const struct dz_block_info *info = &walk->blocks[block];
		enum dz_status status = DZ_OK;

		if (walk->unusable[block])
			continue;
		if (info->kind == DZ_KIND_STRING)
			line_adder->first_string = info->last + 1;
		if (info->kind == DZ_KIND_FRAME)
			line_adder->first_frame = info->last + 1;
		if (info->kind == DZ_KIND_FRAME || info->kind == DZ_KIND_STACK)
			status = read_block(line_adder, generation, block);
		if (status != DZ_OK)
			return status;
	}
	measure_stacks(line_adder);
	return DZ_OK;
}

static struct dz_bytes string_of(const struct line_adder *line_adder, uint64_t number)
{
	const struct dz_intern_entry *entry =
		dz_intern_get(&line_adder->store->epochs[0]->tables[0], number);

	return entry ? (struct dz_bytes){entry->data, entry->size} : (struct dz_bytes){0};
}

/* Sets the place of a frame. Returns false if the frame cannot have source lines, or has them. */
static bool make_place(const struct line_adder *line_adder, const struct frame_use *use,
		       bool after_call, struct dz_place *place)
{
	const struct dz_intern_entry *frame_entry = dz_intern_get(
		&line_adder->store->epochs[0]->tables[dz_dictionary_of_kind(DZ_KIND_FRAME)],
		use->number);
	const struct dz_intern_entry *module_entry;
	struct dz_module module;
	struct dz_frame frame;

	if (!frame_entry)
		return false;
	memcpy(&frame, frame_entry->data, sizeof(frame));
	module_entry = dz_intern_get(
		&line_adder->store->epochs[0]->tables[dz_dictionary_of_kind(DZ_KIND_MODULE)],
		frame.module);
	if (!module_entry || frame.type != 0 || frame.file != 0 || frame.inlined ||
	    frame.module_offset < after_call)
		return false;
	memcpy(&module, module_entry->data, sizeof(module));
	place->build_id = string_of(line_adder, module.build_id);
	place->address = frame.module_offset - after_call;
	return place->build_id.size > 0;
}

/* Returns the identifier of a new string, 0 for an empty one. Sets *status on allocation failure.
 */
static uint64_t add_string(struct line_adder *line_adder, const char *text, enum dz_status *status)
{
	size_t size = strlen(text);
	uint32_t number;

	if (size == 0)
		return 0;
	if (size > DZ_LIMIT_STRING_BYTES)
		size = DZ_LIMIT_STRING_BYTES;
	number = dz_intern_add(&line_adder->strings, text, size);
	if (!number)
		*status = DZ_NO_MEMORY;
	return line_adder->first_string + number - 1;
}

static uint64_t row_count(const struct line_adder *line_adder)
{
	return line_adder->rows.size / sizeof(struct dz_frame);
}

static enum dz_status add_row(struct line_adder *line_adder, const struct dz_frame *row)
{
	if (line_adder->first_frame + row_count(line_adder) > DZ_LIMIT_DICTIONARY_ENTRIES)
		return DZ_LIMIT;
	buffer_put(&line_adder->rows, row, sizeof(*row));
	return line_adder->rows.failed ? DZ_NO_MEMORY : DZ_OK;
}

static enum dz_status add_function(struct line_adder *line_adder, const struct dz_frame *frame,
				   const struct dz_place_function *function)
{
	struct dz_frame row = *frame;
	enum dz_status status = DZ_OK;

	row.file = add_string(line_adder, function->file, &status);
	row.line = row.file ? function->line : 0;
	row.inlined = function->inlined;
	if (function->inlined || row.symbol == 0) {
		uint64_t symbol = add_string(line_adder, function->name, &status);

		if (symbol)
			row.offset = function->inlined ? 0 : function->offset;
		else if (function->inlined)
			symbol = add_string(line_adder, "?", &status);
		row.symbol = symbol;
	}
	if (status != DZ_OK)
		return status;
	line_adder->result.inlined += function->inlined;
	return add_row(line_adder, &row);
}

/* Adds the new frames for a frame, outermost first. */
static enum dz_status make_chain(struct line_adder *line_adder, const struct frame_use *use,
				 const struct dz_place_function *functions, size_t count,
				 struct chain *chain)
{
	enum dz_status status = DZ_OK;

	chain->first = row_count(line_adder);
	if (count > 0 && functions[count - 1].inlined)
		status = add_row(line_adder, &use->row);
	for (size_t i = count; i-- > 0 && status == DZ_OK;)
		status = add_function(line_adder, &use->row, &functions[i]);
	chain->count = (uint32_t)(row_count(line_adder) - chain->first);
	line_adder->result.frames += count > 0;
	return status;
}

/* Adds the chain of a frame, if find() was not called for it yet. */
static enum dz_status expand_frame(struct line_adder *line_adder, struct frame_use *use,
				   bool after_call)
{
	const struct dz_place_function *functions = NULL;
	struct dz_place place;
	struct chain *chains;
	struct chain *chain;
	size_t count = 0;

	if (use->chains[after_call] != NO_CHAIN)
		return DZ_OK;
	chains = array_grow(line_adder->chains, &line_adder->chain_capacity,
			    line_adder->chain_count + 1, sizeof(*chains), NO_CHAIN);
	if (!chains)
		return DZ_NO_MEMORY;
	line_adder->chains = chains;
	use->chains[after_call] = (uint32_t)line_adder->chain_count;
	chain = &chains[line_adder->chain_count++];
	*chain = (struct chain){0};
	if (make_place(line_adder, use, after_call, &place))
		count = line_adder->options->find(line_adder->options->context, &place, &functions);
	return make_chain(line_adder, use, functions, count, chain);
}

static enum dz_status expand_frames(struct line_adder *line_adder)
{
	for (size_t s = 0; s < line_adder->stacks.count; s++) {
		const struct span *span = &line_adder->stacks.spans[s];
		const struct stack_use *stacks = span->records;

		for (uint32_t i = 0; i < span->count; i++) {
			struct frame_use *use = find_frame(line_adder, stacks[i].frame);
			enum dz_status status =
				use ? expand_frame(line_adder, use, stacks[i].called) : DZ_OK;

			if (status != DZ_OK)
				return status;
		}
	}
	return DZ_OK;
}

static enum dz_status put_strings(struct line_adder *line_adder, uint32_t generation,
				  uint32_t start, uint32_t count)
{
	struct dz_block_header header = {
		.kind = DZ_KIND_STRING,
		.generation = generation,
		.records = count,
		.first = line_adder->first_string + start,
		.last = line_adder->first_string + start + count - 1,
	};
	struct dz_packed packed = {0};
	enum dz_status status;

	if (header.last > DZ_LIMIT_DICTIONARY_ENTRIES)
		return DZ_LIMIT;
	dz_table_encode_strings(line_adder->strings.entries + start, count, &packed);
	status = dz_emitter_put(&line_adder->emitter, &header, &packed);
	dz_packed_release(&packed);
	return status;
}

static enum dz_status emit_strings(struct line_adder *line_adder, uint32_t generation)
{
	enum dz_status status = DZ_OK;
	uint32_t start = 0;
	size_t bytes = 0;

	for (uint32_t i = 0; i < line_adder->strings.count && status == DZ_OK; i++) {
		bytes += line_adder->strings.entries[i].size;
		if (bytes < STRING_BYTES && i + 1 - start < BLOCK_ROWS &&
		    i + 1 < line_adder->strings.count)
			continue;
		status = put_strings(line_adder, generation, start, i + 1 - start);
		start = i + 1;
		bytes = 0;
	}
	return status;
}

/* Writes rows of field_count values as a block. */
static enum dz_status put_rows(struct line_adder *line_adder, struct dz_block_header *header,
			       const uint64_t *rows, uint32_t field_count)
{
	size_t records = header->records;
	uint64_t *columns = calloc((field_count + 1) * records, sizeof(*columns));
	struct dz_packed packed = {0};
	enum dz_status status;

	if (!columns)
		return DZ_NO_MEMORY;
	for (size_t i = 0; i < records; i++)
		for (size_t field = 0; field < field_count; field++)
			columns[field * records + i] = rows[i * field_count + field];
	dz_table_encode(columns, field_count, header->records, columns + field_count * records,
			&packed);
	status = dz_emitter_put(&line_adder->emitter, header, &packed);
	dz_packed_release(&packed);
	free(columns);
	return status;
}

/* The same for rows of a dictionary, in as many blocks as they need. */
static enum dz_status put_records(struct line_adder *line_adder, struct dz_block_header header,
				  const struct buffer *rows, uint32_t field_count)
{
	enum dz_status status = rows->failed ? DZ_NO_MEMORY : DZ_OK;
	uint64_t first = header.first;
	uint64_t count;
	uint64_t most;

	/* No schema has a kind without fields. */
	if (field_count == 0)
		return DZ_CORRUPT;
	count = rows->size / sizeof(uint64_t) / field_count;
	most = DZ_LIMIT_BLOCK_VALUES / 8 / field_count;
	if (most > BLOCK_ROWS)
		most = BLOCK_ROWS;
	for (uint64_t start = 0; start < count && status == DZ_OK; start += most) {
		header.records = (uint32_t)(count - start < most ? count - start : most);
		header.first = first + start;
		header.last = header.first + header.records - 1;
		if (header.last > DZ_LIMIT_DICTIONARY_ENTRIES)
			return DZ_LIMIT;
		status = put_rows(line_adder, &header,
				  (const uint64_t *)(const void *)rows->data + start * field_count,
				  field_count);
	}
	return status;
}

static enum dz_status copy_kind(struct line_adder *line_adder, struct dz_generation *generation,
				uint32_t kind)
{
	const struct dz_walk *walk = &line_adder->store->walk;

	for (size_t i = 0; i < generation->order_count; i++) {
		uint32_t block = walk->order[generation->order_start + i];
		enum dz_status status = DZ_OK;

		if (!walk->unusable[block] && walk->blocks[block].kind == kind)
			status = dz_copy_block(line_adder->store, block, &line_adder->emitter);
		if (status != DZ_OK)
			return status;
	}
	return DZ_OK;
}

static enum dz_status emit_dictionaries(struct line_adder *line_adder,
					struct dz_generation *generation)
{
	static const uint32_t kinds[] = {DZ_KIND_STRING, DZ_KIND_SCHEMA, DZ_KIND_MODULE,
					 DZ_KIND_FRAME};
	const struct dz_block_header header = {.kind = DZ_KIND_FRAME,
					       .generation = generation->number,
					       .first = line_adder->first_frame};
	enum dz_status status = DZ_OK;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && status == DZ_OK; i++) {
		status = copy_kind(line_adder, generation, kinds[i]);
		if (status == DZ_OK && kinds[i] == DZ_KIND_SCHEMA)
			status = emit_strings(line_adder, generation->number);
	}
	if (status == DZ_OK)
		status = put_records(line_adder, header, &line_adder->rows, FRAME_FIELDS);
	return status;
}

static uint64_t map_stack(const struct line_adder *line_adder, uint64_t id)
{
	const struct stack_use *use = id ? find_stack(line_adder, id) : NULL;

	if (id == 0)
		return 0;
	return use && use->new_id ? use->new_id : DZ_ID_DAMAGED;
}

/* Returns the chain of a stack's frame, shortened to its outermost frame if the stack would become
 * too deep. */
static struct chain chain_of(const struct line_adder *line_adder, const struct stack_use *use,
			     uint32_t depth)
{
	const struct frame_use *frame = find_frame(line_adder, use->frame);
	struct chain chain = {0};

	if (frame && frame->chains[use->called] != NO_CHAIN)
		chain = line_adder->chains[frame->chains[use->called]];
	if (chain.count > 1 && depth + chain.count + use->height - 1 > DZ_LIMIT_STACK_FRAMES)
		chain.count = 1;
	return chain;
}

/* Appends the records that replace a stack. `row` has its fields, and is overwritten. */
static void add_stack(struct line_adder *line_adder, struct stack_use *use, uint64_t *row,
		      uint32_t field_count, struct buffer *rows)
{
	const struct stack_use *caller = use->caller ? find_stack(line_adder, use->caller) : NULL;
	uint32_t depth = caller && caller->new_id ? caller->depth : 0;
	struct chain chain = chain_of(line_adder, use, depth);
	uint32_t count = chain.count ? chain.count : 1;

	row[0] = map_stack(line_adder, use->caller);
	for (uint32_t i = 0; i < count; i++) {
		row[1] = chain.count ? line_adder->first_frame + chain.first + i : use->frame;
		buffer_put(rows, row, field_count * sizeof(*row));
		row[0] = line_adder->next_stack++;
	}
	use->new_id = row[0];
	use->depth = (uint16_t)((depth + count) % (DZ_LIMIT_STACK_FRAMES + 1));
}

static enum dz_status emit_stacks(struct line_adder *line_adder, const struct span *span)
{
	const struct dz_block_info *info = &line_adder->store->walk.blocks[span->block];
	const uint32_t field_count =
		dz_file_schema_find(&line_adder->store->schema, info->kind)->schema.field_count;
	struct dz_block_header header = dz_copy_block_header(info);
	struct stack_use *stacks = span->records;
	struct buffer rows = {0};
	uint64_t row[DZ_LIMIT_COLUMNS];
	struct dz_table table;
	enum dz_status status = decode(line_adder, span->block, &table);

	if (status != DZ_OK)
		return status;
	header.first = line_adder->next_stack;
	for (uint32_t i = 0; i < span->count; i++) {
		for (uint32_t field = 0; field < field_count; field++)
			row[field] = value_at(&table, field, i);
		add_stack(line_adder, &stacks[i], row, field_count, &rows);
	}
	dz_table_release(&table);
	status = put_records(line_adder, header, &rows, field_count);
	buffer_release(&rows);
	return status;
}

static bool has_stacks(const struct dz_file_kind *kind)
{
	for (uint32_t field = 0; kind && field < kind->schema.field_count; field++)
		if (kind->schema.fields[field].type == DZ_TYPE_STACK)
			return true;
	return false;
}

/* Writes a block with fields that refer to stacks. */
static enum dz_status emit_referring(struct line_adder *line_adder, uint32_t block,
				     const struct dz_file_kind *kind)
{
	struct dz_block_header header =
		dz_copy_block_header(&line_adder->store->walk.blocks[block]);
	const uint32_t field_count = kind->schema.field_count;
	uint64_t *rows = calloc(header.records, field_count * sizeof(*rows));
	struct dz_table table;
	enum dz_status status = rows ? decode(line_adder, block, &table) : DZ_NO_MEMORY;

	for (uint32_t i = 0; i < header.records && status == DZ_OK; i++) {
		for (uint32_t field = 0; field < field_count; field++) {
			uint64_t value = value_at(&table, field, i);

			if (kind->schema.fields[field].type == DZ_TYPE_STACK)
				value = map_stack(line_adder, value);
			rows[(size_t)i * field_count + field] = value;
		}
	}
	if (status == DZ_OK) {
		dz_table_release(&table);
		status = put_rows(line_adder, &header, rows, field_count);
	}
	free(rows);
	return status;
}

static enum dz_status emit_block(struct line_adder *line_adder, uint32_t block, size_t *next_span)
{
	struct dz_store *store = line_adder->store;
	const struct dz_file_kind *kind;

	switch (store->walk.blocks[block].kind) {
	case DZ_KIND_STRING:
	case DZ_KIND_SCHEMA:
	case DZ_KIND_MODULE:
	case DZ_KIND_FRAME:
	case DZ_KIND_INDEX:
		return DZ_OK;
	case DZ_KIND_STACK:
		return emit_stacks(line_adder, &line_adder->stacks.spans[(*next_span)++]);
	default:
		kind = dz_file_schema_find(&store->schema, store->walk.blocks[block].kind);
		if (has_stacks(kind))
			return emit_referring(line_adder, block, kind);
		return dz_copy_block(store, block, &line_adder->emitter);
	}
}

static enum dz_status emit_generation(struct line_adder *line_adder,
				      struct dz_generation *generation)
{
	const struct dz_walk *walk = &line_adder->store->walk;
	enum dz_status status = emit_dictionaries(line_adder, generation);
	size_t next_span = 0;

	for (size_t i = 0; i < generation->order_count && status == DZ_OK; i++) {
		uint32_t block = walk->order[generation->order_start + i];

		if (!walk->unusable[block])
			status = emit_block(line_adder, block, &next_span);
	}
	return status;
}

static void release_spans(struct span_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->spans[i].records);
	free(list->spans);
	*list = (struct span_list){0};
}

static void release_generation(struct line_adder *line_adder)
{
	release_spans(&line_adder->frames);
	release_spans(&line_adder->stacks);
	free(line_adder->chains);
	line_adder->chains = NULL;
	line_adder->chain_count = 0;
	line_adder->chain_capacity = 0;
	buffer_release(&line_adder->rows);
	dz_intern_clear(&line_adder->strings);
}

/* Without `write`, only calls find(). */
static enum dz_status process_generations(struct line_adder *line_adder, bool write)
{
	enum dz_status status = DZ_OK;

	for (size_t i = 0; i < line_adder->store->generation_count && status == DZ_OK; i++) {
		struct dz_generation *generation = &line_adder->store->generations[i];

		status = read_generation(line_adder, generation);
		if (status == DZ_OK)
			status = expand_frames(line_adder);
		if (status == DZ_OK && write)
			status = emit_generation(line_adder, generation);
		release_generation(line_adder);
	}
	return status;
}

/* New frames have the fields of this version, so those of the file must be the same. */
static bool is_supported(const struct dz_file_schema *schema)
{
	const struct dz_file_kind *frame = dz_file_schema_find(schema, DZ_KIND_FRAME);
	const struct dz_file_kind *stack = dz_file_schema_find(schema, DZ_KIND_STACK);

	return frame && stack && frame->same && stack->same &&
	       frame->schema.field_count == FRAME_FIELDS;
}

static enum dz_status process_store(struct line_adder *line_adder, const struct dz_sink *sink)
{
	struct dz_store *store = line_adder->store;
	struct dz_file_header header = dz_copy_header(&store->walk);
	enum dz_status status;

	if (!is_supported(&store->schema))
		return DZ_UNSUPPORTED;
	dz_intern_init(&line_adder->strings, &store->epochs[0]->tables[0].key);
	if (!sink)
		return process_generations(line_adder, false);
	status = dz_emitter_open(sink, &header, DZ_COPY_LEVEL, &line_adder->emitter);
	if (status != DZ_OK)
		return status;
	line_adder->emitter.no_index = !dz_file_schema_find(&store->schema, DZ_KIND_INDEX);
	status = process_generations(line_adder, true);
	if (status == DZ_OK)
		status = dz_emitter_close(&line_adder->emitter,
					  dz_copy_last_generation(&store->walk),
					  store->walk.trailer.flags | DZ_TRAILER_CLEAN);
	dz_emitter_release(&line_adder->emitter);
	return status;
}

static enum dz_status process(const struct dz_source *source, const struct dz_sink *sink,
			      struct line_adder *line_adder)
{
	enum dz_status status;

	line_adder->store = malloc(sizeof(*line_adder->store));
	if (!line_adder->store)
		return DZ_NO_MEMORY;
	status = dz_store_open(source, 0, line_adder->store);
	/* After this, every usable block decodes. */
	if (status == DZ_OK)
		status = dz_store_check(line_adder->store);
	if (status == DZ_OK)
		status = process_store(line_adder, sink);
	dz_store_release(line_adder->store);
	free(line_adder->store);
	return status;
}

enum dz_status dz_find_places(const struct dz_source *source,
			      const struct dz_add_lines_options *options)
{
	struct line_adder line_adder = {.options = options};

	return process(source, NULL, &line_adder);
}

enum dz_status dz_add_lines(const struct dz_source *source, const struct dz_sink *sink,
			    const struct dz_add_lines_options *options,
			    struct dz_add_lines_result *ret_result)
{
	struct line_adder line_adder = {.options = options};
	enum dz_status status = process(source, sink, &line_adder);

	if (status == DZ_OK)
		*ret_result = line_adder.result;
	return status;
}
