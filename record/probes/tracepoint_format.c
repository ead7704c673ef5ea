/* record/probes/tracepoint_format.c - reads the fields of a tracepoint from tracefs
 *
 * A field is a line: field:TYPE NAME[COUNT]; offset:N; size:N; signed:N;
 */
#include "record/probes/tracepoint_format.h"

#include <stdio.h>
#include <string.h>

#include "base/line_reader.h"

#define TRACE_HEADER_BYTES  8u
#define TRACE_DYNAMIC_BYTES 256u /* of strings after the fixed part that are recorded */
#define TRACE_LINE_MAX      512u

/* Tracepoints of system calls store every argument in a word, declared as unsigned. Only the bytes
 * of its type are valid. */
static const struct natural {
	const char *type;
	uint32_t size_bytes;
	bool is_signed;
} naturals[] = {
	{"int", 4, true},          {"unsigned int", 4, false}, {"unsigned", 4, false},
	{"long", 8, true},         {"loff_t", 8, true},        {"off_t", 8, true},
	{"pid_t", 4, true},        {"uid_t", 4, false},        {"gid_t", 4, false},
	{"qid_t", 4, false},       {"umode_t", 2, false},      {"clockid_t", 4, true},
	{"timer_t", 4, true},      {"mqd_t", 4, true},         {"key_t", 4, true},
	{"key_serial_t", 4, true}, {"rwf_t", 4, true},         {"u32", 4, false},
	{"__u32", 4, false},       {"__s32", 4, true},
};

/* Returns NULL if size and sign of the line are right. */
static const struct natural *natural_of(const char *type)
{
	if (strncmp(type, "const ", strlen("const ")) == 0)
		type += strlen("const ");
	for (size_t i = 0; i < sizeof(naturals) / sizeof(naturals[0]); i++) {
		if (strcmp(naturals[i].type, type) == 0)
			return &naturals[i];
	}
	return NULL;
}

/* Splits "TYPE NAME[COUNT]". Returns NAME without the brackets. */
static char *split_declaration(char *declaration, bool *ret_is_array)
{
	char *bracket = strchr(declaration, '['), *space;

	/* __data_loc char[] NAME has its brackets in the type. */
	*ret_is_array = bracket && !strchr(bracket, ' ');
	if (*ret_is_array)
		*bracket = '\0';
	space = strrchr(declaration, ' ');
	if (!space)
		return NULL;
	*space = '\0';
	return space + 1;
}

static enum probe_field_form form_of(const char *type, bool is_array, bool is_signed, uint32_t size)
{
	bool is_char = strstr(type, "char") != NULL;

	if (strncmp(type, "__data_loc", strlen("__data_loc")) == 0)
		return is_char ? PROBE_FIELD_DYNAMIC : PROBE_FIELD_OPAQUE;
	if (is_array)
		return strcmp(type, "char") == 0 ? PROBE_FIELD_STRING : PROBE_FIELD_OPAQUE;
	if (strchr(type, '*'))
		return PROBE_FIELD_POINTER;
	if (strcmp(type, "bool") == 0)
		return PROBE_FIELD_BOOLEAN;
	if (size != 1 && size != 2 && size != 4 && size != 8)
		return PROBE_FIELD_OPAQUE;
	return is_signed ? PROBE_FIELD_SIGNED : PROBE_FIELD_UNSIGNED;
}

static void read_field(char *declaration, const unsigned int numbers[3],
		       struct probe_fields *fields)
{
	const unsigned int offset = numbers[0], size = numbers[1];
	struct probe_field field = {.size_bytes = size};
	uint32_t end = offset - TRACE_HEADER_BYTES + size;
	bool is_array, is_signed = numbers[2] != 0;
	const struct natural *natural;
	char *name;

	if (offset < TRACE_HEADER_BYTES || offset > PROBE_DATA_BYTES || size > PROBE_DATA_BYTES ||
	    end > PROBE_DATA_BYTES)
		return;
	name = split_declaration(declaration, &is_array);
	if (!name)
		return;
	natural = is_array ? NULL : natural_of(declaration);
	if (natural && natural->size_bytes <= size) {
		field.size_bytes = natural->size_bytes;
		is_signed = natural->is_signed;
	}
	field.form = form_of(declaration, is_array, is_signed, field.size_bytes);
	field.offset_bytes =
		(uint32_t)offsetof(struct event_probe_data, data) + offset - TRACE_HEADER_BYTES;
	if (field.form == PROBE_FIELD_DYNAMIC)
		end += TRACE_DYNAMIC_BYTES;
	if (end > PROBE_DATA_BYTES)
		end = PROBE_DATA_BYTES;
	if (probe_fields_add(fields, name, &field) && end > fields->record_bytes)
		fields->record_bytes = end;
}

void tracepoint_format_read(int fd, struct probe_fields *ret_fields)
{
	const struct line_limits limits = {.line_bytes = TRACE_LINE_MAX - 1};
	char declaration[TRACE_LINE_MAX];
	struct probe_fields fields = {0};
	struct line_reader reader;
	unsigned int numbers[3];
	struct line line;

	*ret_fields = fields;
	if (line_reader_open(&reader, fd, &limits) != LINE_OK)
		return;
	while (line_reader_next(&reader, &line) == LINE_OK) {
		/* NOLINTNEXTLINE(cert-err34-c): nine digits always fit */
		if (sscanf(line.text, " field:%511[^;]; offset:%9u; size:%9u; signed:%9u;",
			   declaration, &numbers[0], &numbers[1], &numbers[2]) != 4)
			continue;
		/* Skips the fields of all tracepoints, and the number of the system call, which the
		 * name shows. */
		if (!strstr(declaration, " common_") && !strstr(declaration, " __syscall_nr"))
			read_field(declaration, numbers, &fields);
	}
	line_reader_close(&reader);
	*ret_fields = fields;
}

void tracepoint_format_add_path(const char *category, const char *name, struct probe_fields *fields)
{
	static const struct {
		const char *name;
		uint32_t argument;
	} calls[] = {{"sys_exit_execve", 0}, {"sys_exit_execveat", 1}};
	const struct probe_field path = {
		.form = PROBE_FIELD_STRING,
		.offset_bytes =
			(uint32_t)offsetof(struct event_probe_data, data) + PROBE_PATH_OFFSET,
		.size_bytes = PROBE_PATH_BYTES,
	};

	if (strcmp(category, "syscalls") != 0 || fields->record_bytes > PROBE_PATH_OFFSET)
		return;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (strcmp(calls[i].name, name) == 0 && probe_fields_add(fields, "filename", &path))
			fields->path_argument = 1 + calls[i].argument;
	}
}
