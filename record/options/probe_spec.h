/* record/options/probe_spec.h - a probe of the option -e, such as kretprobe:vfs_read(count) */
#ifndef RECORD_OPTIONS_PROBE_SPEC_H
#define RECORD_OPTIONS_PROBE_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/event.h"

struct probe_spec {
	enum probe_form form;
	char *text;     /* as typed */
	char *module;   /* of a function, "": any; a tracepoint's category; a user program's file */
	char *provider; /* of a USDT probe, with wildcards; NULL for others */
	char *pattern;  /* name of the function or tracepoint, with wildcards * and ? */
	uint64_t offset; /* in the function, in bytes */
	bool is_address; /* of a uprobe: the pattern is an address, as disassemblers print it */
	bool with_arguments;
	char *argument_names[PROBE_ARGUMENTS_MAX];
	size_t argument_count; /* 0 and with_arguments: all of them */
};

/* Returns whether a text is meant as a probe: it starts with the name of a form and a colon. */
bool probe_spec_is_meant(const char *text);

/*
 * Parses kprobe:[MODULE:]FUNCTION[+OFFSET][(NAME,...)], kretprobe: likewise without an offset,
 * tracepoint:CATEGORY:NAME, uprobe:FILE:FUNCTION[+OFFSET][(NAME,...)], uprobe:FILE:0xADDRESS,
 * uretprobe:FILE:FUNCTION[(NAME,...)] and usdt:FILE:[PROVIDER:]NAME[(NAME,...)]. Returns false and
 * sets *ret_what to a static text with the reason, also on allocation failure. On success the
 * caller must call probe_spec_release().
 */
bool probe_spec_parse(const char *text, struct probe_spec *ret_spec, const char **ret_what);

/* Returns the word before the first colon, such as "kprobe". */
const char *probe_form_name(enum probe_form form);

/* Returns whether probes of this form are in functions of the kernel. */
bool probe_form_is_kernel_function(enum probe_form form);

/* Returns whether probes of this form are in files of user programs, not in the kernel. */
bool probe_form_is_user(enum probe_form form);

/* Returns whether probes of this form have results and latencies. */
bool probe_form_has_latency(enum probe_form form);

/* Returns whether the text has a wildcard, * or ?. */
bool probe_has_wildcard(const char *text);

/* A zeroed or released spec may be released again. */
void probe_spec_release(struct probe_spec *spec);

#endif
