/* record/probes/probe_fields.h - arguments of a function, or fields of a tracepoint, as text */
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
	PROBE_FIELD_STRING,  /* bytes at its place, up to a NUL */
	PROBE_FIELD_DYNAMIC, /* a word that says where in the record a string is, and how long */
	PROBE_FIELD_POINTER, /* only whether it is NULL: where things are is nobody's business */
	PROBE_FIELD_OPAQUE,  /* only that it is there */
};

struct probe_field {
	char name[PROBE_FIELD_NAME_MAX];
	enum probe_field_form form;
	uint32_t offset_bytes; /* in struct event_probe_data */
	uint32_t size_bytes;
};

struct probe_fields {
	struct probe_field fields[PROBE_FIELDS_MAX];
	size_t count;
	uint32_t record_bytes; /* of a tracepoint's record after its first 8 bytes */
	uint32_t strings;      /* as in struct probe_config */
	uint32_t pointees;
};

/* Adds a field; false if there are too many already. A name that is too long is cut. */
bool probe_fields_add(struct probe_fields *fields, const char *name,
		      const struct probe_field *field);

/* "count=4096 pos=0": all fields of a hit. What does not fit is cut at a whole field. */
void probe_fields_text(const struct probe_fields *fields, const struct event_probe_data *hit,
		       char out[PROBE_FIELDS_TEXT_MAX]);

/* Whether a number is where something is in the kernel, as far as can be told by its size: some of
 * them are called numbers. Numbers of errors are not among them. */
bool probe_number_is_place(uint64_t number);

#endif
