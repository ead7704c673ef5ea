/* tests/fuzz/fuzz_add_lines.c - adds source lines to files with any dictionaries and stacks
 *
 * Input: one byte (number of functions at a place), blocks as for fuzz_block. The copy must have no
 * damage, and the same number of events.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "format/add_lines.h"
#include "tests/fuzz/format_input.h"

#define FILE_BYTES    262144u
#define FUNCTIONS_MAX 4u
#define MEMORY_BYTES  268435456u

/* NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer looks for */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The copy, which grows. */
struct copy {
	uint8_t *data;
	size_t size;
	size_t capacity;
};

static enum dz_status add_piece(struct copy *copy, const struct iovec *piece)
{
	if (copy->size + piece->iov_len > copy->capacity) {
		copy->capacity = 2 * (copy->size + piece->iov_len);
		copy->data = realloc(copy->data, copy->capacity);
		if (!copy->data)
			abort();
	}
	memcpy(copy->data + copy->size, piece->iov_base, piece->iov_len);
	copy->size += piece->iov_len;
	return DZ_OK;
}

static enum dz_status keep(void *context, const struct iovec *pieces, int count)
{
	for (int i = 0; i < count; i++)
		if (pieces[i].iov_len > 0)
			(void)!add_piece(context, &pieces[i]);
	return DZ_OK;
}

struct finder {
	size_t most;
	uint64_t asked;
};

/* Finds up to finder->most functions at a place. Also the last can be inlined, into an unknown
 * function. */
static size_t find(void *context, const struct dz_place *place,
		   const struct dz_place_function **ret_functions)
{
	static const struct dz_place_function functions[FUNCTIONS_MAX] = {
		{.name = "inner", .file = "inner.c", .line = 7, .inlined = true},
		{.name = "", .file = "", .inlined = true},
		{.name = "outer", .file = "", .line = 9, .offset = 5},
		{.name = "", .file = "last.c", .line = 3},
	};
	struct finder *finder = context;

	if (place->build_id.size == 0)
		abort();
	finder->asked++;
	*ret_functions = functions + place->address % 2;
	return finder->most ? place->address % (finder->most + 1) % FUNCTIONS_MAX : 0;
}

/* Returns the number of events. Sets *ret_damaged if a part of the file cannot be read. */
static uint64_t count_events(const uint8_t *bytes, size_t size, bool *ret_damaged)
{
	const struct dz_reader_options options = {.memory_limit_bytes = MEMORY_BYTES};
	struct dz_source source = dz_source_memory(bytes, size);
	struct dz_reader *reader;
	struct dz_event event;
	uint64_t events = 0;
	enum dz_status status;
	size_t damages;

	*ret_damaged = true;
	if (dz_reader_open(&source, &options, &reader) != DZ_OK)
		return 0;
	while ((status = dz_reader_next(reader, &event)) == DZ_OK)
		events++;
	(void)dz_reader_damage(reader, &damages);
	*ret_damaged = status != DZ_END || damages > 0 || dz_reader_verify(reader) != DZ_OK;
	dz_reader_close(reader);
	return events;
}

static void add_lines(const uint8_t *bytes, size_t size, struct finder *finder)
{
	const struct dz_add_lines_options options = {.context = finder, .find = find};
	const struct dz_source source = dz_source_memory(bytes, size);
	struct copy copy = {0};
	const struct dz_sink sink = {.context = &copy, .write = keep};
	struct dz_add_lines_result result;
	uint64_t asked;
	bool damaged;

	if (dz_find_places(&source, &options) != DZ_OK)
		return;
	asked = finder->asked;
	finder->asked = 0;
	if (dz_add_lines(&source, &sink, &options, &result) == DZ_OK) {
		uint64_t events = count_events(copy.data, copy.size, &damaged);

		if (damaged || finder->asked != asked)
			abort();
		if (events != count_events(bytes, size, &damaged) && !damaged)
			abort();
	}
	free(copy.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t bytes[FILE_BYTES];
	struct finder finder;
	size_t file_size;

	if (size < 1)
		return 0;
	finder = (struct finder){.most = data[0] % (FUNCTIONS_MAX + 1)};
	format_input_make(data + 1, size - 1, bytes, sizeof(bytes), &file_size);
	add_lines(bytes, file_size, &finder);
	return 0;
}
