/* record/options/probe_spec.h - a probe as it is asked for: kprobe:vfs_*,
 * kretprobe:vfs_read(count),
 * ... */
#ifndef RECORD_OPTIONS_PROBE_SPEC_H
#define RECORD_OPTIONS_PROBE_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/event.h"

struct probe_spec {
	enum probe_form form;
	char *text;      /* all of it, as it was given */
	char *module;    /* of a function, "" for any; of a tracepoint, its category */
	char *pattern;   /* name of the function or tracepoint; * and ? stand for any */
	uint64_t offset; /* in the function, in bytes */
	bool with_arguments;
	char *argument_names[PROBE_ARGUMENTS_MAX];
	size_t argument_count; /* 0 with with_arguments: all that there are */
};

/* Whether a text is meant to be a probe: it starts with the name of a form and a colon. */
bool probe_spec_is_meant(const char *text);

/*
 * kprobe:[MODULE:]FUNCTION[+OFFSET][(NAME,...)], kretprobe: likewise without an offset,
 * tracepoint:CATEGORY:NAME. False: *ret_what says what is wrong, a static phrase, or that there was
 * no memory. On success the result is to be released.
 */
bool probe_spec_parse(const char *text, struct probe_spec *ret_spec, const char **ret_what);

/* "kprobe", "kretprobe", "tracepoint" */
const char *probe_form_name(enum probe_form form);

/* A zeroed or released one may be released again. */
void probe_spec_release(struct probe_spec *spec);

#endif
