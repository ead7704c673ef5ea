/* format/add_lines.h - copies a file and adds source lines and inlined functions to its stacks
 *
 * A frame with known source lines gets new frames, and stacks refer to those. All other records are
 * copied unchanged, without damaged blocks. In each generation, the blocks of strings, modules and
 * frames come first.
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

/* The code address of a user frame that has no source line. */
struct dz_place {
	struct dz_bytes build_id;
	uint64_t address; /* as linked; of a caller: the last byte of its call instruction */
};

/* One function at a place. */
struct dz_place_function {
	const char *name; /* "": unknown */
	const char *file; /* "": unknown */
	uint64_t offset;  /* of the place in the function; ignored for inlined functions */
	uint32_t line;    /* 0: unknown */
	bool inlined;     /* into the next function of the same place */
};

struct dz_add_lines_options {
	void *context;
	/* Sets *ret_functions to the functions at a place, innermost first, valid until the next
	 * call. Returns their number; 0 keeps the frame unchanged. */
	size_t (*find)(void *context, const struct dz_place *place,
		       const struct dz_place_function **ret_functions);
};

struct dz_add_lines_result {
	uint64_t frames;  /* with functions found, counted in each generation */
	uint64_t inlined; /* functions added */
};

/* Calls find() for the places of all frames, as dz_add_lines() does, and writes nothing. Returns
 * the errors of dz_add_lines(), except those of the sink. */
DZ_MUST_CHECK enum dz_status dz_find_places(const struct dz_source *source,
					    const struct dz_add_lines_options *options);

/* Writes the copy, with the same uuid. Borrows all arguments; writes *ret_result on DZ_OK only.
 * Returns the errors of dz_reader_open() and of the sink, DZ_UNSUPPORTED if the frames of the file
 * have other fields than in this version or its stacks lack one, DZ_LIMIT if a dictionary gets too
 * large. */
DZ_MUST_CHECK enum dz_status dz_add_lines(const struct dz_source *source,
					  const struct dz_sink *sink,
					  const struct dz_add_lines_options *options,
					  struct dz_add_lines_result *ret_result);

#endif
