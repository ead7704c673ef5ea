/* tests/bench/format_bench.c - size of a .dz file, time to write and to read it, for each event
 *
 * format_bench [EXITS [FILE]]: writes exits of short-lived processes, each with its task and its
 * stacks: 50,000 to measure the size, EXITS (2,000,000) to measure the times. With FILE, only
 * writes EXITS to it.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tests/format/sample_trace.h"
#include <dz/reader.h>
#include <dz/writer.h>

#define SIZE_EXITS  50000u
#define BYTES_MAX   8.0
#define RATE_TARGET 10e6

/* Of this process's own work: the machine may have more to do. */
static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static struct sample_file write_exits(uint32_t exits)
{
	struct dz_file_header header = sample_header(1);
	struct sample_file file = {0};
	struct dz_sink sink = sample_sink(&file);
	struct dz_writer *writer;

	if (dz_writer_open(&sink, &header, 3, &writer) != DZ_OK ||
	    sample_add_exits(writer, exits, 1) != DZ_OK || dz_writer_close(writer) != DZ_OK) {
		fprintf(stderr, "format_bench: cannot write\n");
		exit(1);
	}
	return file;
}

/* Events a second of one pass; all counted in *ret_events. */
static double read_rate(struct dz_reader *reader, const struct dz_reader_options *options,
			uint64_t *ret_events)
{
	double start = seconds();
	struct dz_event event;
	uint64_t events = 0;

	if (dz_reader_rewind(reader, options) != DZ_OK)
		exit(1);
	while (dz_reader_next(reader, &event) == DZ_OK)
		events++;
	*ret_events = events;
	return (double)events / (seconds() - start);
}

static double show_size(void)
{
	struct sample_file file = write_exits(SIZE_EXITS);
	double bytes = (double)file.size / SIZE_EXITS;

	printf("size     %u exits with tasks and stacks: %zu bytes, %.2f bytes an exit (at most "
	       "%.0f)\n",
	       SIZE_EXITS, file.size, bytes, BYTES_MAX);
	free(file.data);
	return bytes;
}

static double show_reading(const struct sample_file *file)
{
	/* Time, system call and signal, say. */
	static const uint64_t wanted[64] = {[DZ_KIND_EXIT] = 1u << 0 | 1u << 4 | 1u << 7};
	const struct dz_reader_options some = {.kinds = (uint64_t)1 << DZ_KIND_EXIT,
					       .wanted_fields = wanted};
	struct dz_source source = dz_source_memory(file->data, file->size);
	double start = seconds(), opened, rate;
	struct dz_reader *reader;
	uint64_t events;

	if (dz_reader_open(&source, NULL, &reader) != DZ_OK)
		exit(1);
	opened = seconds() - start;
	rate = read_rate(reader, NULL, &events);
	printf("open     %.2f ms\n", opened * 1e3);
	printf("read     first pass, all columns and dictionaries: %.1f million events a second\n",
	       rate / 1e6);
	rate = read_rate(reader, NULL, &events);
	printf("read     all columns again: %.1f million events a second\n", rate / 1e6);
	rate = read_rate(reader, &some, &events);
	printf("read     three columns: %.1f million events a second (at least %.0f), %" PRIu64
	       " events\n",
	       rate / 1e6, RATE_TARGET / 1e6, events);
	dz_reader_close(reader);
	return rate;
}

/* For tests/bench/python.py. */
static int keep_exits(uint32_t exits, const char *path)
{
	struct sample_file file = write_exits(exits);
	FILE *out = fopen(path, "wb");
	bool ok = out && fwrite(file.data, 1, file.size, out) == file.size;

	if (out && fclose(out) != 0)
		ok = false;
	free(file.data);
	return ok ? 0 : 1;
}

int main(int argc, char **argv)
{
	uint32_t exits = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 2000000;
	double bytes, start, rate;
	struct sample_file file;

	if (argc > 2)
		return keep_exits(exits, argv[2]);
	bytes = show_size();
	start = seconds();
	file = write_exits(exits);
	printf("write    %u exits: %.0f ns each, %.1f MB\n", exits,
	       (seconds() - start) * 1e9 / exits, (double)file.size / 1e6);
	rate = show_reading(&file);
	free(file.data);
	return bytes <= BYTES_MAX && rate >= RATE_TARGET ? 0 : 1;
}
