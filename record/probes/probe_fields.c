/* record/probes/probe_fields.c - formats the arguments of a function or fields of a tracepoint */
#include "record/probes/probe_fields.h"

#include <endian.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PROBE_TRACE_HEADER_BYTES 8u

/* Kernel addresses start here with five levels of page tables, and end where nothing is mapped;
 * values above are negative numbers. */
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

unsigned int probe_field_unused_bits(const struct probe_field *field)
{
	bool is_part = field->size_bytes > 0 && field->size_bytes < sizeof(uint64_t);

	return is_part ? 64u - 8u * field->size_bytes : 0;
}

static int64_t read_signed(const struct event_probe_data *hit, const struct probe_field *field)
{
	unsigned int shift = probe_field_unused_bits(field);

	return (int64_t)(read_number(hit, field) << shift) >> shift;
}

bool probe_number_is_address(uint64_t number)
{
	return number >= KERNEL_BEGIN && number < KERNEL_END;
}

static int put_unsigned(char *out, size_t space, uint64_t number)
{
	if (probe_number_is_address(number))
		return snprintf(out, space, "[address]");
	return snprintf(out, space, "%" PRIu64, number);
}

/* Doubles the quotes inside, so that a reader finds the end. */
static int put_string(char *out, size_t space, const struct event_probe_data *hit,
		      const struct probe_field *range)
{
	const char *from = (const char *)hit + range->offset_bytes;
	size_t length, used = 0;

	if (range->offset_bytes >= sizeof(*hit) ||
	    range->size_bytes > sizeof(*hit) - range->offset_bytes)
		return snprintf(out, space, "?");
	length = strnlen(from, range->size_bytes);
	if (2 * length + 3 > space)
		return (int)space;
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

/* The low half of the word is the offset of the string in the record, the high half its length. */
static int put_dynamic(char *out, size_t space, const struct event_probe_data *hit,
		       const struct probe_field *field)
{
	uint32_t word = (uint32_t)read_number(hit, field);
	struct probe_field range = {.size_bytes = word >> 16};
	uint32_t at = word & 0xffff;

	if (at < PROBE_TRACE_HEADER_BYTES || at - PROBE_TRACE_HEADER_BYTES >= PROBE_DATA_BYTES)
		return snprintf(out, space, "?");
	at -= PROBE_TRACE_HEADER_BYTES;
	if (range.size_bytes > PROBE_DATA_BYTES - at)
		range.size_bytes = PROBE_DATA_BYTES - at;
	range.offset_bytes = (uint32_t)offsetof(struct event_probe_data, data) + at;
	return put_string(out, space, hit, &range);
}

/* The place of argument i's string is one behind that of kernel functions. */
static int put_user_string(char *out, size_t space, const struct event_probe_data *hit,
			   const struct probe_field *field)
{
	uint32_t place = (field->offset_bytes - (uint32_t)offsetof(struct event_probe_data, data)) /
			 PROBE_STRING_BYTES;
	const uint8_t *string = hit->data + (size_t)place * PROBE_STRING_BYTES;

	if (place < PROBE_USDT_STRING || place - PROBE_USDT_STRING >= PROBE_ARGUMENTS_MAX)
		return snprintf(out, space, "?");
	if (hit->arguments[place - PROBE_USDT_STRING] == 0)
		return snprintf(out, space, "NULL");
	if (string[PROBE_STRING_BYTES - 1] == PROBE_STRING_UNREAD)
		return snprintf(out, space, "[not in memory]");
	return put_string(out, space, hit, field);
}

static int put_address(char *out, size_t space, uint64_t address)
{
	if (address == 0)
		return snprintf(out, space, "NULL");
	return snprintf(out, space, "0x%" PRIx64, address);
}

static int put_value(char *out, size_t space, const struct event_probe_data *hit,
		     const struct probe_field *field)
{
	if (field->is_stack_word && hit->data[PROBE_DATA_BYTES - 1] == PROBE_STRING_UNREAD)
		return snprintf(out, space, "[not in memory]");
	switch (field->form) {
	case PROBE_FIELD_UNSIGNED:
		return put_unsigned(out, space, read_number(hit, field));
	case PROBE_FIELD_SIGNED:
		return snprintf(out, space, "%" PRId64, read_signed(hit, field));
	case PROBE_FIELD_BOOLEAN:
		return snprintf(out, space, "%s", read_number(hit, field) ? "true" : "false");
	case PROBE_FIELD_STRING:
		return put_string(out, space, hit, field);
	case PROBE_FIELD_USER_NUMBER:
		return snprintf(out, space, "%" PRIu64, read_number(hit, field));
	case PROBE_FIELD_USER_POINTER:
		return put_address(out, space, read_number(hit, field));
	case PROBE_FIELD_USER_STRING:
		return put_user_string(out, space, hit, field);
	case PROBE_FIELD_DYNAMIC:
		return put_dynamic(out, space, hit, field);
	case PROBE_FIELD_POINTER:
		return snprintf(out, space, "%s", read_number(hit, field) ? "[pointer]" : "NULL");
	case PROBE_FIELD_OPAQUE:
		break;
	}
	return snprintf(out, space, "[%" PRIu32 " bytes]", field->size_bytes);
}

void probe_fields_text(const struct probe_fields *fields, const struct event_probe_data *hit,
		       char out[PROBE_FIELDS_TEXT_MAX])
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < fields->count; i++) {
		const struct probe_field *field = &fields->fields[i];
		size_t space = PROBE_FIELDS_TEXT_MAX - used;
		int name = snprintf(out + used, space, "%s%s=", used ? " " : "", field->name);
		int value = 0;

		if (name >= 0 && (size_t)name < space)
			value = put_value(out + used + name, space - (size_t)name, hit, field);
		if (name < 0 || value <= 0 || (size_t)name + (size_t)value >= space) {
			out[used] = '\0';
			return;
		}
		used += (size_t)name + (size_t)value;
	}
}
