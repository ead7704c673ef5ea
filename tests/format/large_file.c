/* tests/format/large_file.c - writes, reads, damages and truncates a file beyond 4 GiB
 *
 *   usage: large_file DIRECTORY [MIB]      (default 4500; takes minutes and MIB on the disk)
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "format/block_header.h"
#include "tests/format/sample_trace.h"
#include <dz/reader.h>
#include <dz/repair.h>

#define MIB         UINT64_C(1048576)
#define FLUSH_ROWS  60000u
#define START_NS    UINT64_C(3600000000000)
#define STEP_NS     UINT64_C(1000)
#define FIRST_NOISE 8u /* of the fields of an exit, those from the user time to the page faults */
#define NOISE       5u

static int fd = -1;

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "large_file: %s\n", what);
	exit(1);
}

static void check(bool is_so, const char *what)
{
	if (!is_so)
		die(what);
	printf("ok - %s\n", what);
}

/* The number of rows, and a sum over their contents and positions. */
struct sum {
	uint64_t rows;
	uint64_t values;
};

static void add(struct sum *sum, const struct dz_exit *row)
{
	uint64_t values[sizeof(*row) / sizeof(uint64_t)];
	uint64_t value = row->time;

	memcpy(values, row, sizeof(values));
	for (uint32_t i = 0; i < NOISE; i++)
		value = (value ^ values[FIRST_NOISE + i]) * UINT64_C(0x9e3779b97f4a7c15);
	sum->rows++;
	sum->values += value;
}

static enum dz_status write_all(void *context, const struct iovec *pieces, int count)
{
	(void)context;
	for (int i = 0; i < count; i++) {
		const char *at = pieces[i].iov_base;
		size_t left = pieces[i].iov_len;

		while (left > 0) {
			ssize_t written = write(fd, at, left);

			if (written <= 0)
				return DZ_IO;
			at += written;
			left -= (size_t)written;
		}
	}
	return DZ_OK;
}

/* Writes rows that cannot be compressed, until the file has the given size. */
static struct sum write_file(uint64_t bytes)
{
	const struct dz_file_header header = sample_header(33);
	const struct dz_sink sink = {.write = write_all};
	uint64_t random = 33, now_ns = START_NS;
	struct sum sum = {.rows = 0};
	struct dz_writer *writer;

	if (dz_writer_open(&sink, &header, 1, &writer) != DZ_OK)
		die("cannot open a writer");
	while (dz_writer_totals(writer).bytes < bytes) {
		for (uint32_t i = 0; i < FLUSH_ROWS; i++) {
			struct dz_exit row = {.time = now_ns += STEP_NS};
			uint64_t noise[NOISE];

			for (uint32_t j = 0; j < NOISE; j++)
				noise[j] = sample_random(&random);
			memcpy((uint64_t *)&row + FIRST_NOISE, noise, sizeof(noise));
			if (dz_writer_add(writer, DZ_KIND_EXIT, &row) != DZ_OK)
				die("cannot add a row");
			add(&sum, &row);
		}
		if (dz_writer_flush(writer, now_ns) != DZ_OK)
			die("cannot write");
	}
	if (dz_writer_close(writer) != DZ_OK)
		die("cannot close the file");
	return sum;
}

static struct dz_reader *open_reader(struct dz_source *source)
{
	struct dz_reader *reader;

	if (dz_source_file(fd, source) != DZ_OK || dz_reader_open(source, NULL, &reader) != DZ_OK)
		die("cannot read the file");
	return reader;
}

static struct sum read_rows(struct dz_reader *reader)
{
	struct sum sum = {.rows = 0};
	struct dz_event event;
	enum dz_status status;
	uint64_t before_ns = 0;

	while ((status = dz_reader_next(reader, &event)) == DZ_OK) {
		if (event.kind != DZ_KIND_EXIT)
			continue;
		if (event.time_ns < before_ns)
			die("rows are not in the order of time");
		before_ns = event.time_ns;
		add(&sum, event.row);
	}
	if (status != DZ_END)
		die("reading ends with an error");
	return sum;
}

static bool is_same(struct sum a, struct sum b)
{
	return a.rows == b.rows && a.values == b.values;
}

/* Returns a copy of the last block of exits that starts beyond the given offset. */
static struct dz_block_info find_last(const struct dz_reader *reader, uint64_t beyond)
{
	size_t count;
	const struct dz_block_info *blocks = dz_reader_blocks(reader, &count);

	for (size_t i = count; i-- > 0;)
		if (blocks[i].kind == DZ_KIND_EXIT && blocks[i].offset > beyond)
			return blocks[i];
	die("no block starts beyond the offset");
}

static struct dz_block_info check_whole(struct sum written, uint64_t beyond)
{
	struct dz_source source;
	struct dz_reader *reader = open_reader(&source);
	struct dz_block_info last = find_last(reader, beyond);
	struct dz_reader_options late = {.since_ns = last.first};
	struct sum tail;

	printf("%" PRIu64 " bytes, %" PRIu64 " rows\n", source.size_bytes, written.rows);
	check(dz_reader_closed(reader), "the file is closed, its trailer and index are found");
	check(is_same(read_rows(reader), written), "every row is read");
	if (dz_reader_rewind(reader, &late) != DZ_OK)
		die("cannot read the end");
	tail = read_rows(reader);
	check(tail.rows >= last.records && tail.rows <= 4 * (uint64_t)FLUSH_ROWS &&
		      tail.rows == (START_NS + written.rows * STEP_NS - last.first) / STEP_NS + 1,
	      "the rows of the last moment come alone");
	dz_reader_close(reader);
	return last;
}

static void flip(uint64_t offset)
{
	uint8_t byte;

	if (pread(fd, &byte, 1, (off_t)offset) != 1)
		die("cannot read a byte");
	byte ^= 4;
	if (pwrite(fd, &byte, 1, (off_t)offset) != 1)
		die("cannot write a byte");
}

/* Checks that `lost` rows are missing, and that the damage is one part of the file. */
static void check_damaged(struct sum written, uint64_t lost, uint64_t offset, uint64_t size)
{
	struct dz_source source;
	struct dz_reader *reader = open_reader(&source);
	struct sum sum = read_rows(reader);
	const struct dz_damage *damage;
	size_t count;
	bool reported = false;

	damage = dz_reader_damage(reader, &count);
	for (size_t i = 0; i < count; i++)
		reported |= damage[i].offset == offset && damage[i].size_bytes == size;
	check(reported, "the damage is reported to the byte");
	check(sum.rows == written.rows - lost, "only the rows of its block are lost");
	dz_reader_close(reader);
}

static enum dz_status count_bytes(void *context, const struct iovec *pieces, int count)
{
	for (int i = 0; i < count; i++)
		*(uint64_t *)context += pieces[i].iov_len;
	return DZ_OK;
}

static void check_repair(uint64_t least)
{
	uint64_t bytes = 0;
	const struct dz_sink sink = {.context = &bytes, .write = count_bytes};
	struct dz_repair_result result;
	struct dz_source source;

	if (dz_source_file(fd, &source) != DZ_OK || dz_repair(&source, &sink, &result) != DZ_OK)
		die("cannot repair the file");
	check(bytes > least, "valid blocks are copied");
}

int main(int argc, char **argv)
{
	uint64_t bytes = (argc > 2 ? strtoull(argv[2], NULL, 10) : 4500) * MIB;
	struct dz_block_info last;
	struct sum written;
	uint64_t end;
	char path[4096];

	if (argc < 2 || snprintf(path, sizeof(path), "%s/large.XXXXXX", argv[1]) >= 4096) {
		fprintf(stderr, "usage: large_file DIRECTORY [MIB]\n");
		return 2;
	}
	fd = mkstemp(path);
	if (fd < 0 || unlink(path) != 0)
		die("cannot make a file there");
	written = write_file(bytes);
	last = check_whole(written, bytes - bytes / 100);
	end = last.offset + DZ_BLOCK_HEADER_BYTES + last.stored_bytes;
	flip(end - 100);
	check_damaged(written, last.records, last.offset, end - last.offset);
	check_repair(bytes - bytes / 100);
	flip(end - 100);
	if (ftruncate(fd, (off_t)(end - 1)) != 0)
		die("cannot truncate the file");
	check_damaged(written, written.rows - (last.first - START_NS) / STEP_NS + 1, last.offset,
		      end - 1 - last.offset);
	return 0;
}
