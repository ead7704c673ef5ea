/* record/probes/probe_list.h - the probes of a recording: each function and tracepoint that was
 * meant */
#ifndef RECORD_PROBES_PROBE_LIST_H
#define RECORD_PROBES_PROBE_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/problem.h"
#include "record/options/probe_options.h"
#include "record/probes/probe_fields.h"
#include "symbols/kallsyms.h"

struct probe {
	const struct probe_spec *spec; /* borrowed from the options */
	char *name;                    /* as it is recorded: kprobe:vfs_read */
	char *place;                   /* the function, or CATEGORY:NAME of a tracepoint */
	bool is_listed;                /* the kernel lists the function as one that can be traced */
	uint64_t address;              /* of the function, 0 if it is not known */
	bool with_fields;
	struct probe_fields fields;
	struct probe_field result; /* what a kretprobe's function returns */
	char *hint;                /* names like it, if the kernel does not list it; or NULL */
	char *failure; /* why it is not attached; NULL if it is, or has not been tried */
};

struct probe_list {
	struct probe *probes; /* the number of a probe is its index */
	size_t count;
	size_t failure_count;
};

/*
 * Finds everything that the options mean. What cannot be is in the list with its failure. The
 * options must outlive the list. False if nothing can be: *ret_problem says why, and nothing needs
 * to be released.
 */
bool probe_list_open(const struct probe_options *options, struct probe_list *ret_list,
		     struct problem *ret_problem);

/* Notes where the functions are, as far as one function alone has that name. */
void probe_list_locate(struct probe_list *list, const struct kallsyms *symbols);

/* Whether there are probes of this form that have not failed. */
bool probe_list_has_form(const struct probe_list *list, enum probe_form form);

/* Notes that a probe could not be attached; the text is copied. */
void probe_list_fail(struct probe_list *list, size_t index, const char *why);

/*
 * What a kretprobe's function returned, by the type that it returns. Of a pointer only 0 for NULL,
 * the number of an error, or 1 is told: where things are in the kernel is nobody's business. Nor is
 * it if the function calls it a number.
 */
int64_t probe_result(const struct probe *probe, int64_t value);

/* A zeroed list may be released, too. */
void probe_list_release(struct probe_list *list);

#endif
