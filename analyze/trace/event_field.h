/* analyze/trace/event_field.h - fields of an event by name, and words for enum values */
#ifndef ANALYZE_TRACE_EVENT_FIELD_H
#define ANALYZE_TRACE_EVENT_FIELD_H

#include <stdbool.h>
#include <stdint.h>

#include <dz/reader.h>

/* Finds the value of the field with this name and type. Returns false if the kind of the event has
 * no such field. */
bool event_field_find(const struct dz_event *event, const char *name, enum dz_type type,
		      uint64_t *ret_value);

/*
 * Returns the word for an enum value, such as "ignored" for 1 in field result of kind signal. NULL
 * if the field is not an enum or the value has no word. Static.
 */
const char *event_field_word(uint32_t kind, const char *field, uint64_t value);

#endif
