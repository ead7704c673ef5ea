/* tests/format/sample_trace.h - makes .dz files in memory: typical ones, and one of every kind */
#ifndef TESTS_FORMAT_SAMPLE_TRACE_H
#define TESTS_FORMAT_SAMPLE_TRACE_H

#include <stddef.h>
#include <stdint.h>

#include <dz/file_header.h>
#include <dz/sink.h>
#include <dz/writer.h>

/* A file that grows in memory. Initialize with {0}; the owner frees `data`. */
struct sample_file {
	uint8_t *data;
	size_t size;
	size_t capacity;
	size_t writes_left; /* writes before the first failure, if limited */
	int limited;
};

/* Returns a sink that appends to the file, which must outlive it. */
struct dz_sink sample_sink(struct sample_file *file);

/* Returns the same header every time: tests and committed samples must not depend on the date. */
struct dz_file_header sample_header(uint64_t seed);

/* Returns the next pseudo-random number; the same on every machine. */
uint64_t sample_random(uint64_t *state);

/* Adds rows of every kind that is not a dictionary, and all entries they refer to. Returns the
 * error of the writer. */
enum dz_status sample_add_all_kinds(struct dz_writer *writer, uint32_t rows, uint64_t seed);

/* Adds exits of processes that follow each other and run for tens of microseconds, and all entries
 * they refer to. Flushes once per second of recorded time. Returns the error of the writer. */
enum dz_status sample_add_exits(struct dz_writer *writer, uint32_t exits, uint64_t seed);

/* Returns a whole file with `rows` of every kind in each of `generations`. Exits the program on
 * failure. The caller frees its data. */
struct sample_file sample_make(uint32_t rows, uint32_t generations, uint64_t seed);

/* Returns a writer of a new file with sample_header(1); NULL if it cannot be opened. The caller
 * closes it and frees file->data. */
struct dz_writer *sample_open_writer(struct sample_file *file);

#endif
