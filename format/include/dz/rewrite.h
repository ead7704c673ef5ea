/* dz/rewrite.h - copies a file with other strings, to give it away without the names in it
 *
 * Only dictionaries of strings are made anew; all other blocks are copied as they are. Damaged
 * blocks are left out.
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

/* The bit of all fields that this version does not know. */
#define DZ_USE_UNKNOWN ((uint64_t)1 << 63)

/* Who refers to a string, in its generation. */
struct dz_string_use {
	uint64_t fields;          /* bits of dz_string_use_bit(), at least one */
	struct dz_bytes info_key; /* if it is the value of an info record: the key of the last */
};

/* The bit that stands for a field of the type STRING; 0 if there is no such field. */
uint64_t dz_string_use_bit(uint32_t kind, const char *field_name);

struct dz_rewrite_options {
	void *context;
	/* Called for each string that a record refers to, in each generation; strings that nobody
	 * refers to become empty. May set *ret_text,
	 * which is the string as it is, to another one of at most 4096 bytes, which must be valid
	 * until the next call. Equal strings of one generation are one string: a name that is used
	 * for two things is replaced in both. Strings that name kinds and fields are not among
	 * them. False: no memory. */
	bool (*map)(void *context, struct dz_bytes text, const struct dz_string_use *use,
		    struct dz_bytes *ret_text);
	bool drop_unknown;  /* leave out blocks of kinds that the file does not describe */
	bool clear_boot_id; /* the boot id, in the file header, tells which machine it was */
};

/* The uuid stays. The errors of dz_reader_open(), and what the sink returns. */
DZ_MUST_CHECK enum dz_status dz_rewrite(const struct dz_source *source, const struct dz_sink *sink,
					const struct dz_rewrite_options *options);

#endif
