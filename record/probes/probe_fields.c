/* record/probes/probe_fields.c - arguments of a function, or fields of a tracepoint, as text */
#include "record/probes/probe_fields.h"

#include <endian.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PROBE_TRACE_HEADER_BYTES 8u

/* From where it begins with five levels of page tables, up to where nothing is mapped that a
 * pointer goes to; what is above are negative numbers. */
#define KERNEL_BEGIN UINT64_C(0xff00000000000000)
#define KERNEL_END   UINT64_C(0xffffffffff000000)

bool probe_fields_add(struct probe_fields *fields, const char *name,
		      const struct probe_field *field)
{
	struct probe_field *added = &fields->fields[fields->count];

	if (fields->count == PROBE_FIELDS_MAX)
		return false;
	*added = *field;
	(void)snprintf(added->name, sizeof(added->name), "%s", name);
	fields->count++;
	return true;
}

static uint64_t read_number(const struct event_probe_data *hit, const struct probe_field *field)
{
	uint64_t value = 0;

	if (field->size_bytes <= sizeof(value) &&
	    field->offset_bytes <= sizeof(*hit) - field->size_bytes)
		memcpy(&value, (const char *)hit + field->offset_bytes, field->size_bytes);
	return le64toh(value);
}

static int64_t read_signed(const struct event_probe_data *hit, const struct probe_field *field)
{
	unsigned int shift = 64u - 8u * (field->size_bytes ? field->size_bytes : 8u);

	return (int64_t)(read_number(hit, field) << shift) >> shift;
}

bool probe_number_is_place(uint64_t number)
{
	return number >= KERNEL_BEGIN && number < KERNEL_END;
}

static int put_unsigned(char *out, size_t room, uint64_t number)
{
	if (probe_number_is_place(number))
		return snprintf(out, room, "[address]");
	return snprintf(out, room, "%" PRIu64, number);
}

/* Quotes in it are doubled, so that the end of it can be told. */
static int put_string(char *out, size_t room, const struct event_probe_data *hit,
		      const struct probe_field *place)
{
	const char *from = (const char *)hit + place->offset_bytes;
	size_t length, used = 0;

	if (place->offset_bytes >= sizeof(*hit) ||
	    place->size_bytes > sizeof(*hit) - place->offset_bytes)
		return snprintf(out, room, "?");
	length = strnlen(from, place->size_bytes);
	if (2 * length + 3 > room)
		return (int)room;
	out[used++] = '"';
	for (size_t i = 0; i < length; i++) {
		out[used++] = from[i];
		if (from[i] == '"')
			out[used++] = '"';
	}
	out[used++] = '"';
	out[used] = '\0';
	return (int)used;
}

/* The low half of the word is the string's offset in the whole record, the high half its length. */
static int put_dynamic(char *out, size_t room, const struct event_probe_data *hit,
		       const struct probe_field *field)
{
	uint32_t word = (uint32_t)read_number(hit, field);
	struct probe_field place = {.size_bytes = word >> 16};
	uint32_t at = word & 0xffff;

	if (at < PROBE_TRACE_HEADER_BYTES || at - PROBE_TRACE_HEADER_BYTES >= PROBE_DATA_BYTES)
		return snprintf(out, room, "?");
	at -= PROBE_TRACE_HEADER_BYTES;
	if (place.size_bytes > PROBE_DATA_BYTES - at)
		place.size_bytes = PROBE_DATA_BYTES - at;
	place.offset_bytes = (uint32_t)offsetof(struct event_probe_data, data) + at;
	return put_string(out, room, hit, &place);
}

static int put_value(char *out, size_t room, const struct event_probe_data *hit,
		     const struct probe_field *field)
{
	switch (field->form) {
	case PROBE_FIELD_UNSIGNED:
		return put_unsigned(out, room, read_number(hit, field));
	case PROBE_FIELD_SIGNED:
		return snprintf(out, room, "%" PRId64, read_signed(hit, field));
	case PROBE_FIELD_BOOLEAN:
		return snprintf(out, room, "%s", read_number(hit, field) ? "true" : "false");
	case PROBE_FIELD_STRING:
		return put_string(out, room, hit, field);
	case PROBE_FIELD_DYNAMIC:
		return put_dynamic(out, room, hit, field);
	case PROBE_FIELD_POINTER:
		return snprintf(out, room, "%s", read_number(hit, field) ? "[pointer]" : "NULL");
	case PROBE_FIELD_OPAQUE:
		break;
	}
	return snprintf(out, room, "[%" PRIu32 " bytes]", field->size_bytes);
}

void probe_fields_text(const struct probe_fields *fields, const struct event_probe_data *hit,
		       char out[PROBE_FIELDS_TEXT_MAX])
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < fields->count; i++) {
		const struct probe_field *field = &fields->fields[i];
		size_t room = PROBE_FIELDS_TEXT_MAX - used;
		int name = snprintf(out + used, room, "%s%s=", used ? " " : "", field->name);
		int value = 0;

		if (name >= 0 && (size_t)name < room)
			value = put_value(out + used + name, room - (size_t)name, hit, field);
		if (name < 0 || value <= 0 || (size_t)name + (size_t)value >= room) {
			out[used] = '\0';
			return;
		}
		used += (size_t)name + (size_t)value;
	}
}
