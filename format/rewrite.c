/* format/rewrite.c - copies a file and replaces its strings
 *
 * Each generation is read twice. The first pass finds the fields that refer to each string. The
 * second pass writes the blocks.
 */
#include <dz/rewrite.h>

#include <stdlib.h>
#include <string.h>

#include "base/search.h"
#include "format/copy.h"
#include "format/limits.h"
#include "format/store_check.h"
#include "format/table_decode.h"
#include <dz/trailer.h>

#define USE_SCHEMA ((uint64_t)1 << 62) /* the schema refers to it: not passed to map() */

struct use {
	uint64_t fields;
	uint32_t key; /* identifier of the info key; 0: none */
};

/* The strings of a block, and the fields that refer to them. */
struct used_segment {
	uint64_t first; /* identifier */
	uint32_t count;
	struct use *uses; /* one for each record */
};

struct rewriter {
	struct dz_store *store;
	const struct dz_rewrite_options *options;
	struct dz_emitter emitter;
	struct used_segment *segments; /* of the generation, by ascending identifier */
	size_t segment_count;
};

uint64_t dz_string_use_bit(uint32_t kind, const char *field_name)
{
	const struct dz_kind_schema *kinds;
	uint64_t bit = 1;
	size_t count;

	kinds = dz_schema_kinds(&count);
	for (size_t k = 0; k < count; k++) {
		for (uint32_t f = 0; f < kinds[k].field_count && kinds[k].kind != DZ_KIND_SCHEMA;
		     f++) {
			if (kinds[k].fields[f].type != DZ_TYPE_STRING)
				continue;
			if (kinds[k].kind == kind &&
			    strcmp(kinds[k].fields[f].name, field_name) == 0)
				return bit;
			bit <<= 1;
		}
	}
	return 0;
}

static uint64_t field_bit(const struct dz_file_kind *kind, uint32_t field)
{
	const struct dz_kind_schema *schema = &kind->schema;

	if (schema->kind == DZ_KIND_SCHEMA)
		return USE_SCHEMA;
	if (kind->to_own[field] == DZ_NO_FIELD)
		return DZ_USE_UNKNOWN;
	return dz_string_use_bit(schema->kind, schema->fields[field].name);
}

static bool starts_at_or_before(const void *table, size_t index, uint64_t id)
{
	const struct used_segment *segments = table;

	return segments[index].first <= id;
}

static struct use *find_use(const struct rewriter *rewriter, uint64_t id)
{
	size_t index = search_lower_bound(rewriter->segments, rewriter->segment_count, id,
					  starts_at_or_before);
	const struct used_segment *segment;

	if (index == 0)
		return NULL;
	segment = &rewriter->segments[index - 1];
	return id - segment->first < segment->count ? &segment->uses[id - segment->first] : NULL;
}

static void note_column(const struct rewriter *rewriter, const struct dz_table *table,
			uint32_t field, uint64_t bit)
{
	const struct dz_column_values *column = &table->columns[field];
	uint32_t count = column->mask ? table->records : 1;
	uint64_t known = 0;

	for (uint32_t i = 0; i < count; i++) {
		uint64_t id = column->values[i & column->mask];
		struct use *use = id != known ? find_use(rewriter, id) : NULL;

		known = id;
		if (use)
			use->fields |= bit;
	}
}

static void note_keys(const struct rewriter *rewriter, const struct dz_table *table)
{
	const uint32_t key = offsetof(struct dz_info, key) / sizeof(uint64_t);
	const uint32_t value = offsetof(struct dz_info, value) / sizeof(uint64_t);

	for (uint32_t i = 0; i < table->records; i++) {
		const struct dz_column_values *keys = &table->columns[key];
		const struct dz_column_values *values = &table->columns[value];
		struct use *use = find_use(rewriter, values->values[i & values->mask]);

		if (use)
			use->key = (uint32_t)keys->values[i & keys->mask];
	}
}

static bool is_string(const struct dz_file_kind *kind, uint32_t field)
{
	return kind->schema.fields[field].type == DZ_TYPE_STRING;
}

/* Adds the references of a block to the uses of its strings. */
static enum dz_status note_block(struct rewriter *rewriter, uint32_t block)
{
	struct dz_store *store = rewriter->store;
	const struct dz_block_info *info = &store->walk.blocks[block];
	const struct dz_file_kind *kind = dz_file_schema_find(&store->schema, info->kind);
	struct dz_field_set wanted = {0};
	struct cursor payload;
	struct dz_table table;
	enum dz_status status;

	if (!kind)
		return DZ_OK;
	for (uint32_t field = 0; field < kind->schema.field_count; field++) {
		if (is_string(kind, field))
			dz_field_set_add(&wanted, field);
	}
	status = dz_store_payload(store, block, &payload);
	if (status != DZ_OK)
		return status;
	status = dz_table_decode(payload, info->records, kind->schema.field_count, &wanted, &table);
	if (status != DZ_OK)
		return status;
	for (uint32_t field = 0; field < kind->schema.field_count; field++) {
		if (is_string(kind, field))
			note_column(rewriter, &table, field, field_bit(kind, field));
	}
	if (info->kind == DZ_KIND_INFO && kind->same)
		note_keys(rewriter, &table);
	dz_table_release(&table);
	return DZ_OK;
}

static const struct dz_intern_entry *string_of(const struct rewriter *rewriter,
					       struct dz_generation *generation, uint64_t id)
{
	uint64_t number = dz_generation_resolve(generation, 0, id, UINT32_MAX);

	return dz_intern_get(&rewriter->store->epochs[0]->tables[0], number);
}

/* Appends the replacement of a string to the arena. */
static enum dz_status map_string(const struct rewriter *rewriter, struct dz_generation *generation,
				 uint64_t id, struct buffer *arena)
{
	const struct dz_intern_entry *entry = string_of(rewriter, generation, id);
	const struct use *use = find_use(rewriter, id);
	const struct dz_intern_entry *key;
	struct dz_string_use string_use = {.fields = 0};
	struct dz_bytes text;

	if (!entry || !use)
		return DZ_CORRUPT;
	text = (struct dz_bytes){.data = entry->data, .size = entry->size};
	string_use.fields = use->fields;
	key = string_of(rewriter, generation, use->key);
	if (key)
		string_use.info_key = (struct dz_bytes){.data = key->data, .size = key->size};
	if (!use->fields)
		text.size = 0;
	else if (!(use->fields & USE_SCHEMA) &&
		 !rewriter->options->map(rewriter->options->context, text, &string_use, &text))
		return DZ_NO_MEMORY;
	if (text.size > DZ_LIMIT_STRING_BYTES)
		text.size = DZ_LIMIT_STRING_BYTES;
	buffer_put(arena, text.data, text.size);
	return arena->failed ? DZ_NO_MEMORY : DZ_OK;
}

static enum dz_status emit_strings(struct rewriter *rewriter, const struct dz_block_info *info,
				   struct dz_intern_entry *entries, const struct buffer *arena)
{
	struct dz_block_header header = dz_copy_block_header(info);
	struct cursor cursor = cursor_over(arena->data, arena->size);
	struct dz_packed packed = {0};
	enum dz_status status;

	for (uint32_t i = 0; i < info->records; i++)
		entries[i].data = cursor_take(&cursor, entries[i].size);
	dz_table_encode_strings(entries, info->records, &packed);
	status = dz_emitter_put(&rewriter->emitter, &header, &packed);
	dz_packed_release(&packed);
	return status;
}

static enum dz_status rewrite_strings(struct rewriter *rewriter, struct dz_generation *generation,
				      uint32_t block)
{
	const struct dz_block_info *info = &rewriter->store->walk.blocks[block];
	struct dz_intern_entry *entries = calloc(info->records, sizeof(*entries));
	struct buffer arena = {0};
	enum dz_status status = entries ? DZ_OK : DZ_NO_MEMORY;

	for (uint32_t i = 0; i < info->records && status == DZ_OK; i++) {
		size_t before = arena.size;

		status = map_string(rewriter, generation, info->first + i, &arena);
		entries[i].size = (uint32_t)(arena.size - before);
	}
	if (status == DZ_OK)
		status = emit_strings(rewriter, info, entries, &arena);
	buffer_release(&arena);
	free(entries);
	return status;
}

static enum dz_status rewrite_block(struct rewriter *rewriter, struct dz_generation *generation,
				    uint32_t block)
{
	uint32_t kind = rewriter->store->walk.blocks[block].kind;

	if (rewriter->options->drop_unknown && !dz_file_schema_find(&rewriter->store->schema, kind))
		return DZ_OK;
	switch (kind) {
	case DZ_KIND_STRING:
		return rewrite_strings(rewriter, generation, block);
	case DZ_KIND_INDEX:
		return DZ_OK;
	default:
		return dz_copy_block(rewriter->store, block, &rewriter->emitter);
	}
}

static enum dz_status find_segments(struct rewriter *rewriter, struct dz_generation *generation)
{
	const struct dz_walk *walk = &rewriter->store->walk;

	rewriter->segment_count = 0;
	rewriter->segments = calloc(generation->order_count + 1, sizeof(*rewriter->segments));
	if (!rewriter->segments)
		return DZ_NO_MEMORY;
	for (size_t i = 0; i < generation->order_count; i++) {
		uint32_t block = walk->order[generation->order_start + i];
		struct used_segment *segment = &rewriter->segments[rewriter->segment_count];

		if (walk->unusable[block] || walk->blocks[block].kind != DZ_KIND_STRING)
			continue;
		segment->first = walk->blocks[block].first;
		segment->count = walk->blocks[block].records;
		segment->uses = calloc(walk->blocks[block].records, sizeof(*segment->uses));
		if (!segment->uses)
			return DZ_NO_MEMORY;
		rewriter->segment_count++;
	}
	return DZ_OK;
}

static void free_segments(struct rewriter *rewriter)
{
	for (size_t i = 0; i < rewriter->segment_count; i++)
		free(rewriter->segments[i].uses);
	free(rewriter->segments);
	rewriter->segments = NULL;
	rewriter->segment_count = 0;
}

static enum dz_status note_all(struct rewriter *rewriter, struct dz_generation *generation)
{
	const struct dz_walk *walk = &rewriter->store->walk;

	for (size_t i = 0; i < generation->order_count; i++) {
		uint32_t block = walk->order[generation->order_start + i];
		enum dz_status status = DZ_OK;

		if (!walk->unusable[block] && walk->blocks[block].kind != DZ_KIND_STRING)
			status = note_block(rewriter, block);
		if (status != DZ_OK)
			return status;
	}
	return DZ_OK;
}

static enum dz_status rewrite_all(struct rewriter *rewriter, struct dz_generation *generation)
{
	const struct dz_walk *walk = &rewriter->store->walk;

	for (size_t i = 0; i < generation->order_count; i++) {
		uint32_t block = walk->order[generation->order_start + i];
		enum dz_status status = DZ_OK;

		if (!walk->unusable[block])
			status = rewrite_block(rewriter, generation, block);
		if (status != DZ_OK)
			return status;
	}
	return DZ_OK;
}

static enum dz_status rewrite_generation(struct rewriter *rewriter,
					 struct dz_generation *generation)
{
	enum dz_status status = find_segments(rewriter, generation);

	if (status == DZ_OK)
		status = note_all(rewriter, generation);
	if (status == DZ_OK)
		status = rewrite_all(rewriter, generation);
	free_segments(rewriter);
	return status;
}

static enum dz_status rewrite_store(struct rewriter *rewriter, const struct dz_sink *sink)
{
	struct dz_store *store = rewriter->store;
	struct dz_file_header header = dz_copy_header(&store->walk);
	enum dz_status status;

	if (rewriter->options->clear_boot_id)
		memset(header.boot_id, 0, sizeof(header.boot_id));
	status = dz_emitter_open(sink, &header, DZ_COPY_LEVEL, &rewriter->emitter);
	if (status != DZ_OK)
		return status;
	rewriter->emitter.no_index = !dz_file_schema_find(&store->schema, DZ_KIND_INDEX);
	for (size_t i = 0; i < store->generation_count && status == DZ_OK; i++)
		status = rewrite_generation(rewriter, &store->generations[i]);
	if (status == DZ_OK)
		status = dz_emitter_close(&rewriter->emitter, dz_copy_last_generation(&store->walk),
					  store->walk.trailer.flags | DZ_TRAILER_CLEAN |
						  DZ_TRAILER_SCRUBBED);
	dz_emitter_release(&rewriter->emitter);
	return status;
}

enum dz_status dz_rewrite(const struct dz_source *source, const struct dz_sink *sink,
			  const struct dz_rewrite_options *options)
{
	struct rewriter rewriter = {.options = options};
	enum dz_status status;

	rewriter.store = malloc(sizeof(*rewriter.store));
	if (!rewriter.store)
		return DZ_NO_MEMORY;
	status = dz_store_open(source, 0, rewriter.store);
	/* After this, every usable block decodes. */
	if (status == DZ_OK)
		status = dz_store_check(rewriter.store);
	if (status == DZ_OK)
		status = rewrite_store(&rewriter, sink);
	dz_store_release(rewriter.store);
	free(rewriter.store);
	return status;
}
