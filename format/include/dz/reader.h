/* dz/reader.h - reads a .dz file, whole or damaged, in order of time (dz(5), READING)
 *
 * A reader walks the blocks of one file once when it is opened (headers only), and then decodes
 * what is asked for. All ids in what it gives out are file-wide: it merges the dictionaries of all
 * generations. Nothing in the file is trusted; what cannot be read is skipped and told by
 * dz_reader_damage().
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
	const uint8_t *data; /* not NUL-terminated; valid as long as the reader */
	size_t size;
};

/* An id that refers to a dictionary entry that was lost to damage. Lookups of it, and of 0, give
 * nothing. */
#define DZ_ID_DAMAGED UINT32_MAX

struct dz_reader_options {
	uint64_t memory_limit_bytes; /* 0: 1 GiB */
	uint64_t since_ns;           /* CLOCK_BOOTTIME; events before are left out */
	uint64_t until_ns; /* CLOCK_BOOTTIME; events at or after are left out; 0: no limit */
	uint64_t kinds; /* bit n: kind number n is wanted; 0: all. Numbers from 64 on: only if 0 */
	/* By kind number, 64 words that outlive the reading: bit n stands for field n of struct
	 * dz_<kind>. Fields that are not wanted are 0, and cost nothing to read. NULL: all. */
	const uint64_t *wanted_fields;
};

/* One stretch of the file that could not be read. */
struct dz_damage {
	uint64_t offset;
	uint64_t size_bytes;
	enum dz_status status;
	const char *what; /* static phrase: what is wrong */
};

/* One block, as its header tells it. */
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
	uint32_t kind;    /* number; may be one that this version does not know */
	uint64_t time_ns; /* CLOCK_BOOTTIME */
	const struct dz_kind_schema *schema; /* the file's own */
	const uint64_t *values; /* schema->field_count values in the file's order, ids file-wide */
	const void *row; /* struct dz_<kind> of this version, absent fields 0; NULL if kind is
			    unknown */
};

/*
 * Reads the file header, walks the blocks and loads what is needed to start. The source's context
 * must outlive the reader. options may be NULL. DZ_OK also if parts are damaged or the end is
 * missing. Errors: DZ_FOREIGN, DZ_UNSUPPORTED, DZ_TRUNCATED or DZ_CORRUPT (the header, and no block
 * is found), DZ_IO, DZ_LIMIT, DZ_NO_MEMORY.
 */
DZ_MUST_CHECK enum dz_status dz_reader_open(const struct dz_source *source,
					    const struct dz_reader_options *options,
					    struct dz_reader **ret_reader);

/* The next wanted row that has a time, in order of time over all kinds (dictionaries, schema and
 * index are not among them). *ret_event and what it points to are valid until the next call.
 * DZ_END after the last; DZ_IO, DZ_LIMIT, DZ_NO_MEMORY, which end the reading until
 * dz_reader_rewind(). */
DZ_MUST_CHECK enum dz_status dz_reader_next(struct dz_reader *reader, struct dz_event *ret_event);

/* Starts again from the first event, with other options. */
DZ_MUST_CHECK enum dz_status dz_reader_rewind(struct dz_reader *reader,
					      const struct dz_reader_options *options);

/* All 0 if the header is damaged; its blocks can be read without it. */
const struct dz_file_header *dz_reader_header(const struct dz_reader *reader);

/* Lookups by file-wide id. An unknown id, 0 and DZ_ID_DAMAGED give size 0 or NULL. Pointers live as
 * long as the reader. */
struct dz_bytes dz_reader_string(const struct dz_reader *reader, uint64_t id);
const struct dz_module *dz_reader_module(const struct dz_reader *reader, uint64_t id);
const struct dz_frame *dz_reader_frame(const struct dz_reader *reader, uint64_t id);
const struct dz_stack *dz_reader_stack(const struct dz_reader *reader, uint64_t id);
const struct dz_task *dz_reader_task(const struct dz_reader *reader, uint64_t id);

/* CLOCK_REALTIME (ns since 1970) of a CLOCK_BOOTTIME, by the last reading of the clocks before it.
 */
uint64_t dz_reader_realtime_ns(const struct dz_reader *reader, uint64_t boottime_ns);

/* First and last time of all events in the file; both 0 if it has none. */
void dz_reader_span(const struct dz_reader *reader, uint64_t *ret_first_ns, uint64_t *ret_last_ns);

/* The last value noted for a key of kind info; size 0 if there is none. All of them come as events,
 * too. */
struct dz_bytes dz_reader_info(const struct dz_reader *reader, const char *key);

/* Blocks in file order, including those whose payload turned out to be damaged. */
const struct dz_block_info *dz_reader_blocks(const struct dz_reader *reader, size_t *ret_count);

/* Decodes every block, whatever the options, so that dz_reader_damage() is complete. */
DZ_MUST_CHECK enum dz_status dz_reader_verify(struct dz_reader *reader);

/* What could not be read, as far as it has been looked at, in file order. Complete after
 * dz_reader_verify(); reading to DZ_END looks only at what the events need. */
const struct dz_damage *dz_reader_damage(const struct dz_reader *reader, size_t *ret_count);

/* The recorder closed the file: index and trailer are there and sound. */
bool dz_reader_closed(const struct dz_reader *reader);

/* The flags of the trailer, DZ_TRAILER_CLEAN, _REPAIRED, _SCRUBBED (dz/trailer.h); 0 without a
 * trailer. */
uint32_t dz_reader_flags(const struct dz_reader *reader);

/* NULL is allowed. */
void dz_reader_close(struct dz_reader *reader);

#endif
