/* flame/tree/name_table.c - frame names, each stored once */
#include "flame/tree/name_table.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "flame/tree/frame_name.h"
#include "flame/tree/frame_type.h"
#include "text/escape.h"

#define NO_NAME UINT32_MAX

static const char empty_name[] = "[empty]";

enum flame_status name_table_open(struct name_table *table)
{
	*table = (struct name_table){0};
	return spelling_table_open(&table->spellings);
}

void name_table_close(struct name_table *table)
{
	spelling_table_close(&table->spellings);
	free(table->items);
	free(table->numbered);
	*table = (struct name_table){0};
}

static enum flame_status reserve(struct name_table *table)
{
	struct name *items = array_grow(table->items, &table->capacity, (size_t)table->count + 1,
					sizeof(*items), ARRAY_NO_LIMIT);

	if (!items)
		return FLAME_NO_MEMORY;
	table->items = items;
	return FLAME_OK;
}

/* Adds a frame whose name is as it is shown, and whose type is not FRAME_TYPE_AUTO. */
static enum flame_status add_name(struct name_table *table, const struct frame *frame,
				  uint32_t *ret_id)
{
	enum flame_status status = reserve(table);
	const struct spelling *spelling;

	if (status == FLAME_OK)
		status = spelling_table_add(&table->spellings, frame, table->count, &spelling);
	if (status != FLAME_OK)
		return status;
	table->items[table->count] = (struct name){
		.text = spelling->text,
		.size = spelling->size,
		.type = (uint8_t)frame->type,
	};
	*ret_id = table->count++;
	return FLAME_OK;
}

/* Interns the frame as it is shown, and adds the given bytes as a spelling of it. */
static enum flame_status add_variant(struct name_table *table, const struct frame *frame,
				     const struct frame *shown, uint32_t *ret_id)
{
	enum flame_status status = name_table_intern(table, shown, ret_id);
	const struct spelling *spelling;

	if (status != FLAME_OK)
		return status;
	return spelling_table_add(&table->spellings, frame, *ret_id, &spelling);
}

static enum flame_status add_escaped(struct name_table *table, const struct frame *frame,
				     uint32_t *ret_id)
{
	size_t capacity = frame->size * ESCAPE_PIECE_MAX + 1;
	char *escaped = malloc(capacity);
	struct frame shown = {.name = escaped, .type = frame->type};
	enum flame_status status;

	if (!escaped)
		return FLAME_NO_MEMORY;
	shown.size = escape_copy(escaped, capacity, ESCAPE_TERMINAL, frame->name, frame->size);
	status = add_variant(table, frame, &shown, ret_id);
	free(escaped);
	return status;
}

/* Interns the name of the source for a name of a symbol. Returns FLAME_EMPTY if they are the same.
 */
static enum flame_status add_cleaned(struct name_table *table, const struct frame *frame,
				     uint32_t *ret_id)
{
	struct frame_name name;
	struct frame shown = {.name = name.text, .type = frame->type};

	if (!frame_name_clean(frame, &name))
		return FLAME_EMPTY;
	shown.size = name.size;
	if (shown.size == frame->size && memcmp(shown.name, frame->name, frame->size) == 0)
		return FLAME_EMPTY;
	/* A descriptor of Java loses its form, which is what says that it is one. */
	if (frame->type == FRAME_TYPE_AUTO && frame->name[0] == 'L')
		shown.type = FRAME_TYPE_JIT;
	return add_variant(table, frame, &shown, ret_id);
}

/* Adds the frame, which has no slot yet. */
static enum flame_status add_frame(struct name_table *table, const struct frame *frame,
				   uint32_t *ret_id)
{
	struct frame shown = *frame;

	if (frame_name_may_change(frame)) {
		enum flame_status status = add_cleaned(table, frame, ret_id);

		if (status != FLAME_EMPTY)
			return status;
	}
	if (frame->size > 0 && !escape_is_clean(ESCAPE_TERMINAL, frame->name, frame->size))
		return add_escaped(table, frame, ret_id);
	if (frame->size > 0 && frame->type != FRAME_TYPE_AUTO)
		return add_name(table, frame, ret_id);
	if (frame->size == 0)
		shown = (struct frame){.name = empty_name, .size = sizeof(empty_name) - 1};
	shown.type = frame->type == FRAME_TYPE_AUTO ? frame_type_of_name(shown.name, shown.size)
						    : frame->type;
	return add_variant(table, frame, &shown, ret_id);
}

/* For struct spelling_adder. */
static enum flame_status add_spelling(void *context, const struct frame *frame,
				      const struct spelling **ret_spelling)
{
	struct name_table *table = context;
	uint32_t id;
	enum flame_status status = add_frame(table, frame, &id);

	if (status == FLAME_OK)
		*ret_spelling = spelling_table_find(&table->spellings, frame);
	return status;
}

enum flame_status name_table_intern(struct name_table *table, const struct frame *frame,
				    uint32_t *ret_id)
{
	const struct spelling *spelling = spelling_table_find(&table->spellings, frame);
	enum flame_status status = FLAME_OK;

	if (!spelling)
		status = add_spelling(table, frame, &spelling);
	if (status == FLAME_OK)
		*ret_id = spelling->id;
	return status;
}

/* Sets the ids of the frames by their numbers. Returns whether all are known. */
static bool find_numbered(const struct name_table *table, const struct frame *frames, size_t count,
			  uint32_t *ids)
{
	for (size_t i = 0; i < count; i++) {
		uint32_t number = frames[i].number;

		ids[i] = number < table->numbered_capacity ? table->numbered[number] : NO_NAME;
		if (ids[i] == NO_NAME)
			return false;
	}
	return true;
}

static enum flame_status grow_numbered(struct name_table *table, uint32_t number)
{
	size_t at = table->numbered_capacity;
	uint32_t *numbered = array_grow(table->numbered, &table->numbered_capacity,
					(size_t)number + 1, sizeof(*numbered), ARRAY_NO_LIMIT);

	if (!numbered)
		return FLAME_NO_MEMORY;
	table->numbered = numbered;
	for (; at < table->numbered_capacity; at++)
		numbered[at] = NO_NAME;
	return FLAME_OK;
}

static enum flame_status keep_numbers(struct name_table *table, const struct frame *frames,
				      size_t count, const uint32_t *ids)
{
	for (size_t i = 0; i < count; i++) {
		uint32_t number = frames[i].number;

		if (number == 0)
			continue;
		if (number >= table->numbered_capacity && grow_numbered(table, number) != FLAME_OK)
			return FLAME_NO_MEMORY;
		table->numbered[number] = ids[i];
	}
	return FLAME_OK;
}

enum flame_status name_table_intern_all(struct name_table *table, const struct frame *frames,
					size_t count, uint32_t *ids)
{
	const struct spelling_adder adder = {.context = table, .add = add_spelling};
	enum flame_status status;

	if (find_numbered(table, frames, count, ids))
		return FLAME_OK;
	status = spelling_table_find_all(&table->spellings, frames, count, ids, &adder);
	if (status != FLAME_OK)
		return status;
	for (size_t i = 0; i < count; i++)
		ids[i] = table->spellings.found[i]->id;
	return keep_numbers(table, frames, count, ids);
}

void name_table_rescale(struct name_table *table, unsigned decimals)
{
	uint64_t factor = 1;

	for (; table->decimals < decimals; table->decimals++)
		factor *= 10;
	for (uint32_t i = 0; i < table->count; i++)
		for (int side = 0; side < 2; side++) {
			table->items[i].self[side] *= factor;
			table->items[i].total[side] *= factor;
		}
}
