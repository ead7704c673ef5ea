/* tests/format/make_traces.c - writes samples/traces/: valid, damaged and hostile files
 *
 *   usage: make_traces DIRECTORY
 *
 * The first word of a file's name says what a reader does:
 *   good                    reads it, without damage
 *   cut                     reads it up to its end: the file is truncated
 *   bad                     reports damage and reads the rest
 *   unsupported, foreign    refuses it
 *   hostile                 reads or refuses it within all limits; made to exhaust or confuse
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/bytes.h"
#include "format/crc32c.h"
#include "format/limits.h"
#include "format/table_encode.h"
#include "tests/format/forge.h"
#include <dz/reader.h>
#include <dz/schema.h>
#include <dz/trailer.h>

#define SEED     9u
#define START_NS 3600000000000u

static const char *directory;

static void save(const char *name, const void *bytes, size_t size)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s.dz", directory, name);
	file = fopen(path, "we");
	if (!file || fwrite(bytes, 1, size, file) != size || fclose(file) != 0) {
		fprintf(stderr, "make_traces: cannot write %s\n", path);
		exit(1);
	}
}

static void save_file(const char *name, struct sample_file *file)
{
	save(name, file->data, file->size);
	free(file->data);
	*file = (struct sample_file){0};
}

/* Returns a copy of the first `size` bytes. */
static struct sample_file copy(const struct sample_file *file, size_t size)
{
	struct sample_file new_file = {0};

	forge_bytes(&new_file, file->data, size);
	return new_file;
}

static uint64_t file_id(void)
{
	struct dz_file_header header = sample_header(SEED);

	return dz_file_header_id(&header);
}

static struct dz_writer *open_writer(struct sample_file *file)
{
	struct dz_file_header header = sample_header(SEED);
	struct dz_sink sink = sample_sink(file);
	struct dz_writer *writer;

	if (dz_writer_open(&sink, &header, 3, &writer) != DZ_OK)
		exit(1);
	return writer;
}

static void close_writer(struct dz_writer *writer)
{
	if (dz_writer_close(writer) != DZ_OK)
		exit(1);
}

static void must(enum dz_status status)
{
	if (status != DZ_OK)
		exit(1);
}

static void make_good_strings(void)
{
	struct sample_file file = {0};
	struct dz_writer *writer = open_writer(&file);
	uint8_t text[DZ_LIMIT_STRING_BYTES];

	for (unsigned byte = 0; byte < 256; byte++) {
		struct dz_info row = {.time = START_NS + byte};

		memset(text, (int)byte, sizeof(text));
		row.key = dz_writer_string(writer, text, byte % 5);
		row.value = dz_writer_string(writer, text, byte == 255 ? sizeof(text) : 16);
		must(dz_writer_add(writer, DZ_KIND_INFO, &row));
	}
	close_writer(writer);
	save_file("good-strings", &file);
}

static uint32_t add_chain(struct dz_writer *writer, uint32_t frames)
{
	uint32_t caller = 0;

	for (uint32_t i = 0; i < frames; i++) {
		struct dz_frame frame = {.offset = i};
		struct dz_stack stack = {.caller = caller};

		stack.frame = dz_writer_frame(writer, &frame);
		caller = dz_writer_stack(writer, &stack);
	}
	return caller;
}

static void make_chain(const char *name, uint32_t frames)
{
	struct sample_file file = {0};
	struct dz_writer *writer = open_writer(&file);
	struct dz_exit row = {.time = START_NS};

	row.user_stack = add_chain(writer, frames);
	must(dz_writer_add(writer, DZ_KIND_EXIT, &row));
	close_writer(writer);
	save_file(name, &file);
}

static void make_good(void)
{
	struct sample_file file = sample_make(2, 1, SEED);
	struct dz_writer *writer;

	save_file("good-all-kinds", &file);
	file = sample_make(3, 3, SEED);
	save_file("good-generations", &file);
	writer = open_writer(&file);
	close_writer(writer);
	save_file("good-no-events", &file);
	writer = open_writer(&file);
	must(sample_add_exits(writer, 1000, SEED));
	close_writer(writer);
	save_file("good-exits", &file);
	make_good_strings();
	make_chain("good-deep-stack", DZ_LIMIT_STACK_FRAMES);
}

/* A record of kind schema in a forged file; its strings are 1 + their index in the texts. */
static const char *const novel_texts[] = {"exit", "time",  "ns",    "when", "novel", "weight",
					  "g",    "heavy", "label", "",     "signal"};

struct novel_field {
	uint64_t kind, kind_name, field, name, type, unit, meaning;
};

static const struct novel_field novel_fields[] = {
	{DZ_KIND_EXIT, 1, 0, 2, DZ_TYPE_TIME, 3, 4},   {DZ_KIND_EXIT, 1, 1, 6, DZ_TYPE_UINT, 7, 8},
	{DZ_KIND_EXIT, 1, 2, 11, DZ_TYPE_UINT, 10, 8}, {1000, 5, 0, 2, DZ_TYPE_TIME, 3, 4},
	{1000, 5, 1, 9, DZ_TYPE_STRING, 10, 8},        {1000, 5, 2, 6, 99, 7, 8},
};

#define NOVEL_TEXTS  (sizeof(novel_texts) / sizeof(novel_texts[0]))
#define NOVEL_FIELDS (sizeof(novel_fields) / sizeof(novel_fields[0]))

static void forge_strings(struct sample_file *file, uint32_t sequence, const char *const *texts,
			  uint32_t count)
{
	struct dz_block_header header = {.kind = DZ_KIND_STRING,
					 .file_id = file_id(),
					 .sequence = sequence,
					 .records = count,
					 .first = 1,
					 .last = count};
	struct dz_intern_entry entries[64];
	struct dz_packed packed = {0};
	struct buffer payload = {0};

	for (uint32_t i = 0; i < count; i++)
		entries[i] = (struct dz_intern_entry){.data = (const uint8_t *)texts[i],
						      .size = (uint32_t)strlen(texts[i])};
	dz_table_encode_strings(entries, count, &packed);
	buffer_put(&payload, packed.directory.data, packed.directory.size);
	buffer_put(&payload, packed.data.data, packed.data.size);
	forge_block(file, &header, payload.data, payload.size);
	dz_packed_release(&packed);
	buffer_release(&payload);
}

static void forge_novel_schema(struct sample_file *file, uint32_t sequence)
{
	struct dz_block_header header = {.kind = DZ_KIND_SCHEMA,
					 .file_id = file_id(),
					 .sequence = sequence,
					 .records = NOVEL_FIELDS,
					 .first = 1,
					 .last = NOVEL_FIELDS};
	struct buffer payload = {0}, data = {0};

	forge_columns(&payload, 7);
	for (uint32_t column = 0; column < 7; column++) {
		uint64_t values[NOVEL_FIELDS];

		for (size_t i = 0; i < NOVEL_FIELDS; i++)
			memcpy(&values[i], (const uint64_t *)&novel_fields[i] + column,
			       sizeof(values[i]));
		forge_varints(&payload, &data, column, values, NOVEL_FIELDS);
	}
	forge_join(&payload, &data);
	forge_block(file, &header, payload.data, payload.size);
	buffer_release(&payload);
}

/* Three records with a time, and columns of constants behind it. */
static void forge_rows(struct sample_file *file, uint16_t kind, uint32_t sequence, uint32_t fields)
{
	const uint64_t times[3] = {START_NS, START_NS + 5, START_NS + 5};
	struct dz_block_header header = {.kind = kind,
					 .file_id = file_id(),
					 .sequence = sequence,
					 .records = 3,
					 .first = times[0],
					 .last = times[2]};
	struct buffer payload = {0}, data = {0};

	forge_columns(&payload, fields);
	forge_varints(&payload, &data, 0, times, 3);
	for (uint32_t field = 1; field < fields; field++)
		forge_constant(&payload, &data, field, field);
	forge_join(&payload, &data);
	forge_block(file, &header, payload.data, payload.size);
	buffer_release(&payload);
}

static void forge_trailer(struct sample_file *file, uint32_t blocks, uint64_t events)
{
	struct dz_trailer trailer = {.file_id = file_id(),
				     .index_offset = file->size,
				     .events = events,
				     .offset = file->size,
				     .blocks = blocks,
				     .flags = DZ_TRAILER_CLEAN};
	uint8_t bytes[DZ_TRAILER_BYTES];

	dz_trailer_encode(&trailer, bytes);
	forge_bytes(file, bytes, sizeof(bytes));
}

/* Changes a byte of the file header and updates its checksum. */
static void forge_header_byte(struct sample_file *file, size_t at, uint8_t value)
{
	file->data[at] = value;
	dz_put_u32(file->data + 124, dz_crc32c(file->data, 124));
}

/* A file of a later version: minor version, optional feature, fields and kinds. */
static void make_newer(void)
{
	struct sample_file file = {0};

	forge_header(&file, SEED);
	forge_header_byte(&file, 18, 7);
	forge_header_byte(&file, 24, 0x80);
	forge_strings(&file, 0, novel_texts, NOVEL_TEXTS);
	forge_novel_schema(&file, 1);
	forge_rows(&file, DZ_KIND_EXIT, 2, 3);
	forge_rows(&file, 1000, 3, 3);
	/* A column that the schema of the file does not describe. */
	forge_rows(&file, 1000, 4, 4);
	forge_trailer(&file, 5, 9);
	save_file("good-newer-version", &file);
}

static void make_refused(void)
{
	static const char text[] = "cat in a .dz costume\n";
	struct sample_file whole = sample_make(1, 1, SEED);
	struct sample_file file = copy(&whole, whole.size);

	forge_header_byte(&file, 16, 2);
	save_file("unsupported-major-version", &file);
	file = copy(&whole, whole.size);
	forge_header_byte(&file, 23, 0x80);
	save_file("unsupported-feature", &file);
	file = copy(&whole, whole.size);
	forge_header_byte(&file, 123, 1);
	save_file("unsupported-reserved-byte", &file);
	save("foreign-text", text, sizeof(text) - 1);
	memset(whole.data, 0, whole.size);
	save_file("foreign-zeros", &whole);
}

struct layout {
	struct sample_file file;
	struct dz_block_info blocks[128];
	size_t count;
};

static void open_layout(struct layout *layout)
{
	const struct dz_block_info *blocks;
	struct dz_source source;
	struct dz_reader *reader;

	layout->file = sample_make(2, 1, SEED);
	source = dz_source_memory(layout->file.data, layout->file.size);
	must(dz_reader_open(&source, NULL, &reader));
	blocks = dz_reader_blocks(reader, &layout->count);
	memcpy(layout->blocks, blocks, layout->count * sizeof(*blocks));
	dz_reader_close(reader);
}

static const struct dz_block_info *find(const struct layout *layout, uint32_t kind)
{
	for (size_t i = 0; i < layout->count; i++) {
		if (layout->blocks[i].kind == kind)
			return &layout->blocks[i];
	}
	exit(1);
}

static size_t block_end(const struct dz_block_info *block)
{
	return (size_t)block->offset + DZ_BLOCK_HEADER_BYTES + block->stored_bytes;
}

static void make_cut(const struct layout *layout)
{
	const uint8_t *bytes = layout->file.data;
	size_t exits = (size_t)find(layout, DZ_KIND_EXIT)->offset;

	save("cut-to-nothing", bytes, 0);
	save("cut-in-file-header", bytes, 77);
	save("cut-after-file-header", bytes, 128);
	save("cut-between-blocks", bytes, exits);
	save("cut-in-block-header", bytes, exits + 30);
	save("cut-in-payload", bytes, exits + DZ_BLOCK_HEADER_BYTES + 10);
	save("cut-before-trailer", bytes, layout->file.size - DZ_TRAILER_BYTES);
	save("cut-in-trailer", bytes, layout->file.size - 1);
}

static void save_flipped(const struct layout *layout, const char *name, size_t at)
{
	struct sample_file file = copy(&layout->file, layout->file.size);

	file.data[at] ^= 0x10;
	save_file(name, &file);
}

/* A copy without the bytes from start to end. */
static struct sample_file without(const struct layout *layout, size_t start, size_t end)
{
	struct sample_file file = copy(&layout->file, start);

	forge_bytes(&file, layout->file.data + end, layout->file.size - end);
	return file;
}

static void make_flipped(const struct layout *layout)
{
	const struct dz_block_info *exits = find(layout, DZ_KIND_EXIT);
	const struct dz_block_info *strings = find(layout, DZ_KIND_STRING);
	const struct dz_block_info *schema = find(layout, DZ_KIND_SCHEMA);
	const struct dz_block_info *tasks = find(layout, DZ_KIND_TASK);

	save_flipped(layout, "bad-file-header", 40);
	save_flipped(layout, "bad-magic", 0);
	save_flipped(layout, "bad-block-header", (size_t)exits->offset + 50);
	save_flipped(layout, "bad-payload", (size_t)exits->offset + DZ_BLOCK_HEADER_BYTES + 20);
	save_flipped(layout, "bad-strings", (size_t)strings->offset + DZ_BLOCK_HEADER_BYTES + 9);
	save_flipped(layout, "bad-schema", (size_t)schema->offset + DZ_BLOCK_HEADER_BYTES + 9);
	save_flipped(layout, "bad-tasks", (size_t)tasks->offset + DZ_BLOCK_HEADER_BYTES + 9);
	save_flipped(layout, "bad-trailer", layout->file.size - 20);
}

static void make_spliced(const struct layout *layout)
{
	const struct dz_block_info *exits = find(layout, DZ_KIND_EXIT);
	const struct dz_block_info *signals = find(layout, DZ_KIND_SIGNAL);
	struct sample_file other = sample_make(1, 1, SEED + 1);
	struct sample_file file = without(layout, (size_t)exits->offset, block_end(exits));

	save_file("bad-missing-block", &file);
	file = copy(&layout->file, block_end(exits));
	forge_bytes(&file, layout->file.data + exits->offset,
		    layout->file.size - (size_t)exits->offset);
	save_file("bad-doubled-block", &file);
	file = copy(&layout->file, (size_t)exits->offset);
	forge_bytes(&file, layout->file.data + signals->offset,
		    block_end(signals) - (size_t)signals->offset);
	forge_bytes(&file, layout->file.data + exits->offset,
		    block_end(exits) - (size_t)exits->offset);
	forge_bytes(&file, layout->file.data + block_end(signals),
		    layout->file.size - block_end(signals));
	save_file("bad-order-of-blocks", &file);
	file = copy(&layout->file, layout->file.size);
	forge_bytes(&file, other.data, other.size);
	save_file("bad-second-file", &file);
	file = copy(&layout->file, (size_t)exits->offset);
	forge_bytes(&file, "junk between blocks", 19);
	forge_bytes(&file, layout->file.data + exits->offset,
		    layout->file.size - (size_t)exits->offset);
	save_file("bad-junk", &file);
	file = copy(&layout->file, layout->file.size);
	memset(file.data + exits->offset / 512 * 512, 0, 512);
	save_file("bad-zeroed-sector", &file);
	file = without(layout, (size_t)exits->offset + 100, (size_t)exits->offset + 130);
	save_file("bad-missing-bytes", &file);
	free(other.data);
}

/* Starts a forged file without schema: readers use that of this version. */
static void begin(struct sample_file *file)
{
	forge_header(file, SEED);
}

static struct dz_block_header event_header(uint32_t sequence, uint32_t records)
{
	return (struct dz_block_header){.kind = DZ_KIND_EXIT,
					.file_id = file_id(),
					.sequence = sequence,
					.records = records,
					.first = START_NS,
					.last = START_NS};
}

static void make_bad_rules(void)
{
	const uint64_t times[2] = {START_NS + 5, START_NS};
	struct dz_block_header header = event_header(0, 2);
	struct buffer payload = {0}, data = {0};
	struct sample_file file = {0};

	forge_columns(&payload, 1);
	forge_varints(&payload, &data, 0, times, 2);
	forge_join(&payload, &data);
	begin(&file);
	forge_block(&file, &header, payload.data, payload.size);
	forge_rows(&file, DZ_KIND_EXIT, 1, 2);
	save_file("bad-times", &file);
	begin(&file);
	forge_rows(&file, DZ_KIND_EXIT, 0, 2);
	forge_block(&file, &header, "\xff\xff\xff", 3);
	forge_rows(&file, 999, 2, 2);
	header.flags = 4;
	header.sequence = 3;
	forge_block(&file, &header, payload.data, payload.size);
	header.flags = 0;
	header.generation = 5;
	header.sequence = 4;
	forge_stored(&file, &header, "not zstd", 8);
	header.generation = 4;
	header.sequence = 5;
	forge_block(&file, &header, payload.data, payload.size);
	save_file("bad-rules", &file);
	buffer_release(&payload);
}

/* Dictionaries that overlap, and references to nothing, to later records and to themselves. */
static void make_hostile_references(void)
{
	static const char *const texts[] = {"one", "two"};
	const uint64_t callers[4] = {1, 3, 9, UINT64_MAX};
	const uint64_t frames[4] = {1, 0, UINT32_MAX, 1};
	struct dz_block_header header = {.kind = DZ_KIND_STACK,
					 .file_id = file_id(),
					 .sequence = 2,
					 .records = 4,
					 .first = 1,
					 .last = 4};
	struct buffer payload = {0}, data = {0};
	struct sample_file file = {0};

	forge_columns(&payload, 2);
	forge_varints(&payload, &data, 0, callers, 4);
	forge_varints(&payload, &data, 1, frames, 4);
	forge_join(&payload, &data);
	begin(&file);
	forge_strings(&file, 0, texts, 2);
	forge_strings(&file, 1, texts, 2);
	forge_block(&file, &header, payload.data, payload.size);
	forge_rows(&file, DZ_KIND_EXIT, 3, 15);
	save_file("hostile-references", &file);
	buffer_release(&payload);
}

/* Blocks of 8 MiB zeros, which zstd compresses well. */
static void make_bomb(void)
{
	const uint32_t blocks = 128;
	struct dz_block_header header = event_header(0, DZ_LIMIT_RECORDS - 2);
	uint8_t *zeros = calloc(1, DZ_LIMIT_RAW_BYTES);
	struct buffer payload = {0};
	struct sample_file file = {0};

	if (!zeros)
		exit(1);
	/* One column of eight planes of zeros. */
	forge_columns(&payload, 1);
	buffer_put(&payload, "\x01\x00\x04", 3);
	buffer_put_varint(&payload, 8 * (uint64_t)header.records + 1);
	buffer_put_u8(&payload, 8);
	buffer_put(&payload, zeros, 8 * (size_t)header.records);
	header.first = header.last = 0;
	begin(&file);
	for (; header.sequence < blocks; header.sequence++)
		forge_block(&file, &header, payload.data, payload.size);
	save_file("hostile-bomb", &file);
	buffer_release(&payload);
	free(zeros);
}

/* Many records in few bytes: constants need none. */
static void make_hostile_constants(void)
{
	struct dz_block_header header = event_header(0, DZ_LIMIT_RECORDS);
	struct buffer payload = {0}, data = {0};
	struct sample_file file = {0};

	forge_columns(&payload, 1);
	forge_constant(&payload, &data, 0, START_NS);
	forge_join(&payload, &data);
	begin(&file);
	for (; header.sequence < 64; header.sequence++)
		forge_block(&file, &header, payload.data, payload.size);
	save_file("hostile-many-records", &file);
	buffer_release(&payload);
}

/* Runs that stand for far more values than a block may have. */
static void make_hostile_runs(void)
{
	struct dz_block_header header = event_header(0, DZ_LIMIT_RECORDS);
	struct buffer payload = {0};
	struct sample_file file = {0};

	buffer_put_varint(&payload, 200);
	for (uint32_t field = 0; field < 200; field++) {
		buffer_put_varint(&payload, field);
		buffer_put(&payload, "\0\3\4", 3);
	}
	for (uint32_t field = 0; field < 200; field++) {
		buffer_put_u8(&payload, 1);
		buffer_put_varint(&payload, DZ_LIMIT_RECORDS);
	}
	begin(&file);
	forge_block(&file, &header, payload.data, payload.size);
	save_file("hostile-runs", &file);
	buffer_release(&payload);
}

static void make_hostile_headers(void)
{
	struct dz_block_header header = event_header(0, 1);
	struct sample_file file = {0};

	begin(&file);
	header.raw_bytes = DZ_LIMIT_RAW_BYTES + 1;
	forge_stored(&file, &header, "", 0);
	header.sequence = UINT32_MAX;
	header.raw_bytes = 0;
	forge_stored(&file, &header, "", 0);
	header.sequence = 7;
	header.last = UINT64_MAX;
	forge_stored(&file, &header, "x", 1);
	header.kind = DZ_KIND_TASK;
	header.sequence = 8;
	header.records = UINT32_MAX;
	header.first = 1;
	forge_stored(&file, &header, "x", 1);
	header.generation = UINT32_MAX;
	header.sequence = 9;
	forge_stored(&file, &header, "x", 1);
	save_file("hostile-headers", &file);
}

/* Headers whose lengths all reach the end of the file: a walk without limit would compute the
 * checksum of the rest of the file for each. */
static void make_hostile_walk(void)
{
	const uint32_t headers = 2000;
	struct sample_file file = {0};
	uint8_t bytes[DZ_BLOCK_HEADER_BYTES];

	begin(&file);
	for (uint32_t i = 0; i < headers; i++) {
		struct dz_block_header header = event_header(i, 1);

		header.stored_bytes = (headers - 1 - i) * (DZ_BLOCK_HEADER_BYTES + 8);
		dz_block_header_encode(&header, bytes);
		forge_bytes(&file, bytes, sizeof(bytes));
		forge_bytes(&file, "garbage!", 8);
	}
	save_file("hostile-walk", &file);
}

/* A file inside a block of another one that has the same file id. */
static void make_hostile_embedded_file(void)
{
	struct sample_file inner = sample_make(1, 1, SEED);
	struct dz_block_header header = event_header(0, 1);
	struct sample_file file = {0};

	begin(&file);
	forge_stored(&file, &header, inner.data, inner.size);
	forge_rows(&file, DZ_KIND_EXIT, 1, 2);
	save_file("hostile-embedded-file", &file);
	free(inner.data);
}

int main(int argc, char **argv)
{
	static struct layout layout;

	if (argc != 2) {
		fprintf(stderr, "usage: make_traces DIRECTORY\n");
		return 2;
	}
	directory = argv[1];
	make_good();
	make_newer();
	make_refused();
	open_layout(&layout);
	make_cut(&layout);
	make_flipped(&layout);
	make_spliced(&layout);
	free(layout.file.data);
	make_bad_rules();
	make_hostile_references();
	make_chain("hostile-endless-stack", 40000);
	make_bomb();
	make_hostile_constants();
	make_hostile_runs();
	make_hostile_headers();
	make_hostile_walk();
	make_hostile_embedded_file();
	return 0;
}
