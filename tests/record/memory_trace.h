/* tests/record/memory_trace.h - a .dz file in memory, written by what is under test and read back
 */
#ifndef TESTS_RECORD_MEMORY_TRACE_H
#define TESTS_RECORD_MEMORY_TRACE_H

#include <stddef.h>
#include <stdint.h>

#include <dz/reader.h>
#include <dz/writer.h>

struct memory_trace {
	uint8_t *bytes;
	size_t size;
	struct dz_writer *writer; /* until memory_trace_read() */
	struct dz_reader *reader;
};

/* Fails the test if anything goes wrong, as all of these do. Must not move afterwards. */
void memory_trace_begin(struct memory_trace *trace);

/* Closes the writer and opens the reader. */
void memory_trace_read(struct memory_trace *trace);

/* The next row of this kind; it is valid until the next call. */
const void *memory_trace_next(struct memory_trace *trace, enum dz_kind kind);

/* The string with this id, NUL-terminated; valid until the next call. */
const char *memory_trace_text(const struct memory_trace *trace, uint64_t id);

void memory_trace_end(struct memory_trace *trace);

#endif
