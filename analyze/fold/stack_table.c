/* analyze/fold/stack_table.c - the different stacks of a fold, with shared names and frames */
#include "analyze/fold/stack_table.h"

#include <stdlib.h>
#include <string.h>

#include "text/escape.h"

/* Escapes for outputs in which a name is one frame. An empty text stays empty. */
static bool add_text(struct stack_table *table, const struct fold_text *text, uint32_t *ret_number)
{
	struct escape escape;
	char piece[ESCAPE_PIECE_MAX];
	size_t size;

	if (text->size == 0 || escape_is_clean(ESCAPE_FRAME, text->bytes, text->size))
		return byte_set_add(&table->strings, text->bytes, text->size, ret_number);
	buffer_clear(&table->text);
	escape_begin(&escape, ESCAPE_FRAME, text->bytes, text->size);
	while ((size = escape_next(&escape, piece)) > 0)
		buffer_put(&table->text, piece, size);
	return !table->text.failed &&
	       byte_set_add(&table->strings, table->text.data, table->text.size, ret_number);
}

static bool add_hex(struct stack_table *table, const struct fold_text *bytes, uint32_t *ret_number)
{
	static const char digits[] = "0123456789abcdef";

	buffer_clear(&table->text);
	for (size_t i = 0; i < bytes->size; i++) {
		uint8_t byte = (uint8_t)bytes->bytes[i];

		buffer_put_u8(&table->text, (uint8_t)digits[byte >> 4]);
		buffer_put_u8(&table->text, (uint8_t)digits[byte & 15]);
	}
	return !table->text.failed &&
	       byte_set_add(&table->strings, table->text.data, table->text.size, ret_number);
}

bool stack_table_text(struct stack_table *table, const char *text, uint32_t *ret_number)
{
	return byte_set_add(&table->strings, text, strlen(text), ret_number);
}

bool stack_table_init(struct stack_table *table, enum fold_unit unit, bool has_labels)
{
	static const struct stack_module none;
	uint32_t number;

	*table = (struct stack_table){.unit = unit, .has_labels = has_labels};
	return stack_table_text(table, "", &number) &&
	       byte_set_add(&table->modules, &none, sizeof(none), &number);
}

static bool add_frame(struct stack_table *table, const struct fold_frame *frame,
		      uint32_t *ret_number)
{
	struct stack_module module = {0};
	struct stack_frame entry = {
		.type = frame->type,
		.line = frame->line,
		.address = frame->address,
	};

	return add_text(table, &frame->name, &entry.name) &&
	       add_text(table, &frame->file, &entry.file) &&
	       add_text(table, &frame->module, &module.path) &&
	       add_hex(table, &frame->build_id, &module.build_id) &&
	       byte_set_add(&table->modules, &module, sizeof(module), &entry.module) &&
	       byte_set_add(&table->frames, &entry, sizeof(entry), ret_number);
}

static bool put_labels(struct stack_table *table, const struct fold_stack *stack)
{
	const struct fold_text *const labels[STACK_LABEL_COUNT] = {
		[STACK_LABEL_CAUSE] = &stack->cause,
		[STACK_LABEL_COMM] = &stack->comm,
		[STACK_LABEL_CGROUP] = &stack->cgroup,
		[STACK_LABEL_HOST] = &stack->host,
	};

	for (size_t i = 0; i < STACK_LABEL_COUNT; i++) {
		uint32_t number = 0;

		if (table->has_labels && !add_text(table, labels[i], &number))
			return false;
		buffer_put(&table->key, &number, sizeof(number));
	}
	return true;
}

static void add_up(uint64_t *sum, uint64_t value)
{
	if (__builtin_add_overflow(*sum, value, sum))
		*sum = UINT64_MAX;
}

static void add_sums(const struct stack_table *table, struct stack_sums *sums, uint64_t weight)
{
	/* A count is the number of events: those that were lost come together. */
	add_up(&sums->events, table->unit == FOLD_EVENTS ? weight : 1);
	add_up(&sums->weight, weight);
}

static bool add_key(struct stack_table *table, uint32_t *ret_number)
{
	struct stack_sums *sums;
	size_t before = table->stacks.count;

	sums = array_grow(table->sums, &table->capacity, before + 1, sizeof(*sums), ARRAY_NO_LIMIT);
	if (!sums)
		return false;
	table->sums = sums;
	if (table->key.failed ||
	    !byte_set_add(&table->stacks, table->key.data, table->key.size, ret_number))
		return false;
	if (table->stacks.count > before)
		sums[before] = (struct stack_sums){0};
	return true;
}

bool stack_table_add(struct stack_table *table, const struct fold_stack *stack)
{
	uint32_t number;

	buffer_clear(&table->key);
	if (!put_labels(table, stack))
		return false;
	for (size_t i = 0; i < stack->count; i++) {
		if (!add_frame(table, &stack->frames[i], &number))
			return false;
		buffer_put(&table->key, &number, sizeof(number));
	}
	if (!add_key(table, &number))
		return false;
	add_sums(table, &table->sums[number], stack->weight);
	add_sums(table, &table->total, stack->weight);
	return true;
}

void stack_table_release(struct stack_table *table)
{
	byte_set_release(&table->strings);
	byte_set_release(&table->modules);
	byte_set_release(&table->frames);
	byte_set_release(&table->stacks);
	free(table->sums);
	table->sums = NULL;
	table->capacity = 0;
	buffer_release(&table->key);
	buffer_release(&table->text);
}
