/* dz/writer.h - writer of .dz files: interns strings, collects rows, writes blocks (dz(5))
 *
 * Only one thread at a time may use a writer. Rows and new dictionary entries wait in memory until
 * dz_writer_flush(), or until a block is full. Then every dictionary entry is written before the
 * first row that refers to it. References are valid within one generation only; they become stale
 * when the number that dz_writer_generation() returns changes.
 */
#ifndef DZ_WRITER_H
#define DZ_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <dz/file_header.h>
#include <dz/schema.h>
#include <dz/sink.h>
#include <dz/status.h>

struct dz_writer;

/* Counts of what is written so far. */
struct dz_writer_totals {
	uint64_t bytes;
	uint64_t blocks;
	uint64_t events;   /* rows of kinds from DZ_KIND_FIRST_EVENT on */
	uint64_t rows[64]; /* by kind number */
};

/*
 * Writes the file header. Copies *header and *sink; the sink's context must outlive the writer.
 * `level` is the zstd level. Returns the errors of the sink, DZ_NO_MEMORY, and DZ_IO if the kernel
 * returns no random numbers. The caller ends the writer with dz_writer_close() or
 * dz_writer_abandon().
 */
DZ_MUST_CHECK enum dz_status dz_writer_open(const struct dz_sink *sink,
					    const struct dz_file_header *header, int level,
					    struct dz_writer **ret_writer);

/*
 * Interning: returns the reference of an entry, and adds it if it is new in this generation. Copies
 * the bytes; strings are truncated to 4096 bytes. Returns 0 on allocation failure, and if the
 * dictionary is full; then the writer keeps the error, and dz_writer_flush() returns it.
 */
uint32_t dz_writer_string(struct dz_writer *writer, const void *bytes, size_t size);
uint32_t dz_writer_text(struct dz_writer *writer, const char *text);
uint32_t dz_writer_module(struct dz_writer *writer, const struct dz_module *module);
uint32_t dz_writer_frame(struct dz_writer *writer, const struct dz_frame *frame);
uint32_t dz_writer_stack(struct dz_writer *writer, const struct dz_stack *stack);
uint32_t dz_writer_task(struct dz_writer *writer, const struct dz_task *task);

/* Copies a row, struct dz_<kind>, of a kind that is not a dictionary. Writes blocks if the row
 * fills one. Returns the first error of the writer. */
DZ_MUST_CHECK enum dz_status dz_writer_add(struct dz_writer *writer, enum dz_kind kind,
					   const void *row);

/* Writes all pending rows and entries. Starts a new generation if the current one has 64 MiB in the
 * file, 12 MiB of dictionaries in memory, or 60 s by now_ns, a CLOCK_BOOTTIME. An error is final:
 * all further calls fail. The file then has no trailer, but can be read. */
DZ_MUST_CHECK enum dz_status dz_writer_flush(struct dz_writer *writer, uint64_t now_ns);

/*
 * Copies blocks of another writer: all that follow its file header, or the first of them. No block
 * may cross from one piece into the next. Pending rows are written before. The copied blocks form
 * separate generations. Returns DZ_CORRUPT if the pieces are not whole blocks, and the errors of
 * dz_writer_flush().
 */
DZ_MUST_CHECK enum dz_status dz_writer_copy(struct dz_writer *writer, const struct iovec *pieces,
					    int count);

/* Returns the number of the generation. References are stale after it has changed; only
 * dz_writer_flush(), dz_writer_copy() and dz_writer_add() change it. */
uint32_t dz_writer_generation(const struct dz_writer *writer);

/* Return the bytes of the rows that wait in memory, and the counts of what is written. */
size_t dz_writer_pending_bytes(const struct dz_writer *writer);
struct dz_writer_totals dz_writer_totals(const struct dz_writer *writer);

/* Returns the most bytes that dz_writer_close() would write now: pending rows and entries, index
 * and trailer. Data that compresses well needs a small part of that. */
uint64_t dz_writer_closing_bytes(const struct dz_writer *writer);

/* Flushes, writes index and trailer, and frees the writer, also on failure. The file is closed only
 * if this returns DZ_OK. */
DZ_MUST_CHECK enum dz_status dz_writer_close(struct dz_writer *writer);

/* Frees the writer and writes nothing. NULL is allowed. */
void dz_writer_abandon(struct dz_writer *writer);

#endif
