/* record/options/probe_spec.c - a probe of the option -e */
#include "record/options/probe_spec.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PROBE_SPEC_BYTES_MAX 255u
#define PROBE_OFFSET_MAX     (1u << 20)

static const char *const form_names[] = {
	[PROBE_KPROBE] = "kprobe",
	[PROBE_KRETPROBE] = "kretprobe",
	[PROBE_TRACEPOINT] = "tracepoint",
};

#define FORM_COUNT (sizeof(form_names) / sizeof(form_names[0]))

const char *probe_form_name(enum probe_form form)
{
	return form_names[form];
}

/* Finds the form that a text starts with, FORM_COUNT if there is none; *ret_rest follows its colon.
 */
static size_t find_form(const char *text, const char **ret_rest)
{
	size_t form = 0;

	for (; form < FORM_COUNT; form++) {
		size_t length = strlen(form_names[form]);

		if (strncmp(text, form_names[form], length) == 0 && text[length] == ':') {
			*ret_rest = text + length + 1;
			break;
		}
	}
	return form;
}

bool probe_spec_is_meant(const char *text)
{
	const char *rest;

	return find_form(text, &rest) < FORM_COUNT;
}

static bool is_name(const char *text, bool with_wildcards)
{
	if (*text == '\0')
		return false;
	for (; *text; text++) {
		bool is_wildcard = *text == '*' || *text == '?';

		if (!isalnum((unsigned char)*text) && !strchr("_.$-", *text) &&
		    !(is_wildcard && with_wildcards))
			return false;
	}
	return true;
}

/* Splits "(a,b)" from the end of a text. */
static bool take_arguments(struct probe_spec *spec, char *text)
{
	char *open = strchr(text, '('), *name;
	size_t length;

	if (!open)
		return true;
	*open++ = '\0';
	length = strlen(open);
	if (length == 0 || open[length - 1] != ')')
		return false;
	open[length - 1] = '\0';
	spec->with_arguments = true;
	while (open && *open) {
		name = strsep(&open, ",");
		if (!is_name(name, false) || spec->argument_count == PROBE_ARGUMENTS_MAX)
			return false;
		spec->argument_names[spec->argument_count] = strdup(name);
		if (!spec->argument_names[spec->argument_count++])
			return false;
	}
	return true;
}

/* Splits "+OFFSET" from the end of a text. */
static bool take_offset(struct probe_spec *spec, char *text)
{
	char *plus = strchr(text, '+'), *end;

	if (!plus)
		return true;
	*plus++ = '\0';
	if (!isdigit((unsigned char)*plus))
		return false;
	errno = 0;
	spec->offset = strtoull(plus, &end, 0);
	return *end == '\0' && errno == 0 && spec->offset <= PROBE_OFFSET_MAX;
}

static const char *parse_rest(struct probe_spec *spec, char *text)
{
	char *colon;

	if (!take_arguments(spec, text))
		return "invalid arguments: write (NAME,NAME), at most 6";
	if (spec->form == PROBE_TRACEPOINT && spec->with_arguments)
		return "a tracepoint has no arguments: its fields are always recorded";
	if (!take_offset(spec, text))
		return "invalid offset: write FUNCTION+BYTES";
	if (spec->offset && spec->form != PROBE_KPROBE)
		return "an offset needs a kprobe: use kprobe:FUNCTION+BYTES";
	colon = strchr(text, ':');
	if (colon)
		*colon = '\0';
	if (!colon && spec->form == PROBE_TRACEPOINT)
		return "category missing: write tracepoint:CATEGORY:NAME";
	spec->module = strdup(colon ? text : "");
	spec->pattern = strdup(colon ? colon + 1 : text);
	if (!spec->module || !spec->pattern)
		return "out of memory";
	if (!is_name(spec->pattern, true) || (colon && !is_name(spec->module, false)))
		return "invalid name: write kprobe:FUNCTION, kretprobe:FUNCTION or "
		       "tracepoint:CATEGORY:NAME, with * and ? as wildcards";
	return NULL;
}

bool probe_spec_parse(const char *text, struct probe_spec *ret_spec, const char **ret_what)
{
	struct probe_spec spec = {0};
	const char *rest = "";
	char *copy;
	size_t form = find_form(text, &rest);

	if (form == FORM_COUNT || strlen(text) > PROBE_SPEC_BYTES_MAX) {
		*ret_what = form == FORM_COUNT ? "not a probe" : "too long";
		return false;
	}
	spec.form = (enum probe_form)form;
	spec.text = strdup(text);
	copy = strdup(rest);
	*ret_what = spec.text && copy ? parse_rest(&spec, copy) : "out of memory";
	free(copy);
	if (*ret_what) {
		probe_spec_release(&spec);
		return false;
	}
	*ret_spec = spec;
	return true;
}

void probe_spec_release(struct probe_spec *spec)
{
	for (size_t i = 0; i < PROBE_ARGUMENTS_MAX; i++)
		free(spec->argument_names[i]);
	free(spec->pattern);
	free(spec->module);
	free(spec->text);
	*spec = (struct probe_spec){0};
}
