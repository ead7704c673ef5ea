/* record/options/probe_spec.h - a probe of the option -e, such as kretprobe:vfs_read(count) */
#ifndef RECORD_OPTIONS_PROBE_SPEC_H
#define RECORD_OPTIONS_PROBE_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/event.h"

struct probe_spec {
	enum probe_form form;
	char *text;      /* as typed */
	char *module;    /* of a function, "": any; for a tracepoint its category */
	char *pattern;   /* name of the function or tracepoint, with wildcards * and ? */
	uint64_t offset; /* in the function, in bytes */
	bool with_arguments;
	char *argument_names[PROBE_ARGUMENTS_MAX];
	size_t argument_count; /* 0 and with_arguments: all of them */
};

/* Returns whether a text is meant as a probe: it starts with the name of a form and a colon. */
bool probe_spec_is_meant(const char *text);

/*
 * Parses kprobe:[MODULE:]FUNCTION[+OFFSET][(NAME,...)], kretprobe: likewise without an offset, and
 * tracepoint:CATEGORY:NAME. Returns false and sets *ret_what to a static text with the reason, also
 * on allocation failure. On success the caller must call probe_spec_release().
 */
bool probe_spec_parse(const char *text, struct probe_spec *ret_spec, const char **ret_what);

/* Returns "kprobe", "kretprobe" or "tracepoint". */
const char *probe_form_name(enum probe_form form);

/* A zeroed or released spec may be released again. */
void probe_spec_release(struct probe_spec *spec);

#endif
