/* dz/writer.h - writes a .dz file: interns, collects rows, and emits blocks (dz(5))
 *
 * One thread uses a writer at a time. Rows and new dictionary entries are kept in memory until
 * dz_writer_flush() or until a block is full; then every dictionary entry is written before the
 * first row that refers to it. References are valid within one generation only:
 * dz_writer_generation() tells when they have all become stale.
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

/* What has been written so far. */
struct dz_writer_totals {
	uint64_t bytes;
	uint64_t blocks;
	uint64_t events;   /* rows of kinds from DZ_KIND_FIRST_EVENT on */
	uint64_t rows[64]; /* by kind number */
};

/*
 * Writes the file header. *header and *sink are copied; the sink's context must outlive the writer.
 * level is the zstd level. Errors: DZ_IO from the sink, DZ_NO_MEMORY.
 */
DZ_MUST_CHECK enum dz_status dz_writer_open(const struct dz_sink *sink,
					    const struct dz_file_header *header, int level,
					    struct dz_writer **ret_writer);

/*
 * Interning: gives the reference of an entry, adding it if it is new in this generation. Bytes are
 * copied; longer ones than 4096 are cut at 4096. 0 is returned for "none" and, after which the
 * writer is in the error state that dz_writer_flush() returns, when memory runs out or a dictionary
 * is full.
 */
uint32_t dz_writer_string(struct dz_writer *writer, const void *bytes, size_t size);
uint32_t dz_writer_text(struct dz_writer *writer, const char *text);
uint32_t dz_writer_module(struct dz_writer *writer, const struct dz_module *module);
uint32_t dz_writer_frame(struct dz_writer *writer, const struct dz_frame *frame);
uint32_t dz_writer_stack(struct dz_writer *writer, const struct dz_stack *stack);
uint32_t dz_writer_task(struct dz_writer *writer, const struct dz_task *task);

/* Adds a row, struct dz_<kind>, of a kind that is not a dictionary. It is copied. May emit blocks,
 * if many rows wait. */
DZ_MUST_CHECK enum dz_status dz_writer_add(struct dz_writer *writer, enum dz_kind kind,
					   const void *row);

/* Emits everything that waits, and starts a new generation if the limits of the old one are reached
 * (64 MiB or 60 s by now_ns, a CLOCK_BOOTTIME reading). An error is final: the writer takes no
 * more, the file is left unclosed but readable. */
DZ_MUST_CHECK enum dz_status dz_writer_flush(struct dz_writer *writer, uint64_t now_ns);

/*
 * Copies blocks that another writer has written: all that follows its file header, or the beginning
 * of it, in pieces that blocks do not cross. What waits is emitted before, and both what is there
 * and what is copied are generations of their own. DZ_CORRUPT if the pieces are anything else.
 */
DZ_MUST_CHECK enum dz_status dz_writer_copy(struct dz_writer *writer, const struct iovec *pieces,
					    int count);

/* Changes whenever references given out before have become stale; only dz_writer_flush(),
 * dz_writer_copy() and dz_writer_add() change it. */
uint32_t dz_writer_generation(const struct dz_writer *writer);

/* Bytes that wait in memory, and what has been written. */
size_t dz_writer_pending_bytes(const struct dz_writer *writer);
struct dz_writer_totals dz_writer_totals(const struct dz_writer *writer);

/* So many bytes, at most, would dz_writer_close() write now: everything that waits, the index and
 * the trailer. What compresses well needs a small part of it. */
uint64_t dz_writer_closing_bytes(const struct dz_writer *writer);

/* Flushes, writes index and trailer, releases the writer. The file counts as closed cleanly only if
 * this returns DZ_OK. */
DZ_MUST_CHECK enum dz_status dz_writer_close(struct dz_writer *writer);

/* Releases the writer without writing anything. NULL is allowed. */
void dz_writer_abandon(struct dz_writer *writer);

#endif
