/* tests/format/sample_trace.h - makes .dz files in memory: typical ones, and one of every kind */
#ifndef TESTS_FORMAT_SAMPLE_TRACE_H
#define TESTS_FORMAT_SAMPLE_TRACE_H

#include <stddef.h>
#include <stdint.h>

#include <dz/file_header.h>
#include <dz/sink.h>
#include <dz/writer.h>

/* A file that grows in memory. Initialize with {0}; free data in the end. */
struct sample_file {
	uint8_t *data;
	size_t size;
	size_t capacity;
	size_t writes_left; /* fail after so many, if limited */
	int limited;
};

struct dz_sink sample_sink(struct sample_file *file);

/* The same header every time: tests and committed samples must not depend on the day. */
struct dz_file_header sample_header(uint64_t seed);

/* Pseudo-random numbers that are the same everywhere. */
uint64_t sample_random(uint64_t *state);

/* Adds rows of every kind that is not a dictionary, with everything that they refer to. */
enum dz_status sample_add_all_kinds(struct dz_writer *writer, uint32_t rows, uint64_t seed);

/* Adds exits of processes that live for tens of microseconds, one after the other, with everything
 * they refer to; flushes once for every second of them. */
enum dz_status sample_add_exits(struct dz_writer *writer, uint32_t exits, uint64_t seed);

/* A whole file of every kind, in so many generations. Exits the program if it cannot be made. */
struct sample_file sample_make(uint32_t rows, uint32_t generations, uint64_t seed);

#endif
