/* analyze/json/json_sections.h - steps and phases, held back until they can be written in their
 * section
 *
 * A section is told when it stops; what happened in it comes before. Rows are held as they are in
 * the file, as many as there is room for. What cannot be held, and what is in no section of the
 * file, becomes an object of its own.
 */
#ifndef ANALYZE_JSON_JSON_SECTIONS_H
#define ANALYZE_JSON_JSON_SECTIONS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "analyze/replay/visitor.h"

/* Of all rows that are held at the same time. */
#define JSON_SECTIONS_BYTES (UINT64_C(256) << 20)

/* Makes objects of rows. */
struct json_sections_maker {
	FILE *out; /* where they are written */
	void *context;
	/* `inside` of a section, without what that says itself. NULL without memory. */
	json_t *(*make)(void *context, const struct visitor_event *event, bool inside);
};

struct json_sections;

/* False without memory. The maker is copied. */
bool json_sections_new(const struct json_sections_maker *maker,
		       struct json_sections **ret_sections);

/* Takes a row of kind section, step or phase. This and the following return false without memory,
 * or if the stream reports an error. */
bool json_sections_add(struct json_sections *sections, const struct visitor_event *event);

/* To be called before anything of that time is written: writes the sections that ended before. */
bool json_sections_write_before(struct json_sections *sections, uint64_t unix_ns);

/* Writes everything that is held. */
bool json_sections_finish(struct json_sections *sections);

/* NULL is allowed. */
void json_sections_free(struct json_sections *sections);

#endif
