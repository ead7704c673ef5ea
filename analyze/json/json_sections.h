/* analyze/json/json_sections.h - steps and phases, held until they can be written in their section
 *
 * A section record has the time when the section stopped, so the steps and phases in it come before
 * it. They are held as records of the file, up to JSON_SECTIONS_BYTES. Those beyond this limit, and
 * those whose section is not in the file, become separate objects.
 */
#ifndef ANALYZE_JSON_JSON_SECTIONS_H
#define ANALYZE_JSON_JSON_SECTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "analyze/json/json_value.h"
#include "analyze/replay/visitor.h"

/* Limit for all records held at the same time. */
#define JSON_SECTIONS_BYTES (UINT64_C(256) << 20)

/* Makes objects of events. */
struct json_sections_maker {
	struct json_writer *writer; /* for the objects */
	void *context;
	/* Appends an object without its closing brace to the buffer of the writer. `inside`: for a
	 * place inside the object of a section, without the members that the section has. */
	void (*put)(void *context, const struct visitor_event *event, bool inside);
};

struct json_sections;

/* Copies *maker. Returns false on allocation failure. */
bool json_sections_new(const struct json_sections_maker *maker,
		       struct json_sections **ret_sections);

/* Adds an event of kind section, step or phase. This function and the next two return false on
 * allocation failure, and if the stream reports an error. */
bool json_sections_add(struct json_sections *sections, const struct visitor_event *event);

/* Writes the sections that ended before `unix_ns`. Call before writing anything of that time. */
bool json_sections_write_before(struct json_sections *sections, uint64_t unix_ns);

/* Writes all sections and records that are still held. */
bool json_sections_finish(struct json_sections *sections);

/* Frees what is still held, without writing it. NULL is allowed. */
void json_sections_free(struct json_sections *sections);

#endif
