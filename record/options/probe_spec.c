/* record/options/probe_spec.c - a probe of the option -e */
#include "record/options/probe_spec.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PROBE_SPEC_BYTES_MAX 255u
#define PROBE_OFFSET_MAX     (1u << 20)

static const char *const form_names[] = {
	[PROBE_KPROBE] = "kprobe",         [PROBE_KRETPROBE] = "kretprobe",
	[PROBE_TRACEPOINT] = "tracepoint", [PROBE_UPROBE] = "uprobe",
	[PROBE_URETPROBE] = "uretprobe",   [PROBE_USDT] = "usdt",
};

#define FORM_COUNT (sizeof(form_names) / sizeof(form_names[0]))

const char *probe_form_name(enum probe_form form)
{
	return form_names[form];
}

bool probe_form_is_kernel_function(enum probe_form form)
{
	return form == PROBE_KPROBE || form == PROBE_KRETPROBE;
}

bool probe_form_is_user(enum probe_form form)
{
	return form >= PROBE_UPROBE;
}

bool probe_form_has_latency(enum probe_form form)
{
	return form == PROBE_KRETPROBE || form == PROBE_URETPROBE;
}

bool probe_has_wildcard(const char *text)
{
	return strpbrk(text, "*?") != NULL;
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
		return "an offset needs a kprobe or a uprobe: use kprobe:FUNCTION+BYTES";
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

/* Splits the text at its last colon. Returns what follows it, or NULL. */
static char *split_last(char *text)
{
	char *colon = strrchr(text, ':');

	if (colon)
		*colon++ = '\0';
	return colon;
}

static bool is_address(const char *text)
{
	return strncmp(text, "0x", 2) == 0 && text[2] &&
	       text[2 + strspn(text + 2, "0123456789abcdefABCDEF")] == '\0';
}

/* Takes apart what is before the arguments and the offset: FILE:FUNCTION or FILE:PROVIDER:NAME. A
 * file's name may have colons. */
static const char *parse_user_place(struct probe_spec *spec, char *text)
{
	char *name = split_last(text);
	char *provider = NULL;

	if (!name)
		return spec->form == PROBE_USDT ? "file missing: write usdt:FILE:PROVIDER:NAME"
						: "file missing: write uprobe:FILE:FUNCTION";
	if (spec->form == PROBE_USDT)
		provider = split_last(text);
	spec->module = strdup(text);
	spec->pattern = strdup(name);
	spec->provider = spec->form == PROBE_USDT ? strdup(provider ? provider : "*") : NULL;
	if (!spec->module || !spec->pattern || (spec->form == PROBE_USDT && !spec->provider))
		return "out of memory";
	spec->is_address = spec->form == PROBE_UPROBE && is_address(name);
	if (!*text || !is_name(spec->pattern, true) ||
	    (spec->provider && !is_name(spec->provider, true)))
		return "invalid name: write uprobe:FILE:FUNCTION, uretprobe:FILE:FUNCTION or "
		       "usdt:FILE:PROVIDER:NAME, with * and ? as wildcards";
	return NULL;
}

static const char *parse_user(struct probe_spec *spec, char *text)
{
	char *name = strrchr(text, ':');

	if (!take_arguments(spec, name ? name : text))
		return "invalid arguments: write (NAME,NAME), at most 6";
	name = strrchr(text, ':');
	if (name && !take_offset(spec, name))
		return "invalid offset: write FUNCTION+BYTES";
	if (name && spec->offset && (spec->form != PROBE_UPROBE || probe_has_wildcard(name)))
		return "an offset needs one function: use uprobe:FILE:FUNCTION+BYTES";
	return parse_user_place(spec, text);
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
	*ret_what = "out of memory";
	if (spec.text && copy)
		*ret_what = probe_form_is_user(spec.form) ? parse_user(&spec, copy)
							  : parse_rest(&spec, copy);
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
	free(spec->provider);
	free(spec->module);
	free(spec->text);
	*spec = (struct probe_spec){0};
}
