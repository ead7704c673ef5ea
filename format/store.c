/* format/store.c - blocks, schema, dictionaries and damage of a file that is read */
#include "format/store.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/array.h"
#include "base/search.h"
#include "format/limits.h"
#include "format/table_decode.h"

#define DEFAULT_MEMORY_LIMIT_BYTES 1073741824u

/* A recorder begins one at least each minute: more than a month. */
#define GROWING_GENERATIONS 65536u

static const char invalid_columns[] = "invalid columns in the payload";

enum dz_status dz_store_report(struct dz_store *store, uint32_t block, enum dz_status status,
			       const char *what)
{
	const struct dz_block_info *info = &store->walk.blocks[block];
	struct dz_damage damage = {
		.offset = info->offset,
		.size_bytes = (uint64_t)DZ_BLOCK_HEADER_BYTES + info->stored_bytes,
		.status = status,
		.what = what,
	};

	if (status == DZ_IO || status == DZ_NO_MEMORY)
		return status;
	store->walk.unusable[block] = true;
	if (!dz_damage_add(&store->damage, &damage))
		return DZ_NO_MEMORY;
	return DZ_CORRUPT;
}

enum dz_status dz_store_payload(struct dz_store *store, uint32_t block, struct cursor *ret_payload)
{
	const char *what = NULL;
	size_t before = dz_loader_memory(&store->loader);
	enum dz_status status = dz_loader_read(&store->loader, &store->source,
					       &store->walk.blocks[block], ret_payload, &what);

	if (status != DZ_OK)
		return dz_store_report(store, block, status, what);
	if (!dz_budget_take(&store->budget, dz_loader_memory(&store->loader) - before))
		return DZ_LIMIT;
	return DZ_OK;
}

static struct dz_epoch *epoch_of(const struct dz_store *store, struct dz_generation *generation)
{
	return store->epochs[generation->epoch];
}

/* Takes the growth of the tables from the budget. */
static enum dz_status count_tables(struct dz_store *store, struct dz_epoch *epoch)
{
	uint64_t bytes = epoch->stack_capacity * sizeof(*epoch->stack_depths);

	for (uint32_t i = 0; i < DZ_DICTIONARY_COUNT; i++)
		bytes += epoch->tables[i].memory_bytes;
	if (!dz_budget_take(&store->budget, bytes - epoch->table_bytes))
		return DZ_LIMIT;
	epoch->table_bytes = bytes;
	return DZ_OK;
}

static enum dz_status add_segment(struct dz_store *store, struct dz_generation *generation,
				  const struct dz_block_info *info, struct dz_segment **ret_segment)
{
	struct dz_segment *segment;
	uint64_t bytes = sizeof(*segment) * 2 + info->records * sizeof(uint32_t);

	if (!dz_budget_take(&store->budget, bytes))
		return DZ_LIMIT;
	generation->segment_bytes += bytes;
	segment = dz_generation_add_segment(generation, dz_dictionary_of_kind(info->kind),
					    (uint32_t)info->first, info->records);
	if (!segment)
		return DZ_NO_MEMORY;
	segment->sequence = info->sequence;
	*ret_segment = segment;
	return DZ_OK;
}

/* The entries of a generation differ from each other. So a large one that is the first of its epoch
 * needs no search for equal ones. If a file has two equal entries, they keep different numbers. For
 * small ones, it would save nothing, and took 8 % more memory with 10,000 files. */
static bool is_first(const struct dz_epoch *epoch, const struct dz_generation *generation)
{
	return generation->is_large && epoch->generations[0] == generation;
}

/* Returns the number of an entry in the table of the epoch; 0 on allocation failure. */
static uint32_t intern(struct dz_epoch *epoch, const struct dz_generation *generation,
		       uint32_t dictionary, struct dz_bytes bytes)
{
	struct dz_intern *table = &epoch->tables[dictionary];
	void *memory;

	if (!is_first(epoch, generation))
		return dz_intern_add(table, bytes.data, bytes.size);
	memory = dz_intern_append(table, bytes.size);
	if (!memory)
		return 0;
	if (bytes.data) /* NULL: an empty entry of an absent column */
		memcpy(memory, bytes.data, bytes.size);
	return table->count;
}

static enum dz_status load_strings(struct dz_store *store, struct dz_generation *generation,
				   uint32_t block)
{
	const struct dz_block_info *info = &store->walk.blocks[block];
	struct dz_epoch *epoch = epoch_of(store, generation);
	struct dz_string_column column;
	struct dz_segment *segment;
	struct cursor payload;
	enum dz_status status = dz_store_payload(store, block, &payload);

	if (status != DZ_OK)
		return status;
	status = dz_table_decode_strings(payload, info->records, &column);
	if (status != DZ_OK)
		return dz_store_report(store, block, status, invalid_columns);
	status = add_segment(store, generation, info, &segment);
	if (status != DZ_OK)
		return status;
	for (uint32_t i = 0; i < info->records; i++) {
		size_t size = column.present ? (size_t)cursor_varint(&column.lengths) : 0;
		const uint8_t *bytes = cursor_take(&column.bytes, size);

		segment->ids[i] = intern(epoch, generation, 0,
					 (struct dz_bytes){.data = bytes, .size = size});
		if (!segment->ids[i])
			return DZ_NO_MEMORY;
		segment->count++;
	}
	return count_tables(store, epoch);
}

/* A field of this version, and where its values come from. */
struct row_field {
	const struct dz_column_values *column;
	uint32_t dictionary; /* that it refers to; DZ_DICTIONARY_COUNT: none */
	uint16_t own;
	/* The reference that was resolved last: consecutive rows often have the same one. */
	uint64_t known;
	uint64_t resolved;
};

/* What the rows of a dictionary are made from. */
struct row_maker {
	struct dz_store *store;
	struct dz_epoch *epoch;
	struct dz_generation *generation;
	const struct dz_file_kind *kind;
	const struct dz_table *table;
	uint32_t dictionary;
	uint32_t sequence;
	uint32_t row_values; /* of this version */
	uint32_t field_count;
	struct row_field fields[DZ_LIMIT_COLUMNS];
	uint64_t constants[DZ_LIMIT_COLUMNS]; /* a row with the fields that all rows share */
};

static uint64_t resolve(const struct row_maker *maker, struct row_field *field, uint64_t value)
{
	if (field->dictionary == DZ_DICTIONARY_COUNT || value == 0)
		return value;
	/* A lost entry can be one that comes later. */
	if (value != field->known || field->resolved == DZ_ID_DAMAGED) {
		field->known = value;
		field->resolved = dz_generation_resolve(maker->generation, field->dictionary, value,
							maker->sequence);
	}
	return field->resolved;
}

/* Lists the fields that this version knows. Those with the same value in all rows are resolved
 * once, unless they refer to rows of the same block. */
static void prepare_fields(struct row_maker *maker)
{
	const struct dz_kind_schema *schema = &maker->kind->schema;

	maker->row_values = maker->kind->own->field_count;
	memset(maker->constants, 0, maker->row_values * sizeof(*maker->constants));
	for (uint32_t i = 0; i < schema->field_count; i++) {
		struct row_field field = {
			.column = &maker->table->columns[i],
			.dictionary = dz_dictionary_of_type(schema->fields[i].type),
			.own = maker->kind->to_own[i],
		};

		if (field.own == DZ_NO_FIELD)
			continue;
		if (field.column->mask || field.dictionary == maker->dictionary)
			maker->fields[maker->field_count++] = field;
		else
			maker->constants[field.own] =
				resolve(maker, &field, field.column->constant);
	}
}

static void make_row(struct row_maker *maker, uint32_t record, uint64_t *row)
{
	memcpy(row, maker->constants, maker->row_values * sizeof(*row));
	for (uint32_t i = 0; i < maker->field_count; i++) {
		struct row_field *field = &maker->fields[i];
		uint64_t value = field->column->values[record & field->column->mask];

		row[field->own] = resolve(maker, field, value);
	}
}

/* Returns whether a row refers to one of the same block, from this id on. */
static bool refers_to(const struct row_maker *maker, uint32_t record, uint64_t id)
{
	for (uint32_t i = 0; i < maker->field_count; i++) {
		const struct row_field *field = &maker->fields[i];

		if (field->dictionary == maker->dictionary &&
		    field->column->values[record & field->column->mask] >= id)
			return true;
	}
	return false;
}

static bool reserve_depths(struct dz_epoch *epoch, size_t count)
{
	uint16_t *depths = array_grow(epoch->stack_depths, &epoch->stack_capacity, count,
				      sizeof(*depths), ARRAY_NO_LIMIT);

	if (!depths)
		return false;
	epoch->stack_depths = depths;
	return true;
}

/* Limits the depth of stacks: the caller of a frame beyond the limit is recorded as damaged. */
static uint32_t add_stack(const struct row_maker *maker, struct dz_stack *stack)
{
	struct dz_epoch *epoch = maker->epoch;
	uint16_t depth = 1;
	uint32_t id;

	if (!reserve_depths(epoch, (size_t)epoch->tables[maker->dictionary].count + 1))
		return 0;
	if (stack->caller != 0 && stack->caller != DZ_ID_DAMAGED)
		depth = (uint16_t)(epoch->stack_depths[DZ_ID_ENTRY(stack->caller) - 1] + 1);
	if (depth > DZ_LIMIT_STACK_FRAMES) {
		depth = 1;
		stack->caller = DZ_ID_DAMAGED;
	}
	id = intern(epoch, maker->generation, maker->dictionary,
		    (struct dz_bytes){.data = (const uint8_t *)stack, .size = sizeof(*stack)});
	if (id)
		epoch->stack_depths[id - 1] = depth;
	return id;
}

static enum dz_status intern_stacks(struct row_maker *maker, struct dz_segment *segment)
{
	for (uint32_t i = 0; i < maker->table->records; i++) {
		uint64_t row[DZ_LIMIT_COLUMNS];
		struct dz_stack stack;
		uint32_t id;

		make_row(maker, i, row);
		memcpy(&stack, row, sizeof(stack));
		id = add_stack(maker, &stack);
		if (!id)
			return DZ_NO_MEMORY;
		segment->ids[i] = id;
		segment->count++;
	}
	return DZ_OK;
}

/* Rows that are hashed before the first of them is looked up, so that memory has time to arrive. */
#define BATCH_ROWS 16u

struct batch {
	uint32_t count;
	uint32_t hashes[BATCH_ROWS];
	uint64_t rows[BATCH_ROWS * DZ_LIMIT_COLUMNS];
};

/* Adds the rows of the batch to the table and to the segment, and empties the batch. */
static enum dz_status add_batch(const struct row_maker *maker, struct batch *batch,
				struct dz_segment *segment)
{
	struct dz_intern *table = &maker->epoch->tables[maker->dictionary];
	const size_t row_bytes = maker->row_values * sizeof(*batch->rows);

	for (uint32_t i = 0; i < batch->count; i++) {
		uint32_t id =
			dz_intern_add_hashed(table, batch->rows + (size_t)i * maker->row_values,
					     row_bytes, batch->hashes[i]);

		if (!id)
			return DZ_NO_MEMORY;
		segment->ids[segment->count++] = id;
	}
	batch->count = 0;
	return DZ_OK;
}

static enum dz_status intern_rows(struct row_maker *maker, struct dz_segment *segment)
{
	const struct dz_intern *table = &maker->epoch->tables[maker->dictionary];
	const size_t row_bytes = maker->row_values * sizeof(uint64_t);
	struct batch batch;
	enum dz_status status;

	batch.count = 0;
	for (uint32_t i = 0; i < maker->table->records; i++) {
		uint64_t *row;

		if (batch.count == BATCH_ROWS ||
		    (batch.count > 0 &&
		     refers_to(maker, i, (uint64_t)segment->first + segment->count))) {
			status = add_batch(maker, &batch, segment);
			if (status != DZ_OK)
				return status;
		}
		row = batch.rows + (size_t)batch.count * maker->row_values;
		make_row(maker, i, row);
		batch.hashes[batch.count++] = dz_intern_hash(table, row, row_bytes);
	}
	return add_batch(maker, &batch, segment);
}

/* Rows of the first generation of an epoch are made where they stay. */
static enum dz_status append_rows(struct row_maker *maker, struct dz_segment *segment)
{
	struct dz_intern *table = &maker->epoch->tables[maker->dictionary];
	const size_t row_bytes = maker->row_values * sizeof(uint64_t);

	for (uint32_t i = 0; i < maker->table->records; i++) {
		uint64_t *row = dz_intern_append(table, row_bytes);

		if (!row)
			return DZ_NO_MEMORY;
		make_row(maker, i, row);
		segment->ids[segment->count++] = table->count;
	}
	return DZ_OK;
}

static enum dz_status add_rows(struct row_maker *maker, struct dz_segment *segment)
{
	prepare_fields(maker);
	if (maker->kind->schema.kind == DZ_KIND_STACK)
		return intern_stacks(maker, segment);
	if (is_first(maker->epoch, maker->generation))
		return append_rows(maker, segment);
	return intern_rows(maker, segment);
}

static struct dz_field_set all_fields(void)
{
	struct dz_field_set set;

	memset(&set, 0xff, sizeof(set));
	return set;
}

static enum dz_status load_rows(struct dz_store *store, struct dz_generation *generation,
				uint32_t block)
{
	const struct dz_block_info *info = &store->walk.blocks[block];
	struct dz_field_set wanted = all_fields();
	struct dz_segment *segment;
	struct cursor payload;
	struct dz_table table;
	struct row_maker maker = {
		.store = store,
		.epoch = epoch_of(store, generation),
		.generation = generation,
		.kind = dz_file_schema_find(&store->schema, info->kind),
		.table = &table,
		.dictionary = dz_dictionary_of_kind(info->kind),
		.sequence = info->sequence,
	};
	enum dz_status status = dz_store_payload(store, block, &payload);

	if (status != DZ_OK)
		return status;
	if (!maker.kind)
		return dz_store_report(store, block, DZ_UNSUPPORTED,
				       "block of a kind that the schema does not describe");
	status = dz_table_decode(payload, info->records, maker.kind->schema.field_count, &wanted,
				 &table);
	if (status != DZ_OK)
		return dz_store_report(store, block, status, invalid_columns);
	status = add_segment(store, generation, info, &segment);
	if (status == DZ_OK)
		status = add_rows(&maker, segment);
	if (status == DZ_OK)
		status = count_tables(store, maker.epoch);
	dz_table_release(&table);
	return status;
}

/* Counts the entries of each dictionary of a generation, as the headers of its blocks say. */
static void count_entries(const struct dz_store *store, const struct dz_generation *generation,
			  uint64_t counts[DZ_DICTIONARY_COUNT])
{
	memset(counts, 0, DZ_DICTIONARY_COUNT * sizeof(*counts));
	for (size_t i = 0; i < generation->order_count; i++) {
		const struct dz_block_info *info =
			&store->walk.blocks[store->walk.order[generation->order_start + i]];
		uint32_t dictionary = dz_dictionary_of_kind(info->kind);

		if (dictionary < DZ_DICTIONARY_COUNT)
			counts[dictionary] += info->records;
	}
}

/* Makes room for the entries of a generation. Those of earlier ones are often the same, so that
 * room is not made for both. Returns false on allocation failure. */
static bool reserve_tables(struct dz_store *store, struct dz_generation *generation)
{
	struct dz_epoch *epoch = epoch_of(store, generation);
	uint64_t counts[DZ_DICTIONARY_COUNT];

	count_entries(store, generation, counts);
	for (uint32_t i = 0; i < DZ_DICTIONARY_COUNT; i++)
		if (!dz_intern_reserve(&epoch->tables[i], counts[i]))
			return false;
	return true;
}

/* Loads the strings of a generation, or its other dictionaries. */
static enum dz_status load_dictionaries(struct dz_store *store, struct dz_generation *generation,
					bool strings)
{
	for (size_t i = 0; i < generation->order_count; i++) {
		uint32_t block = store->walk.order[generation->order_start + i];
		uint32_t dictionary = dz_dictionary_of_kind(store->walk.blocks[block].kind);
		enum dz_status status = DZ_OK;

		if (store->walk.unusable[block] || dictionary >= DZ_DICTIONARY_COUNT)
			continue;
		if (strings && dictionary == 0)
			status = load_strings(store, generation, block);
		else if (!strings && dictionary != 0)
			status = load_rows(store, generation, block);
		if (status != DZ_OK && status != DZ_CORRUPT)
			return status;
	}
	return DZ_OK;
}

static void free_tables(struct dz_store *store, struct dz_epoch *epoch)
{
	for (uint32_t i = 0; i < DZ_DICTIONARY_COUNT; i++)
		dz_intern_clear(&epoch->tables[i]);
	free(epoch->stack_depths);
	epoch->stack_depths = NULL;
	epoch->stack_capacity = 0;
	dz_budget_return(&store->budget, epoch->table_bytes);
	epoch->table_bytes = 0;
	store->resident_count -= epoch->resident;
	epoch->resident = false;
}

static void free_segments(struct dz_store *store, struct dz_generation *generation)
{
	dz_generation_release(generation);
	dz_budget_return(&store->budget, generation->segment_bytes);
	generation->segment_bytes = 0;
	generation->loaded = false;
	generation->strings_loaded = false;
}

static enum dz_status add_epoch(struct dz_store *store)
{
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers */
	const size_t item_bytes = sizeof(*store->epochs);
	struct dz_epoch **grown = array_grow(store->epochs, &store->epoch_capacity,
					     store->epoch_count + 1, item_bytes, UINT32_MAX);
	struct dz_epoch *epoch = grown ? calloc(1, sizeof(*epoch)) : NULL;

	store->epochs = grown ? grown : store->epochs;
	if (!epoch)
		return DZ_NO_MEMORY;
	for (uint32_t i = 0; i < DZ_DICTIONARY_COUNT; i++)
		dz_intern_init(&epoch->tables[i], &store->key);
	epoch->resident = true;
	store->resident_count++;
	store->epochs[store->epoch_count++] = epoch;
	return DZ_OK;
}

/* Whether a generation has so many tasks that they fill half of an epoch. Most of them are in no
 * other generation, so that a search for equal ones is in vain. */
static bool fills_half_epoch(const struct dz_store *store, const struct dz_generation *generation)
{
	uint64_t counts[DZ_DICTIONARY_COUNT];

	count_entries(store, generation, counts);
	return counts[dz_dictionary_of_kind(DZ_KIND_TASK)] * sizeof(struct dz_task) >
	       store->epoch_bytes / 2;
}

/* Decides which epoch a generation belongs to: the newest one, unless it is full or the
 * generation is large. */
static enum dz_status place(struct dz_store *store, struct dz_generation *generation)
{
	struct dz_epoch *newest = store->epochs[store->epoch_count - 1];
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers */
	const size_t item_bytes = sizeof(*newest->generations);
	struct dz_generation **grown;

	if (generation->is_placed)
		return DZ_OK;
	generation->is_large = fills_half_epoch(store, generation);
	if (newest->table_bytes > store->epoch_bytes ||
	    (newest->generation_count > 0 && generation->is_large)) {
		enum dz_status status = add_epoch(store);

		if (status != DZ_OK)
			return status;
		newest = store->epochs[store->epoch_count - 1];
	}
	grown = array_grow(newest->generations, &newest->generation_capacity,
			   newest->generation_count + 1, item_bytes, ARRAY_NO_LIMIT);
	if (!grown)
		return DZ_NO_MEMORY;
	newest->generations = grown;
	grown[newest->generation_count++] = generation;
	generation->epoch = (uint32_t)(store->epoch_count - 1);
	generation->is_placed = true;
	return DZ_OK;
}

static enum dz_status ensure_strings(struct dz_store *store, struct dz_generation *generation)
{
	enum dz_status status = place(store, generation);

	if (status != DZ_OK || generation->strings_loaded)
		return status;
	generation->strings_loaded = true;
	return load_dictionaries(store, generation, true);
}

static enum dz_status ensure_all(struct dz_store *store, struct dz_generation *generation)
{
	enum dz_status status = ensure_strings(store, generation);

	if (status != DZ_OK || generation->loaded)
		return status;
	generation->loaded = true;
	if (!reserve_tables(store, generation))
		return DZ_NO_MEMORY;
	status = load_dictionaries(store, generation, false);
	dz_store_end_block(store);
	return status;
}

/* Frees the tables of the epochs that were used least recently, but not of the newest, of pinned
 * ones, and of `needed`. */
static void free_old_epochs(struct dz_store *store, const struct dz_epoch *needed)
{
	while (store->resident_count > DZ_STORE_EPOCHS) {
		struct dz_epoch *oldest = NULL;

		for (size_t i = 0; i + 1 < store->epoch_count; i++) {
			struct dz_epoch *epoch = store->epochs[i];

			if (epoch->resident && !epoch->pins && epoch != needed &&
			    (!oldest || epoch->last_use < oldest->last_use))
				oldest = epoch;
		}
		if (!oldest)
			return;
		for (size_t i = 0; i < oldest->generation_count; i++)
			free_segments(store, oldest->generations[i]);
		free_tables(store, oldest);
		store->frees++;
	}
}

/* Loads the generations of an epoch again. They get the same identifiers as before. */
static enum dz_status load_again(struct dz_store *store, struct dz_epoch *epoch)
{
	enum dz_status status = DZ_OK;

	epoch->resident = true;
	store->resident_count++;
	for (size_t i = 0; i < epoch->generation_count && status == DZ_OK; i++) {
		free_segments(store, epoch->generations[i]);
		status = ensure_all(store, epoch->generations[i]);
		free_segments(store, epoch->generations[i]);
	}
	if (status != DZ_OK)
		free_tables(store, epoch);
	return status;
}

enum dz_status dz_store_use(struct dz_store *store, struct dz_epoch *epoch)
{
	enum dz_status status = DZ_OK;

	epoch->last_use = ++store->uses;
	if (!epoch->resident)
		status = load_again(store, epoch);
	if (store->resident_count > DZ_STORE_EPOCHS)
		free_old_epochs(store, epoch);
	return status;
}

void dz_store_limit_epochs(struct dz_store *store, uint64_t epoch_bytes)
{
	store->epoch_bytes = epoch_bytes;
	for (size_t i = 0; i < store->generation_count; i++) {
		free_segments(store, &store->generations[i]);
		store->generations[i].is_placed = false;
	}
	store->epochs[0]->generation_count = 0;
	free_tables(store, store->epochs[0]);
	store->epochs[0]->resident = true;
	store->resident_count++;
}

void dz_store_end_block(struct dz_store *store)
{
	if (!store->frugal)
		return;
	dz_budget_return(&store->budget, dz_loader_memory(&store->loader));
	dz_loader_release(&store->loader);
}

void dz_store_rest(struct dz_store *store)
{
	dz_budget_return(&store->budget, dz_loader_memory(&store->loader));
	dz_loader_release(&store->loader);
	for (size_t i = 0; i < store->generation_count; i++)
		free_segments(store, &store->generations[i]);
	for (size_t i = 0; i < store->epoch_count; i++)
		free_tables(store, store->epochs[i]);
	store->frees++;
}

static bool is_limited(const struct dz_store *store)
{
	return store->epoch_bytes != UINT64_MAX;
}

/* Frees the segments of a generation that has not been used for a while. */
static void note_recent(struct dz_store *store, struct dz_generation *generation)
{
	struct dz_generation **place = &store->recent[store->next_recent];

	if (!is_limited(store))
		return;
	for (size_t i = 0; i < DZ_STORE_GENERATIONS; i++)
		if (store->recent[i] == generation)
			return;
	if (*place && !(*place)->pins)
		free_segments(store, *place);
	*place = generation;
	store->next_recent = (store->next_recent + 1) % DZ_STORE_GENERATIONS;
}

void dz_store_pin(struct dz_store *store, struct dz_generation *generation)
{
	generation->pins++;
	epoch_of(store, generation)->pins++;
}

void dz_store_unpin(struct dz_store *store, struct dz_generation *generation)
{
	epoch_of(store, generation)->pins--;
	if (--generation->pins || !is_limited(store))
		return;
	for (size_t i = 0; i < DZ_STORE_GENERATIONS; i++)
		if (store->recent[i] == generation)
			return;
	free_segments(store, generation);
}

static bool is_older(const void *table, size_t index, uint64_t number)
{
	const struct dz_generation *generations = table;

	return generations[index].number < number;
}

enum dz_status dz_store_generation(struct dz_store *store, uint32_t block,
				   struct dz_generation **ret_generation)
{
	uint32_t number = store->walk.blocks[block].generation;
	struct dz_generation *generation;
	enum dz_status status;

	generation = &store->generations[search_lower_bound(
		store->generations, store->generation_count, number, is_older)];
	*ret_generation = generation;
	status = place(store, generation);
	if (status == DZ_OK)
		status = dz_store_use(store, epoch_of(store, generation));
	if (status == DZ_OK)
		note_recent(store, generation);
	return status == DZ_OK ? ensure_all(store, generation) : status;
}

static size_t count_generations(const struct dz_walk *walk)
{
	size_t count = 0;

	for (size_t i = 0; i < walk->order_count; i++) {
		if (i == 0 || walk->blocks[walk->order[i]].generation !=
				      walk->blocks[walk->order[i - 1]].generation)
			count++;
	}
	return count;
}

/* Others point to generations, so they never move. */
static enum dz_status reserve_generations(struct dz_store *store, size_t count)
{
	if (!dz_budget_take(&store->budget, count * sizeof(*store->generations)))
		return DZ_LIMIT;
	store->generations = calloc(count + 1, sizeof(*store->generations));
	store->generation_capacity = count;
	return store->generations ? DZ_OK : DZ_NO_MEMORY;
}

static enum dz_status add_generation(struct dz_store *store, uint32_t number, size_t order_start)
{
	if (store->generation_count == store->generation_capacity)
		return DZ_LIMIT;
	store->generations[store->generation_count++] =
		(struct dz_generation){.number = number, .order_start = order_start};
	return DZ_OK;
}

/* Adds the blocks from `first` in the walk's order to their generations. */
static enum dz_status find_generations(struct dz_store *store, size_t first)
{
	const struct dz_walk *walk = &store->walk;

	for (size_t i = first; i < walk->order_count; i++) {
		uint32_t number = walk->blocks[walk->order[i]].generation;
		size_t count = store->generation_count;
		enum dz_status status = DZ_OK;

		if (count == 0 || store->generations[count - 1].number != number)
			status = add_generation(store, number, i);
		if (status != DZ_OK)
			return status;
		store->generations[store->generation_count - 1].order_count++;
	}
	return DZ_OK;
}

static bool look_up(const struct dz_store *store, struct dz_generation *generation, uint64_t id,
		    uint32_t sequence, struct dz_bytes *ret_text)
{
	const struct dz_intern_entry *entry =
		dz_intern_get(&epoch_of(store, generation)->tables[0],
			      DZ_ID_ENTRY(dz_generation_resolve(generation, 0, id, sequence)));

	if (!entry)
		return false;
	*ret_text = (struct dz_bytes){.data = entry->data, .size = entry->size};
	return true;
}

static bool fill_record(const struct dz_store *store, struct dz_generation *generation,
			const struct dz_schema *row, uint32_t sequence,
			struct dz_schema_record *record)
{
	record->kind = row->kind;
	record->field = row->field;
	record->type = row->type;
	return look_up(store, generation, row->kind_name, sequence, &record->kind_name) &&
	       look_up(store, generation, row->name, sequence, &record->name) &&
	       look_up(store, generation, row->unit, sequence, &record->unit) &&
	       look_up(store, generation, row->meaning, sequence, &record->meaning);
}

/* Builds the schema from a decoded block. Returns DZ_CORRUPT if a string is lost or a rule is
 * broken. Only a broken rule is damage of this block; then *ret_broken is true. */
static enum dz_status build_schema(struct dz_store *store, struct dz_generation *generation,
				   const struct dz_table *table, uint32_t sequence,
				   bool *ret_broken)
{
	struct dz_schema_record *records = calloc(table->records, sizeof(*records));
	enum dz_status status = DZ_OK;

	*ret_broken = false;
	if (!records)
		return DZ_NO_MEMORY;
	for (uint32_t i = 0; i < table->records && status == DZ_OK; i++) {
		uint64_t values[sizeof(struct dz_schema) / sizeof(uint64_t)] = {0};
		struct dz_schema row;

		for (uint32_t field = 0; field < table->field_count; field++)
			values[field] =
				table->columns[field].values[i & table->columns[field].mask];
		memcpy(&row, values, sizeof(row));
		if (!fill_record(store, generation, &row, sequence, &records[i]))
			status = DZ_CORRUPT;
	}
	if (status == DZ_OK) {
		status = dz_file_schema_build(records, table->records, &store->schema);
		*ret_broken = status == DZ_CORRUPT;
	}
	free(records);
	return status;
}

static enum dz_status load_schema(struct dz_store *store, struct dz_generation *generation,
				  uint32_t block)
{
	const struct dz_block_info *info = &store->walk.blocks[block];
	struct dz_field_set wanted = all_fields();
	struct cursor payload;
	struct dz_table table;
	bool broken;
	enum dz_status status = ensure_strings(store, generation);

	if (status == DZ_OK)
		status = dz_store_payload(store, block, &payload);
	if (status != DZ_OK)
		return status;
	status = dz_table_decode(payload, info->records,
				 dz_schema_find(DZ_KIND_SCHEMA)->field_count, &wanted, &table);
	if (status != DZ_OK)
		return dz_store_report(store, block, status, invalid_columns);
	status = build_schema(store, generation, &table, info->sequence, &broken);
	dz_table_release(&table);
	if (broken)
		return dz_store_report(store, block, DZ_CORRUPT, "invalid schema");
	return status;
}

/* Uses the first valid schema whose strings can all be read, or else that of this version. */
static enum dz_status find_schema(struct dz_store *store)
{
	for (size_t g = 0; g < store->generation_count; g++) {
		struct dz_generation *generation = &store->generations[g];

		for (size_t i = 0; i < generation->order_count; i++) {
			uint32_t block = store->walk.order[generation->order_start + i];
			enum dz_status status;

			if (store->walk.blocks[block].kind != DZ_KIND_SCHEMA ||
			    store->walk.unusable[block])
				continue;
			status = load_schema(store, generation, block);
			if (status != DZ_CORRUPT)
				return status;
		}
	}
	return dz_file_schema_default(&store->schema);
}

static enum dz_status init_epochs(struct dz_store *store)
{
	if (getrandom(&store->key, sizeof(store->key), 0) != (ssize_t)sizeof(store->key))
		return DZ_IO;
	store->epoch_bytes = UINT64_MAX;
	return add_epoch(store);
}

static enum dz_status init_store(const struct dz_source *source, uint64_t memory_limit_bytes,
				 struct dz_store *store)
{
	memset(store, 0, sizeof(*store));
	store->source = *source;
	store->budget.limit_bytes =
		memory_limit_bytes ? memory_limit_bytes : DEFAULT_MEMORY_LIMIT_BYTES;
	return init_epochs(store);
}

enum dz_status dz_store_open(const struct dz_source *source, uint64_t memory_limit_bytes,
			     struct dz_store *store)
{
	enum dz_status status = init_store(source, memory_limit_bytes, store);

	if (status == DZ_OK)
		status = dz_walk_run(&store->source, &store->budget, &store->damage, &store->walk);
	if (status == DZ_OK)
		status = reserve_generations(store, count_generations(&store->walk));
	if (status == DZ_OK)
		status = find_generations(store, 0);
	return status == DZ_OK ? find_schema(store) : status;
}

/* A generation whose dictionaries are loaded gets those of a new block at once. */
static enum dz_status load_new(struct dz_store *store, size_t order)
{
	const uint32_t block = store->walk.order[order];
	const uint32_t dictionary = dz_dictionary_of_kind(store->walk.blocks[block].kind);
	const uint32_t number = store->walk.blocks[block].generation;
	struct dz_generation *generation = &store->generations[search_lower_bound(
		store->generations, store->generation_count, number, is_older)];
	enum dz_status status = DZ_OK;

	if (store->walk.unusable[block] || dictionary >= DZ_DICTIONARY_COUNT)
		return DZ_OK;
	if (dictionary == 0 && generation->strings_loaded)
		status = load_strings(store, generation, block);
	if (dictionary != 0 && generation->loaded)
		status = load_rows(store, generation, block);
	return status == DZ_CORRUPT ? DZ_OK : status;
}

enum dz_status dz_store_begin(const struct dz_source *source, uint64_t memory_limit_bytes,
			      struct dz_store *store)
{
	enum dz_status status = init_store(source, memory_limit_bytes, store);

	if (status == DZ_OK)
		status =
			dz_walk_begin(&store->source, &store->budget, &store->damage, &store->walk);
	if (status == DZ_OK)
		status = reserve_generations(store, GROWING_GENERATIONS);
	if (status == DZ_OK)
		status = find_generations(store, 0);
	return status == DZ_OK ? find_schema(store) : status;
}

enum dz_status dz_store_grow(struct dz_store *store, uint64_t size_bytes)
{
	const size_t first = store->walk.order_count;
	enum dz_status status;

	store->source.size_bytes = size_bytes;
	status = dz_walk_grow(&store->source, &store->budget, &store->damage, &store->walk);
	if (status == DZ_OK)
		status = find_generations(store, first);
	for (size_t i = first; i < store->walk.order_count && status == DZ_OK; i++)
		status = load_new(store, i);
	return status;
}

void dz_store_release(struct dz_store *store)
{
	for (size_t i = 0; i < store->generation_count; i++)
		dz_generation_release(&store->generations[i]);
	free(store->generations);
	for (size_t i = 0; i < store->epoch_count; i++) {
		free_tables(store, store->epochs[i]);
		free(store->epochs[i]->generations);
		free(store->epochs[i]);
	}
	free(store->epochs);
	dz_file_schema_release(&store->schema);
	dz_loader_release(&store->loader);
	dz_walk_release(&store->walk);
	dz_damage_release(&store->damage);
}
