/* format/reader.c - reader of .dz files, whole or damaged, in order of time */
#include <dz/reader.h>

#include <stdlib.h>
#include <string.h>

#include "base/search.h"
#include "format/limits.h"
#include "format/merge.h"
#include "format/rows.h"
#include "format/store.h"
#include "format/store_check.h"

struct clock_reading {
	uint64_t boottime_ns;
	uint64_t realtime_ns;
};

struct info_entry {
	uint64_t key; /* file-wide ids of strings */
	uint64_t value;
};

/* A text that stays valid. */
struct info_text {
	struct info_text *next;
	uint64_t value; /* its id */
	size_t size;
	uint8_t bytes[];
};

struct dz_reader {
	struct dz_store store;
	struct dz_store *loads; /* the store; not const, because a lookup can load an epoch */
	struct dz_reader *loads_itself; /* the reader, likewise */
	struct dz_damage_list
		*damage; /* of the store; not const, because dz_reader_damage() sorts it */
	struct dz_merge merge;
	struct clock_reading *clocks; /* by ascending time */
	size_t clock_count;
	struct info_entry *infos; /* by ascending time */
	size_t info_count;
	struct info_text *info_texts; /* that dz_reader_info() has returned */
	bool info_failed;             /* it had no memory: dz_reader_next() reports it */
	bool rests;                   /* dz_reader_rest() was called last */
};

/* Append a row of kind clock or info to its table. */
static void note_clock(struct dz_reader *reader, const void *row)
{
	struct dz_clock clock;

	memcpy(&clock, row, sizeof(clock));
	reader->clocks[reader->clock_count++] =
		(struct clock_reading){.boottime_ns = clock.time, .realtime_ns = clock.realtime};
}

static void note_info(struct dz_reader *reader, const void *row)
{
	struct dz_info info;

	memcpy(&info, row, sizeof(info));
	reader->infos[reader->info_count++] =
		(struct info_entry){.key = info.key, .value = info.value};
}

static uint64_t count_records(const struct dz_store *store, uint32_t kind)
{
	uint64_t records = 0;

	for (size_t i = 0; i < store->walk.order_count; i++) {
		const struct dz_block_info *block = &store->walk.blocks[store->walk.order[i]];

		if (block->kind == kind)
			records += block->records;
	}
	return records;
}

static enum dz_status read_kind(struct dz_reader *reader, enum dz_kind kind,
				void (*note)(struct dz_reader *, const void *))
{
	struct dz_merge_options options = {.kinds = (uint64_t)1 << kind};
	const struct dz_rows *rows;
	struct dz_merge merge;
	enum dz_status status = dz_merge_open(&reader->store, &options, &merge);

	if (status != DZ_OK)
		return status;
	for (;;) {
		status = dz_merge_next(&reader->store, &merge, &rows);
		if (status != DZ_OK)
			break;
		dz_rows_load(rows);
		note(reader, rows->row);
	}
	dz_merge_release(&reader->store, &merge);
	return status == DZ_END ? DZ_OK : status;
}

static enum dz_status read_clocks_and_infos(struct dz_reader *reader)
{
	struct dz_store *store = &reader->store;
	uint64_t clocks = count_records(store, DZ_KIND_CLOCK);
	uint64_t infos = count_records(store, DZ_KIND_INFO);
	enum dz_status status;

	if (!dz_budget_take(&store->budget,
			    clocks * sizeof(*reader->clocks) + infos * sizeof(*reader->infos)))
		return DZ_LIMIT;
	reader->clocks = calloc((size_t)clocks + 1, sizeof(*reader->clocks));
	reader->infos = calloc((size_t)infos + 1, sizeof(*reader->infos));
	if (!reader->clocks || !reader->infos)
		return DZ_NO_MEMORY;
	status = read_kind(reader, DZ_KIND_CLOCK, note_clock);
	return status == DZ_OK ? read_kind(reader, DZ_KIND_INFO, note_info) : status;
}

static enum dz_status start_merge(struct dz_reader *reader, const struct dz_reader_options *options)
{
	struct dz_merge_options merge = {0};

	if (options) {
		merge.since_ns = options->since_ns;
		merge.until_ns = options->until_ns;
		merge.kinds = options->kinds;
		merge.wanted_fields = options->wanted_fields;
		merge.rows = options->rows;
	}
	return dz_merge_open(&reader->store, &merge, &reader->merge);
}

/* Opens a file with dz_store_open() or dz_store_begin(). */
static enum dz_status
open_reader(const struct dz_source *source, const struct dz_reader_options *options,
	    enum dz_status (*open_store)(const struct dz_source *, uint64_t, struct dz_store *),
	    struct dz_reader **ret_reader)
{
	struct dz_reader *reader = calloc(1, sizeof(*reader));
	enum dz_status status;

	if (!reader)
		return DZ_NO_MEMORY;
	reader->loads = &reader->store;
	reader->loads_itself = reader;
	reader->damage = &reader->store.damage;
	status = open_store(source, options ? options->memory_limit_bytes : 0, &reader->store);
	if (status == DZ_OK) {
		reader->store.frugal = options && options->frugal;
		dz_store_limit_epochs(&reader->store, DZ_STORE_EPOCH_BYTES);
		status = read_clocks_and_infos(reader);
	}
	if (status == DZ_OK)
		status = dz_store_check_index(&reader->store);
	if (status == DZ_OK)
		status = start_merge(reader, options);
	if (status != DZ_OK) {
		dz_reader_close(reader);
		return status;
	}
	*ret_reader = reader;
	return DZ_OK;
}

enum dz_status dz_reader_open(const struct dz_source *source,
			      const struct dz_reader_options *options,
			      struct dz_reader **ret_reader)
{
	return open_reader(source, options, dz_store_open, ret_reader);
}

static bool has_kind(const struct dz_walk *walk, size_t first, enum dz_kind kind)
{
	for (size_t i = first; i < walk->order_count; i++) {
		if (walk->blocks[walk->order[i]].kind == (uint32_t)kind)
			return true;
	}
	return false;
}

enum dz_status dz_reader_follow(const struct dz_source *source,
				const struct dz_reader_options *options,
				struct dz_reader **ret_reader)
{
	struct dz_reader *reader;
	enum dz_status status = open_reader(source, options, dz_store_begin, &reader);

	if (status != DZ_OK)
		return status;
	if (!has_kind(&reader->store.walk, 0, DZ_KIND_SCHEMA)) {
		dz_reader_close(reader);
		return DZ_TRUNCATED;
	}
	*ret_reader = reader;
	return DZ_OK;
}

/* There are few blocks of these kinds, so all of them are read again. */
static enum dz_status read_new_clocks_and_infos(struct dz_reader *reader, size_t first)
{
	const struct dz_walk *walk = &reader->store.walk;

	if (!has_kind(walk, first, DZ_KIND_CLOCK) && !has_kind(walk, first, DZ_KIND_INFO))
		return DZ_OK;
	dz_budget_return(&reader->store.budget,
			 reader->clock_count * sizeof(*reader->clocks) +
				 reader->info_count * sizeof(*reader->infos));
	free(reader->clocks);
	free(reader->infos);
	reader->clocks = NULL;
	reader->infos = NULL;
	reader->clock_count = reader->info_count = 0;
	return read_clocks_and_infos(reader);
}

enum dz_status dz_reader_grow(struct dz_reader *reader, uint64_t size_bytes)
{
	const size_t first = reader->store.walk.order_count;
	enum dz_status status = dz_store_grow(&reader->store, size_bytes);

	if (status == DZ_OK && reader->store.walk.order_count == first)
		return DZ_OK;
	if (status == DZ_OK)
		status = read_new_clocks_and_infos(reader, first);
	return status == DZ_OK ? dz_merge_grow(&reader->store, &reader->merge, first) : status;
}

enum dz_status dz_reader_next(struct dz_reader *reader, struct dz_event *ret_event)
{
	const struct dz_rows *rows;
	enum dz_status status = dz_merge_next(&reader->store, &reader->merge, &rows);

	if (reader->info_failed)
		return DZ_NO_MEMORY;
	if (status != DZ_OK)
		return status;
	dz_rows_load(rows);
	ret_event->kind = rows->kind->schema.kind;
	ret_event->time_ns = rows->time_ns;
	ret_event->schema = &rows->kind->schema;
	ret_event->values = rows->values;
	ret_event->row = rows->row;
	return DZ_OK;
}

enum dz_status dz_reader_rewind(struct dz_reader *reader, const struct dz_reader_options *options)
{
	dz_merge_release(&reader->store, &reader->merge);
	reader->rests = false;
	return start_merge(reader, options);
}

void dz_reader_rest(struct dz_reader *reader)
{
	dz_merge_release(&reader->store, &reader->merge);
	dz_store_rest(&reader->store);
	reader->rests = true;
}

const struct dz_file_header *dz_reader_header(const struct dz_reader *reader)
{
	return &reader->store.walk.header;
}

static const struct dz_intern_entry *look_up(const struct dz_reader *reader, enum dz_type type,
					     uint64_t id)
{
	return dz_store_entry(reader->loads, dz_dictionary_of_type(type), id);
}

struct dz_bytes dz_reader_string(const struct dz_reader *reader, uint64_t id)
{
	const struct dz_intern_entry *entry = look_up(reader, DZ_TYPE_STRING, id);

	return entry ? (struct dz_bytes){.data = entry->data, .size = entry->size}
		     : (struct dz_bytes){0};
}

/* The tables hold rows at addresses aligned to 8 bytes (format/intern.h). */
static const void *look_up_row(const struct dz_reader *reader, enum dz_type type, uint64_t id)
{
	const struct dz_intern_entry *entry = look_up(reader, type, id);

	return entry ? entry->data : NULL;
}

const struct dz_module *dz_reader_module(const struct dz_reader *reader, uint64_t id)
{
	return look_up_row(reader, DZ_TYPE_MODULE, id);
}

const struct dz_frame *dz_reader_frame(const struct dz_reader *reader, uint64_t id)
{
	return look_up_row(reader, DZ_TYPE_FRAME, id);
}

const struct dz_stack *dz_reader_stack(const struct dz_reader *reader, uint64_t id)
{
	return look_up_row(reader, DZ_TYPE_STACK, id);
}

const struct dz_task *dz_reader_task(const struct dz_reader *reader, uint64_t id)
{
	return look_up_row(reader, DZ_TYPE_TASK, id);
}

uint64_t dz_reader_frees(const struct dz_reader *reader)
{
	return reader->store.frees;
}

static bool is_not_after(const void *table, size_t index, uint64_t boottime_ns)
{
	const struct clock_reading *clocks = table;

	return clocks[index].boottime_ns <= boottime_ns;
}

uint64_t dz_reader_realtime_ns(const struct dz_reader *reader, uint64_t boottime_ns)
{
	const struct dz_walk *walk = &reader->store.walk;
	const struct clock_reading *clock = reader->clocks;
	size_t count = search_lower_bound(clock, reader->clock_count, boottime_ns, is_not_after);

	if (count == 0 && walk->header.realtime_ns)
		return walk->header.realtime_ns + (boottime_ns - walk->header.boottime_ns);
	if (reader->clock_count == 0)
		return boottime_ns;
	clock += count ? count - 1 : 0;
	return clock->realtime_ns + (boottime_ns - clock->boottime_ns);
}

/* The greatest and the least distance of the two clocks. A distance of more than 63 bits is that of
 * a clock before 1970, or damage: the bounds are those of no limit. */
void dz_reader_boottimes(const struct dz_reader *reader, uint64_t realtime_ns,
			 uint64_t *ret_earliest_ns, uint64_t *ret_latest_ns)
{
	const struct dz_file_header *header = &reader->store.walk.header;
	uint64_t greatest = 0, least = UINT64_MAX;

	if (header->realtime_ns)
		greatest = least = header->realtime_ns - header->boottime_ns;
	for (size_t i = 0; i < reader->clock_count; i++) {
		uint64_t distance = reader->clocks[i].realtime_ns - reader->clocks[i].boottime_ns;

		greatest = distance > greatest ? distance : greatest;
		least = distance < least ? distance : least;
	}
	if (least == UINT64_MAX)
		least = 0;
	*ret_earliest_ns = realtime_ns > greatest ? realtime_ns - greatest : 0;
	*ret_latest_ns = realtime_ns > least ? realtime_ns - least : 0;
	if (greatest > INT64_MAX) {
		*ret_earliest_ns = 0;
		*ret_latest_ns = UINT64_MAX;
	}
}

void dz_reader_span(const struct dz_reader *reader, uint64_t *ret_first_ns, uint64_t *ret_last_ns)
{
	const struct dz_walk *walk = &reader->store.walk;
	uint64_t first = 0, last = 0;
	bool any = false;

	for (size_t i = 0; i < walk->order_count; i++) {
		const struct dz_block_info *block = &walk->blocks[walk->order[i]];

		if (block->kind < DZ_KIND_FIRST_EVENT || walk->unusable[walk->order[i]])
			continue;
		first = !any || block->first < first ? block->first : first;
		last = !any || block->last > last ? block->last : last;
		any = true;
	}
	*ret_first_ns = first;
	*ret_last_ns = last;
}

/* Copies a text, so that it stays valid. Returns size 0 on allocation failure. */
static struct dz_bytes keep_info(struct dz_reader *reader, uint64_t value)
{
	struct info_text *text = reader->info_texts;
	struct dz_bytes bytes;

	while (text && text->value != value)
		text = text->next;
	if (!text) {
		bytes = dz_reader_string(reader, value);
		text = malloc(sizeof(*text) + bytes.size);
		if (!text) {
			reader->info_failed = true;
			return (struct dz_bytes){0};
		}
		*text = (struct info_text){reader->info_texts, value, bytes.size};
		if (bytes.size)
			memcpy(text->bytes, bytes.data, bytes.size);
		reader->info_texts = text;
	}
	return (struct dz_bytes){.data = text->bytes, .size = text->size};
}

struct dz_bytes dz_reader_info(const struct dz_reader *reader, const char *key)
{
	struct dz_reader *loads = reader->loads_itself;
	size_t size = strlen(key);
	struct dz_bytes value = {0};

	for (size_t i = reader->info_count; i-- > 0 && value.size == 0;) {
		struct dz_bytes name = dz_reader_string(reader, reader->infos[i].key);

		if (name.size != size || !size || memcmp(name.data, key, size) != 0)
			continue;
		value = keep_info(loads, reader->infos[i].value);
		break;
	}
	if (reader->rests)
		dz_store_rest(&loads->store);
	return value;
}

bool dz_reader_info_failed(const struct dz_reader *reader)
{
	return reader->info_failed;
}

const struct dz_block_info *dz_reader_blocks(const struct dz_reader *reader, size_t *ret_count)
{
	*ret_count = reader->store.walk.count;
	return reader->store.walk.blocks;
}

enum dz_status dz_reader_verify(struct dz_reader *reader)
{
	enum dz_status status = dz_store_check(&reader->store);

	if (reader->rests)
		dz_store_rest(&reader->store);
	return status;
}

const struct dz_damage *dz_reader_damage(const struct dz_reader *reader, size_t *ret_count)
{
	dz_damage_sort(reader->damage);
	*ret_count = reader->damage->count;
	return reader->damage->entries;
}

bool dz_reader_closed(const struct dz_reader *reader)
{
	return reader->store.walk.closed;
}

uint32_t dz_reader_flags(const struct dz_reader *reader)
{
	return reader->store.walk.trailer.flags;
}

void dz_reader_close(struct dz_reader *reader)
{
	if (!reader)
		return;
	dz_merge_release(&reader->store, &reader->merge);
	dz_store_release(&reader->store);
	while (reader->info_texts) {
		struct info_text *next = reader->info_texts->next;

		free(reader->info_texts);
		reader->info_texts = next;
	}
	free(reader->clocks);
	free(reader->infos);
	free(reader);
}
