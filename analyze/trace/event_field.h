/* analyze/trace/event_field.h - fields of an event by name, and the words for their numbers */
#ifndef ANALYZE_TRACE_EVENT_FIELD_H
#define ANALYZE_TRACE_EVENT_FIELD_H

#include <stdbool.h>
#include <stdint.h>

#include <dz/reader.h>

/* The value of the field with this name and type; false if the event's kind has none. */
bool event_field_find(const struct dz_event *event, const char *name, enum dz_type type,
		      uint64_t *ret_value);

/*
 * The word for a number that stands for one, such as "ignored" for 1 in field result of kind
 * signal; NULL if the field holds plain numbers or the number has no word. Static.
 */
const char *event_field_word(uint32_t kind, const char *field, uint64_t value);

#endif
