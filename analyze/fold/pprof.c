/* analyze/fold/pprof.c - stacks as a compressed profile of pprof */
#include "analyze/fold/pprof.h"

#include <stdlib.h>
#include <string.h>

#include "analyze/fold/gzip_stream.h"

/* Numbers of fields: profile.proto in this folder explains them. */
enum {
	PROFILE_SAMPLE_TYPE = 1,
	PROFILE_SAMPLE = 2,
	PROFILE_MAPPING = 3,
	PROFILE_LOCATION = 4,
	PROFILE_FUNCTION = 5,
	PROFILE_STRING_TABLE = 6,
	PROFILE_TIME_NANOS = 9,
	PROFILE_DURATION_NANOS = 10,
	PROFILE_DEFAULT_SAMPLE_TYPE = 14,
	VALUE_TYPE_TYPE = 1,
	VALUE_TYPE_UNIT = 2,
	SAMPLE_LOCATION_ID = 1,
	SAMPLE_VALUE = 2,
	SAMPLE_LABEL = 3,
	LABEL_KEY = 1,
	LABEL_STR = 2,
	MAPPING_ID = 1,
	MAPPING_MEMORY_LIMIT = 3,
	MAPPING_FILENAME = 5,
	MAPPING_BUILD_ID = 6,
	MAPPING_HAS_FUNCTIONS = 7,
	MAPPING_HAS_INLINE_FRAMES = 10,
	LOCATION_ID = 1,
	LOCATION_MAPPING_ID = 2,
	LOCATION_ADDRESS = 3,
	LOCATION_LINE = 4,
	LINE_FUNCTION_ID = 1,
	LINE_LINE = 2,
	FUNCTION_ID = 1,
	FUNCTION_NAME = 2,
	FUNCTION_SYSTEM_NAME = 3,
	FUNCTION_FILENAME = 4,
};

enum wire_type {
	WIRE_VARINT = 0,
	WIRE_BYTES = 2,
};

enum word {
	WORD_COUNT,
	WORD_TIME,
	WORD_NANOSECONDS,
	WORD_CAUSE, /* the labels follow in the order of enum stack_label */
	WORD_COMM,
	WORD_CGROUP,
	WORD_HOST,
	WORDS,
};

static const char *const words[WORDS] = {
	[WORD_COUNT] = "count", [WORD_TIME] = "time", [WORD_NANOSECONDS] = "nanoseconds",
	[WORD_CAUSE] = "cause", [WORD_COMM] = "comm", [WORD_CGROUP] = "cgroup",
	[WORD_HOST] = "host",
};

struct function {
	uint32_t name;
	uint32_t file;
};

struct writer {
	struct stack_table *table;
	struct gzip_stream *gzip;
	struct byte_set functions; /* of struct function */
	uint64_t *limits;          /* of each module: beyond its largest address */
	uint32_t words[WORDS];     /* numbers of strings */
	struct buffer message;
	struct buffer part; /* a message inside of `message` */
	bool failed;
};

static void put_tag(struct buffer *out, uint32_t field, enum wire_type type)
{
	buffer_put_varint(out, field << 3 | type);
}

/* Zero is the default and not written. */
static void put_number(struct buffer *out, uint32_t field, uint64_t value)
{
	if (value == 0)
		return;
	put_tag(out, field, WIRE_VARINT);
	buffer_put_varint(out, value);
}

static void put_bytes(struct buffer *out, uint32_t field, const void *bytes, size_t size)
{
	put_tag(out, field, WIRE_BYTES);
	buffer_put_varint(out, size);
	buffer_put(out, bytes, size);
}

static void put_part(struct writer *writer, uint32_t field)
{
	writer->failed |= writer->part.failed;
	put_bytes(&writer->message, field, writer->part.data, writer->part.size);
	buffer_clear(&writer->part);
}

/* Writes the fields of the profile that are in `message`. */
static void flush(struct writer *writer)
{
	writer->failed |= writer->message.failed;
	if (!writer->failed)
		gzip_stream_write(writer->gzip, writer->message.data, writer->message.size);
	buffer_clear(&writer->message);
}

/* Writes `message` as a field of the profile. */
static void flush_field(struct writer *writer, uint32_t field)
{
	put_tag(&writer->part, field, WIRE_BYTES);
	buffer_put_varint(&writer->part, writer->message.size);
	writer->failed |= writer->part.failed;
	if (!writer->failed)
		gzip_stream_write(writer->gzip, writer->part.data, writer->part.size);
	buffer_clear(&writer->part);
	flush(writer);
}

static void write_type(struct writer *writer, enum word type, enum word unit)
{
	put_number(&writer->message, VALUE_TYPE_TYPE, writer->words[type]);
	put_number(&writer->message, VALUE_TYPE_UNIT, writer->words[unit]);
	flush_field(writer, PROFILE_SAMPLE_TYPE);
}

static void write_head(struct writer *writer, const struct fold_description *description)
{
	bool has_time = writer->table->unit == FOLD_NANOSECONDS;

	write_type(writer, WORD_COUNT, WORD_COUNT);
	if (has_time)
		write_type(writer, WORD_TIME, WORD_NANOSECONDS);
	put_number(&writer->message, PROFILE_TIME_NANOS, description->start_ns);
	put_number(&writer->message, PROFILE_DURATION_NANOS, description->duration_ns);
	put_number(&writer->message, PROFILE_DEFAULT_SAMPLE_TYPE,
		   writer->words[has_time ? WORD_TIME : WORD_COUNT]);
	flush(writer);
}

/* Values are signed. */
static void put_value(struct buffer *out, uint64_t value)
{
	buffer_put_varint(out, value < INT64_MAX ? value : INT64_MAX);
}

static void put_labels(struct writer *writer, const uint32_t *labels)
{
	for (size_t i = 0; i < STACK_LABEL_COUNT; i++) {
		if (labels[i] == 0)
			continue;
		put_number(&writer->part, LABEL_KEY, writer->words[WORD_CAUSE + i]);
		put_number(&writer->part, LABEL_STR, labels[i]);
		put_part(writer, SAMPLE_LABEL);
	}
}

static void write_sample(struct writer *writer, uint32_t number)
{
	const struct stack_table *table = writer->table;
	size_t size;
	const uint32_t *stack = byte_set_get(&table->stacks, number, &size);

	for (size_t i = size / sizeof(*stack); i-- > STACK_LABEL_COUNT;)
		buffer_put_varint(&writer->part, (uint64_t)stack[i] + 1);
	put_part(writer, SAMPLE_LOCATION_ID);
	put_value(&writer->part, table->sums[number].events);
	if (table->unit == FOLD_NANOSECONDS)
		put_value(&writer->part, table->sums[number].weight);
	put_part(writer, SAMPLE_VALUE);
	put_labels(writer, stack);
	flush_field(writer, PROFILE_SAMPLE);
}

static bool write_location(struct writer *writer, uint32_t number)
{
	size_t size;
	const struct stack_frame *frame = byte_set_get(&writer->table->frames, number, &size);
	const struct function function = {frame->name, frame->file};
	uint32_t id;

	if (!byte_set_add(&writer->functions, &function, sizeof(function), &id))
		return false;
	if (frame->address >= writer->limits[frame->module])
		writer->limits[frame->module] =
			frame->address < UINT64_MAX ? frame->address + 1 : UINT64_MAX;
	put_number(&writer->message, LOCATION_ID, (uint64_t)number + 1);
	put_number(&writer->message, LOCATION_MAPPING_ID, frame->module);
	put_number(&writer->message, LOCATION_ADDRESS, frame->address);
	put_number(&writer->part, LINE_FUNCTION_ID, (uint64_t)id + 1);
	put_number(&writer->part, LINE_LINE, frame->line);
	put_part(writer, LOCATION_LINE);
	flush_field(writer, PROFILE_LOCATION);
	return true;
}

static void write_mapping(struct writer *writer, uint32_t number)
{
	size_t size;
	const struct stack_module *module = byte_set_get(&writer->table->modules, number, &size);

	put_number(&writer->message, MAPPING_ID, number);
	put_number(&writer->message, MAPPING_MEMORY_LIMIT, writer->limits[number]);
	put_number(&writer->message, MAPPING_FILENAME, module->path);
	put_number(&writer->message, MAPPING_BUILD_ID, module->build_id);
	for (uint32_t has = MAPPING_HAS_FUNCTIONS; has <= MAPPING_HAS_INLINE_FRAMES; has++)
		put_number(&writer->message, has, 1);
	flush_field(writer, PROFILE_MAPPING);
}

static void write_function(struct writer *writer, uint32_t number)
{
	size_t size;
	const struct function *function = byte_set_get(&writer->functions, number, &size);

	put_number(&writer->message, FUNCTION_ID, (uint64_t)number + 1);
	put_number(&writer->message, FUNCTION_NAME, function->name);
	put_number(&writer->message, FUNCTION_SYSTEM_NAME, function->name);
	put_number(&writer->message, FUNCTION_FILENAME, function->file);
	flush_field(writer, PROFILE_FUNCTION);
}

static void write_string(struct writer *writer, uint32_t number)
{
	size_t size;
	const char *text = byte_set_get(&writer->table->strings, number, &size);

	put_bytes(&writer->message, PROFILE_STRING_TABLE, text, size);
	flush(writer);
}

static bool write_profile(struct writer *writer, const struct fold_description *description)
{
	const struct stack_table *table = writer->table;

	write_head(writer, description);
	for (size_t i = 0; i < table->stacks.count; i++)
		write_sample(writer, (uint32_t)i);
	for (size_t i = 0; i < table->frames.count; i++)
		if (!write_location(writer, (uint32_t)i))
			return false;
	for (size_t i = 1; i < table->modules.count; i++)
		write_mapping(writer, (uint32_t)i);
	for (size_t i = 0; i < writer->functions.count; i++)
		write_function(writer, (uint32_t)i);
	for (size_t i = 0; i < table->strings.count; i++)
		write_string(writer, (uint32_t)i);
	return !writer->failed;
}

static bool add_words(struct writer *writer)
{
	for (size_t i = 0; i < WORDS; i++)
		if (!stack_table_text(writer->table, words[i], &writer->words[i]))
			return false;
	return true;
}

bool pprof_write(struct stack_table *table, const struct fold_description *description, FILE *out)
{
	struct writer writer = {.table = table};
	bool written = false;

	writer.limits = calloc(table->modules.count, sizeof(*writer.limits));
	writer.gzip = gzip_stream_open(out);
	if (writer.limits && writer.gzip && add_words(&writer))
		written = write_profile(&writer, description);
	if (writer.gzip)
		gzip_stream_close(writer.gzip);
	free(writer.limits);
	byte_set_release(&writer.functions);
	buffer_release(&writer.message);
	buffer_release(&writer.part);
	return written;
}
