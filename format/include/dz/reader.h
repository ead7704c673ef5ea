/* dz/reader.h - reader of .dz files, whole or damaged, in order of time (dz(5), READING)
 *
 * dz_reader_open() walks the headers of all blocks once. Later calls decode the blocks that they
 * need. The ids that the reader returns are file-wide: those of different entries are different.
 * Equal entries of generations that follow each other have the same id, if memory is enough. It
 * treats the file as untrusted input. It skips the parts that it cannot read; dz_reader_damage()
 * reports them.
 */
#ifndef DZ_READER_H
#define DZ_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <dz/file_header.h>
#include <dz/schema.h>
#include <dz/source.h>
#include <dz/status.h>

struct dz_reader;

struct dz_bytes {
	const uint8_t *data; /* not NUL-terminated; valid as the lookups below say */
	size_t size;
};

/* The id of any dictionary entry that is lost to damage. Lookups of it find nothing, like those of
 * 0. */
#define DZ_ID_DAMAGED UINT32_MAX

/* Selects rows of one kind by the value of a field. The first row of each block is selected in any
 * case, so that the caller sees that there are some. */
struct dz_row_filter {
	uint32_t kind;
	uint32_t field;  /* of struct dz_<kind>, from 0; a file without it has all rows selected */
	uint64_t values; /* bit n: select rows with the value n */
};

struct dz_reader_options {
	uint64_t memory_limit_bytes; /* 0: 1 GiB */
	uint64_t since_ns;           /* CLOCK_BOOTTIME; earlier events are skipped */
	uint64_t until_ns; /* CLOCK_BOOTTIME; events from then on are skipped; 0: no limit */
	uint64_t kinds;    /* bit n: return kind n; 0: all, also kinds from 64 on */
	/* 64 words, by kind number: bit n of a word selects field n of struct dz_<kind>. The reader
	 * borrows them. Other fields are not decoded and read as 0. NULL: all fields. */
	const uint64_t *wanted_fields;
	bool frugal; /* only of dz_reader_open(): keep no buffers, for thousands of readers at once
		      */
	const struct dz_row_filter *rows; /* the reader borrows it; NULL: all rows */
};

/* A part of the file that cannot be read; of size 0, an offset where something is missing. */
struct dz_damage {
	uint64_t offset;
	uint64_t size_bytes;
	enum dz_status status;
	const char *what; /* static phrase, for use after dz_status_phrase(status) */
};

/* One block, from its header. */
struct dz_block_info {
	uint64_t offset;
	uint32_t kind;
	uint32_t generation;
	uint32_t sequence;
	uint32_t stored_bytes; /* of the compressed payload */
	uint32_t raw_bytes;
	uint32_t records;
	uint64_t first; /* time in ns, or id for a dictionary */
	uint64_t last;
};

struct dz_event {
	uint32_t kind;                       /* number; can be unknown to this version */
	uint64_t time_ns;                    /* CLOCK_BOOTTIME */
	const struct dz_kind_schema *schema; /* the file's own */
	const uint64_t *values; /* schema->field_count values in the file's order, ids file-wide */
	const void *row; /* struct dz_<kind> of this version, absent fields 0; NULL: unknown kind */
};

/*
 * Reads the file header, walks the blocks, and loads the clock and info records. Copies *source and
 * *options; the source's context must outlive the reader. `options` can be NULL. Returns DZ_OK also
 * if a part is damaged or the end is missing. The caller closes the reader with dz_reader_close().
 *
 * Errors: DZ_FOREIGN, DZ_UNSUPPORTED; DZ_TRUNCATED or DZ_CORRUPT if the file header is invalid and
 * no valid block is found; DZ_IO (errno), DZ_LIMIT, DZ_NO_MEMORY.
 */
DZ_MUST_CHECK enum dz_status dz_reader_open(const struct dz_source *source,
					    const struct dz_reader_options *options,
					    struct dz_reader **ret_reader);

/* Like dz_reader_open(), for a file that may still be written. What is not complete at its end is
 * ignored. Returns DZ_TRUNCATED if not even the file header and the schema are there yet. */
DZ_MUST_CHECK enum dz_status dz_reader_follow(const struct dz_source *source,
					      const struct dz_reader_options *options,
					      struct dz_reader **ret_reader);

/* Adds what has been written to the file since dz_reader_follow() or the last call. size_bytes is
 * the size of the file now. dz_reader_next() then returns the new rows too; a row that is earlier
 * than those already returned comes next. Ids stay valid. Returns the errors of dz_reader_open();
 * after one the reader must be closed. */
DZ_MUST_CHECK enum dz_status dz_reader_grow(struct dz_reader *reader, uint64_t size_bytes);

/* Returns the next selected row that has a time, in order of time over all kinds. Dictionaries,
 * schema and index have no time. *ret_event and the memory it points to are valid until the next
 * call. Returns DZ_END after the last row. DZ_IO, DZ_LIMIT and DZ_NO_MEMORY are returned by all
 * further calls until dz_reader_rewind(). */
DZ_MUST_CHECK enum dz_status dz_reader_next(struct dz_reader *reader, struct dz_event *ret_event);

/* Starts again at the first event, with other options; their memory limit is ignored. Returns
 * DZ_NO_MEMORY on allocation failure. */
DZ_MUST_CHECK enum dz_status dz_reader_rewind(struct dz_reader *reader,
					      const struct dz_reader_options *options);

/* Frees all memory that can be read again from the file. The reader can be used further: ids and
 * what is not looked up stay valid. dz_reader_next() returns DZ_END until dz_reader_rewind(). */
void dz_reader_rest(struct dz_reader *reader);

/* Returns the file header; all 0 if it is damaged. The reader owns it. */
const struct dz_file_header *dz_reader_header(const struct dz_reader *reader);

/*
 * Lookups by file-wide id. They return size 0 or NULL for 0, for DZ_ID_DAMAGED, for an unknown id,
 * and if an entry that was freed cannot be read again. An id is valid as long as the reader, the
 * memory that a lookup returns until the next call of dz_reader_next(). The reader frees entries
 * that were not looked up for long, and reads them again when they are needed.
 */
struct dz_bytes dz_reader_string(const struct dz_reader *reader, uint64_t id);
const struct dz_module *dz_reader_module(const struct dz_reader *reader, uint64_t id);
const struct dz_frame *dz_reader_frame(const struct dz_reader *reader, uint64_t id);
const struct dz_stack *dz_reader_stack(const struct dz_reader *reader, uint64_t id);
const struct dz_task *dz_reader_task(const struct dz_reader *reader, uint64_t id);

/* Returns how often entries were freed. While it is the same, what lookups returned is valid. */
uint64_t dz_reader_frees(const struct dz_reader *reader);

/* Returns the CLOCK_REALTIME (ns since 1970) of a CLOCK_BOOTTIME, from the last clock record that
 * is not later, or else from the file header. If neither exists, uses the first clock record;
 * without one, returns boottime_ns. */
uint64_t dz_reader_realtime_ns(const struct dz_reader *reader, uint64_t boottime_ns);

/* Sets bounds for the CLOCK_BOOTTIME of a Unix time in ns, which is not unique if the clock was
 * set: an event before *ret_earliest_ns is earlier, one from *ret_latest_ns on is not. */
void dz_reader_boottimes(const struct dz_reader *reader, uint64_t realtime_ns,
			 uint64_t *ret_earliest_ns, uint64_t *ret_latest_ns);

/* Sets the first and the last time of all events in the file; both 0 if it has none. */
void dz_reader_span(const struct dz_reader *reader, uint64_t *ret_first_ns, uint64_t *ret_last_ns);

/* Returns the value of the last info record with this key; size 0 if there is none. It is valid as
 * what a lookup returns. dz_reader_next() returns all info records. If it cannot be
 * kept, size 0 is returned, and dz_reader_next() returns DZ_NO_MEMORY. */
struct dz_bytes dz_reader_info(const struct dz_reader *reader, const char *key);

/* Returns whether a call of dz_reader_info() could not keep the value of its record. */
bool dz_reader_info_failed(const struct dz_reader *reader);

/* Returns the blocks in file order, also those whose payload is damaged. The reader owns them. */
const struct dz_block_info *dz_reader_blocks(const struct dz_reader *reader, size_t *ret_count);

/* Decodes every block, whatever the options, so that dz_reader_damage() is complete. Returns DZ_OK
 * also if blocks are damaged; DZ_IO, DZ_LIMIT, DZ_NO_MEMORY. */
DZ_MUST_CHECK enum dz_status dz_reader_verify(struct dz_reader *reader);

/* Returns the damage found so far, in file order. The reader owns it; it is valid until the next
 * call for this reader. Complete after dz_reader_verify(): reading to DZ_END decodes only what the
 * events need. */
const struct dz_damage *dz_reader_damage(const struct dz_reader *reader, size_t *ret_count);

/* Returns whether the recorder closed the file: it ends with a valid trailer that says so. */
bool dz_reader_closed(const struct dz_reader *reader);

/* Returns the flags of the trailer (dz/trailer.h): DZ_TRAILER_CLEAN, _REPAIRED, _SCRUBBED; 0 if
 * there is no valid trailer. */
uint32_t dz_reader_flags(const struct dz_reader *reader);

/* Frees the reader and all that it returned. NULL is allowed. */
void dz_reader_close(struct dz_reader *reader);

#endif
