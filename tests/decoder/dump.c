/* tests/decoder/dump.c - prints files as libdz decodes them, for comparison with dz.py
 *
 * Reads files from standard input: the size as 8 bytes, lowest first, then the file. Prints lines
 * of text and a line "end" for each.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <dz/reader.h>

#define FILE_MAX 268435456u

static const char *const refusals[] = {
	[DZ_TRUNCATED] = "truncated", [DZ_CORRUPT] = "corrupt", [DZ_UNSUPPORTED] = "unsupported",
	[DZ_FOREIGN] = "foreign",     [DZ_LIMIT] = "limit",     [DZ_IO] = "io",
	[DZ_NO_MEMORY] = "memory",
};

/* FNV-1a, as in dz.py. */
static void print_digest(FILE *out, const uint8_t *bytes, size_t size)
{
	uint64_t value = 0xcbf29ce484222325u;

	for (size_t i = 0; i < size; i++)
		value = (value ^ bytes[i]) * 0x100000001b3u;
	fprintf(out, "%016" PRIx64, value);
}

static void print_reference(FILE *out, const struct dz_reader *reader, enum dz_type type,
			    uint64_t id);

/* Prints the digest of a dictionary row: of its fields as text. */
static void print_row_digest(FILE *out, const struct dz_reader *reader, uint32_t kind,
			     const void *row)
{
	const struct dz_kind_schema *schema = dz_schema_find(kind);
	uint64_t values[64];
	char *text = NULL;
	size_t size = 0;
	FILE *inner = open_memstream(&text, &size);

	memcpy(values, row, schema->field_count * sizeof(values[0]));
	fprintf(inner, "%u(", kind);
	for (uint32_t i = 0; i < schema->field_count; i++) {
		if (i)
			fputc(',', inner);
		print_reference(inner, reader, schema->fields[i].type, values[i]);
	}
	fputc(')', inner);
	fclose(inner);
	print_digest(out, (const uint8_t *)text, size);
	free(text);
}

static const void *module_of(const struct dz_reader *reader, uint64_t id)
{
	return dz_reader_module(reader, id);
}

static const void *frame_of(const struct dz_reader *reader, uint64_t id)
{
	return dz_reader_frame(reader, id);
}

static const void *stack_of(const struct dz_reader *reader, uint64_t id)
{
	return dz_reader_stack(reader, id);
}

static const void *task_of(const struct dz_reader *reader, uint64_t id)
{
	return dz_reader_task(reader, id);
}

static const struct {
	uint32_t kind;
	const void *(*row)(const struct dz_reader *, uint64_t);
} dictionaries[] = {
	[DZ_TYPE_MODULE] = {DZ_KIND_MODULE, module_of},
	[DZ_TYPE_FRAME] = {DZ_KIND_FRAME, frame_of},
	[DZ_TYPE_STACK] = {DZ_KIND_STACK, stack_of},
	[DZ_TYPE_TASK] = {DZ_KIND_TASK, task_of},
};

static void print_entry(FILE *out, const struct dz_reader *reader, enum dz_type type, uint64_t id)
{
	struct dz_bytes string = dz_reader_string(reader, id);

	if (type == DZ_TYPE_STRING)
		print_digest(out, string.data, string.size);
	else
		print_row_digest(out, reader, dictionaries[type].kind,
				 dictionaries[type].row(reader, id));
}

static void print_reference(FILE *out, const struct dz_reader *reader, enum dz_type type,
			    uint64_t id)
{
	if (type < DZ_TYPE_STRING || type > DZ_TYPE_TASK)
		fprintf(out, "%" PRIu64, id);
	else if (id == 0)
		fputc('-', out);
	else if (id == DZ_ID_DAMAGED)
		fputs("damaged", out);
	else
		print_entry(out, reader, type, id);
}

static void print_rows(FILE *out, struct dz_reader *reader)
{
	struct dz_event event;

	while (dz_reader_next(reader, &event) == DZ_OK) {
		fprintf(out, "row %u", event.kind);
		for (uint32_t i = 0; i < event.schema->field_count; i++) {
			fputc(' ', out);
			print_reference(out, reader, event.schema->fields[i].type, event.values[i]);
		}
		fputc('\n', out);
	}
}

/* Prints adjacent damage as one part, then the offsets where something is missing. */
static void print_damage(FILE *out, const struct dz_reader *reader)
{
	size_t count;
	const struct dz_damage *damage = dz_reader_damage(reader, &count);
	uint64_t start = 0, end = 0;

	for (size_t i = 0; i < count; i++) {
		if (!damage[i].size_bytes)
			continue;
		if (end && damage[i].offset != end)
			fprintf(out, "damage %" PRIu64 " %" PRIu64 "\n", start, end - start);
		if (!end || damage[i].offset != end)
			start = damage[i].offset;
		end = damage[i].offset + damage[i].size_bytes;
	}
	if (end)
		fprintf(out, "damage %" PRIu64 " %" PRIu64 "\n", start, end - start);
	for (size_t i = 0; i < count; i++) {
		if (!damage[i].size_bytes)
			fprintf(out, "damage %" PRIu64 " 0\n", damage[i].offset);
	}
}

static bool is_header_valid(const struct dz_reader *reader)
{
	return dz_reader_header(reader)->version_major != 0;
}

static void dump(FILE *out, const uint8_t *bytes, size_t size)
{
	struct dz_source source = dz_source_memory(bytes, size);
	const struct dz_block_info *blocks;
	struct dz_reader *reader;
	size_t count;
	enum dz_status status = dz_reader_open(&source, NULL, &reader);

	if (status != DZ_OK) {
		fprintf(out, "refused %s\n", refusals[status]);
		return;
	}
	fprintf(out, "header %s\n", is_header_valid(reader) ? "sound" : "damaged");
	fprintf(out, "closed %d\n", dz_reader_closed(reader));
	blocks = dz_reader_blocks(reader, &count);
	for (size_t i = 0; i < count; i++)
		fprintf(out, "block %" PRIu64 " %u %u\n", blocks[i].offset, blocks[i].sequence,
			blocks[i].kind);
	print_rows(out, reader);
	if (dz_reader_verify(reader) != DZ_OK)
		fprintf(out, "verify failed\n");
	print_damage(out, reader);
	dz_reader_close(reader);
}

int main(void)
{
	uint8_t head[8];

	while (fread(head, sizeof(head), 1, stdin) == 1) {
		uint64_t size = 0;
		uint8_t *bytes;

		for (size_t i = 0; i < sizeof(head); i++)
			size |= (uint64_t)head[i] << (8 * i);
		bytes = size <= FILE_MAX ? malloc(size + !size) : NULL;
		if (!bytes || (size && fread(bytes, size, 1, stdin) != 1)) {
			fprintf(stderr, "dump: input truncated or too large\n");
			free(bytes);
			return 1;
		}
		dump(stdout, bytes, size);
		puts("end");
		fflush(stdout);
		free(bytes);
	}
	return 0;
}
