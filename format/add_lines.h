/* format/add_lines.h - copies a file with source lines and inlined functions in its stacks
 *
 * Frames of which something is known are written anew, and stacks refer to the new ones; all else
 * is copied as it is. In each generation the dictionaries of strings, modules and frames come
 * first. Damaged blocks are left out.
 */
#ifndef FORMAT_ADD_LINES_H
#define FORMAT_ADD_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <dz/reader.h>
#include <dz/sink.h>
#include <dz/source.h>
#include <dz/status.h>

/* A place in code: what a frame of a user stack without a source line points to. */
struct dz_place {
	struct dz_bytes build_id;
	uint64_t address; /* as linked; after a call, that of the call's last byte */
};

/* One function at a place. */
struct dz_place_function {
	const char *name; /* "" if it is not known */
	const char *file; /* "" if it is not known */
	uint64_t offset;  /* of the place from the function's start; not of an inlined one */
	uint32_t line;    /* 0 if it is not known */
	bool inlined;     /* into the next one of the same place */
};

struct dz_add_lines_options {
	void *context;
	/* The functions at a place, innermost first; valid until the next call. Returns how many;
	 * 0: nothing is known, and the frame stays as it is. */
	size_t (*find)(void *context, const struct dz_place *place,
		       const struct dz_place_function **ret_functions);
};

struct dz_add_lines_result {
	uint64_t frames;  /* that got a line or a name, once for each generation */
	uint64_t inlined; /* functions added to them */
};

/* Calls find() for the places of all frames, as dz_add_lines() does, and copies nothing. */
DZ_MUST_CHECK enum dz_status dz_find_places(const struct dz_source *source,
					    const struct dz_add_lines_options *options);

/* The uuid stays. The errors of dz_reader_open(), and what the sink returns. DZ_UNSUPPORTED: the
 * file's frames have no lines, or those of a newer version. */
DZ_MUST_CHECK enum dz_status dz_add_lines(const struct dz_source *source,
					  const struct dz_sink *sink,
					  const struct dz_add_lines_options *options,
					  struct dz_add_lines_result *ret_result);

#endif
