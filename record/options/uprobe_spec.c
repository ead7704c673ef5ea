/* record/options/uprobe_spec.c - the two places of --uprobe: start and stop of a section */
#include "record/options/uprobe_spec.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record/options/syscall_rule.h"
#include "text/quantity.h"

#define UPROBE_TEXT_MAX 16384u
#define UPROBE_PID_MAX  4194304u

static bool copy_text(char *out, size_t capacity, const char *value)
{
	size_t size = strlen(value) + 1;

	if (size == 1 || size > capacity)
		return false;
	memcpy(out, value, size);
	return true;
}

static bool parse_tgid(struct uprobe_spec *spec, const char *value)
{
	uint64_t pid;

	if (!quantity_parse_count(value, UPROBE_PID_MAX, &pid) || pid == 0)
		return false;
	spec->pid = (uint32_t)pid;
	return true;
}

/* Decimal, or hexadecimal after 0x, as disassemblers print it. */
static bool parse_offset(uint64_t *ret_offset, const char *value)
{
	bool is_hexadecimal = strncmp(value, "0x", 2) == 0;
	char *end;

	if (!is_hexadecimal)
		return quantity_parse_count(value, INT64_MAX, ret_offset);
	if (value[2] == '\0' || value[2 + strspn(value + 2, "0123456789abcdefABCDEF")] != '\0')
		return false;
	errno = 0;
	*ret_offset = strtoull(value, &end, 16);
	return errno == 0 && *end == '\0';
}

static bool parse_start_file(struct uprobe_spec *spec, const char *value)
{
	return copy_text(spec->start.file, sizeof(spec->start.file), value);
}

static bool parse_start_symbol(struct uprobe_spec *spec, const char *value)
{
	return copy_text(spec->start.symbol, sizeof(spec->start.symbol), value);
}

static bool parse_start_offset(struct uprobe_spec *spec, const char *value)
{
	return parse_offset(&spec->start.offset_bytes, value);
}

static bool parse_address(struct uprobe_place *place, const char *value)
{
	place->is_address = true;
	return parse_offset(&place->offset_bytes, value);
}

static bool parse_start_address(struct uprobe_spec *spec, const char *value)
{
	return parse_address(&spec->start, value);
}

static bool parse_stop_address(struct uprobe_spec *spec, const char *value)
{
	return parse_address(&spec->stop, value);
}

static bool parse_stop_file(struct uprobe_spec *spec, const char *value)
{
	return copy_text(spec->stop.file, sizeof(spec->stop.file), value);
}

static bool parse_stop_symbol(struct uprobe_spec *spec, const char *value)
{
	return copy_text(spec->stop.symbol, sizeof(spec->stop.symbol), value);
}

static bool parse_stop_offset(struct uprobe_spec *spec, const char *value)
{
	return parse_offset(&spec->stop.offset_bytes, value);
}

static bool parse_threshold(struct uprobe_spec *spec, const char *value)
{
	return section_threshold_parse(value, &spec->threshold_ns);
}

static bool parse_label(struct uprobe_spec *spec, const char *value)
{
	return copy_text(spec->label, sizeof(spec->label), value);
}

static const struct key {
	const char *name;
	bool (*parse)(struct uprobe_spec *spec, const char *value);
	const char *wrong;
} keys[] = {
	{"tgid", parse_tgid, "tgid= is not a process ID"},
	{"start-file", parse_start_file, "start-file= is empty or too long"},
	{"start-symbol", parse_start_symbol, "start-symbol= is empty or too long"},
	{"start-offset", parse_start_offset, "start-offset= is not a number"},
	{"start-address", parse_start_address, "start-address= is not a number"},
	{"stop-file", parse_stop_file, "stop-file= is empty or too long"},
	{"stop-symbol", parse_stop_symbol, "stop-symbol= is empty or too long"},
	{"stop-offset", parse_stop_offset, "stop-offset= is not a number"},
	{"stop-address", parse_stop_address, "stop-address= is not a number"},
	{"threshold", parse_threshold,
	 "threshold= is not a time: use for example 100 (ms) or 250us"},
	{"label", parse_label, "label= is empty or has more than 47 bytes"},
};

#define KEY_COUNT (sizeof(keys) / sizeof(keys[0]))

static bool parse_word(struct uprobe_spec *spec, char *word, bool *given, const char **ret_what)
{
	char *value = strchr(word, '=');

	*ret_what = "unknown key: use tgid=, start-file=, start-symbol=, "
		    "start-offset=, start-address=, stop-file=, stop-symbol=, stop-offset=, "
		    "stop-address=, threshold= or label=";
	if (!value)
		return false;
	*value++ = '\0';
	for (size_t i = 0; i < KEY_COUNT; i++) {
		if (strcmp(word, keys[i].name) != 0)
			continue;
		*ret_what = given[i] ? "a key is given twice" : keys[i].wrong;
		if (given[i] || !keys[i].parse(spec, value))
			return false;
		given[i] = true;
		return true;
	}
	return false;
}

static bool is_given(const bool *given, const char *name)
{
	for (size_t i = 0; i < KEY_COUNT; i++) {
		if (strcmp(keys[i].name, name) == 0)
			return given[i];
	}
	return false;
}

static bool complete(struct uprobe_spec *spec, const bool *given, const char **ret_what)
{
	bool has_stop = is_given(given, "stop-symbol") || is_given(given, "stop-offset") ||
			is_given(given, "stop-address");

	if (!is_given(given, "start-symbol") && !is_given(given, "start-offset") &&
	    !is_given(given, "start-address")) {
		*ret_what = "no start: add start-symbol=, start-offset= or start-address=";
		return false;
	}
	if ((spec->start.is_address &&
	     (is_given(given, "start-symbol") || is_given(given, "start-offset"))) ||
	    (spec->stop.is_address &&
	     (is_given(given, "stop-symbol") || is_given(given, "stop-offset")))) {
		*ret_what = "an address takes neither a symbol nor an offset";
		return false;
	}
	if (!spec->start.file[0] && !spec->pid) {
		*ret_what = "no file: add start-file= or tgid=";
		return false;
	}
	if (!has_stop && is_given(given, "stop-file")) {
		*ret_what = "no place in stop-file=: add stop-symbol=, stop-offset= or "
			    "stop-address=";
		return false;
	}
	spec->stop_is_return = !has_stop;
	if (!spec->start.file[0])
		(void)snprintf(spec->start.file, sizeof(spec->start.file), "/proc/%u/exe",
			       spec->pid);
	if (spec->stop_is_return)
		spec->stop = spec->start;
	if (!spec->stop.file[0])
		memcpy(spec->stop.file, spec->start.file, sizeof(spec->stop.file));
	return true;
}

bool uprobe_spec_parse(const char *text, struct uprobe_spec *ret_spec, const char **ret_what)
{
	bool given[KEY_COUNT] = {false};
	char copy[UPROBE_TEXT_MAX];
	char *state = NULL, *word;
	struct uprobe_spec spec = {0};
	size_t size = strlen(text) + 1;

	*ret_what = "too long";
	if (size > sizeof(copy))
		return false;
	memcpy(copy, text, size);
	for (word = strtok_r(copy, " \t", &state); word; word = strtok_r(NULL, " \t", &state)) {
		if (!parse_word(&spec, word, given, ret_what))
			return false;
	}
	if (!complete(&spec, given, ret_what))
		return false;
	*ret_spec = spec;
	return true;
}
