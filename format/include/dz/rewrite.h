/* dz/rewrite.h - copies a file and replaces its strings, for scrubbing
 *
 * Only blocks of strings are written anew. All other blocks are copied unchanged, without the
 * damaged ones.
 */
#ifndef DZ_REWRITE_H
#define DZ_REWRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <dz/reader.h>
#include <dz/sink.h>
#include <dz/source.h>
#include <dz/status.h>

/* The bit of every field that this version does not know. */
#define DZ_USE_UNKNOWN ((uint64_t)1 << 63)

/* The fields that refer to a string, in its generation. */
struct dz_string_use {
	uint64_t fields;          /* bits of dz_string_use_bit(), at least one */
	struct dz_bytes info_key; /* of the last info record that has it as value; or size 0 */
};

/* Returns the bit of a field of type STRING, or 0 if this version has no such field. */
uint64_t dz_string_use_bit(uint32_t kind, const char *field_name);

struct dz_rewrite_options {
	void *context;
	/* Called in each generation for each string that a record refers to, except those that
	 * the schema refers to. *ret_text is the string; map() can set it to another string of at
	 * most 4096 bytes, valid until the next call. Equal strings of a generation are one string:
	 * a name with two uses is replaced in both. Strings without references become empty.
	 * Returns false on allocation failure. */
	bool (*map)(void *context, struct dz_bytes text, const struct dz_string_use *use,
		    struct dz_bytes *ret_text);
	bool drop_unknown;  /* skip blocks of kinds that the schema of the file does not describe */
	bool clear_boot_id; /* write 0 as the boot id, which identifies the machine */
};

/* Writes the copy, with the same uuid and DZ_TRAILER_SCRUBBED. Borrows all arguments. Returns the
 * errors of dz_reader_open() and of the sink; then a part of the copy can be written. */
DZ_MUST_CHECK enum dz_status dz_rewrite(const struct dz_source *source, const struct dz_sink *sink,
					const struct dz_rewrite_options *options);

#endif
