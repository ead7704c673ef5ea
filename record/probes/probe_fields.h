/* record/probes/probe_fields.h - formats the arguments of a function or fields of a tracepoint */
#ifndef RECORD_PROBES_PROBE_FIELDS_H
#define RECORD_PROBES_PROBE_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/event.h"

#define PROBE_FIELDS_MAX      32
#define PROBE_FIELD_NAME_MAX  48
#define PROBE_FIELDS_TEXT_MAX 1024

enum probe_field_form {
	PROBE_FIELD_UNSIGNED,
	PROBE_FIELD_SIGNED,
	PROBE_FIELD_BOOLEAN,
	PROBE_FIELD_STRING,      /* bytes at its offset, up to a NUL */
	PROBE_FIELD_DYNAMIC,     /* a word with the offset and length of a string in the record */
	PROBE_FIELD_POINTER,     /* only whether it is NULL: kernel addresses are not recorded */
	PROBE_FIELD_OPAQUE,      /* only its size */
	PROBE_FIELD_USER_NUMBER, /* unsigned, of a user program: never a kernel address */
	/* A string that an argument of a user program points to, or why it was not read. */
	PROBE_FIELD_USER_STRING,
	PROBE_FIELD_USER_POINTER, /* an address of a user program, or NULL */
};

struct probe_field {
	char name[PROBE_FIELD_NAME_MAX];
	enum probe_field_form form;
	uint32_t offset_bytes; /* in struct event_probe_data */
	uint32_t size_bytes;
	bool is_stack_word; /* of the stack of a user program, which may be unreadable */
};

struct probe_fields {
	struct probe_field fields[PROBE_FIELDS_MAX];
	size_t count;
	uint32_t record_bytes; /* of the record of a tracepoint, after its first 8 bytes */
	uint32_t strings;      /* as in struct probe_config */
	uint32_t pointees;
	uint32_t path_argument;
	uint32_t argument_count; /* as in struct probe_config */
};

/* Adds a field; truncates a long name. Returns false if there are PROBE_FIELDS_MAX already. */
bool probe_fields_add(struct probe_fields *fields, const char *name,
		      const struct probe_field *field);

/* Writes all fields of a hit, such as "count=4096 pos=0". Omits whole fields that do not fit. */
void probe_fields_text(const struct probe_fields *fields, const struct event_probe_data *hit,
		       char out[PROBE_FIELDS_TEXT_MAX]);

/* Returns the number of upper bits of a word of 64 bits that are not of a number of this field. A
 * size of 0, or of 8 and more, has all bits. */
unsigned int probe_field_unused_bits(const struct probe_field *field);

/* Returns whether a number has the value of a kernel address: some arguments are addresses with the
 * type of a number. Error numbers are not. */
bool probe_number_is_address(uint64_t number);

#endif
