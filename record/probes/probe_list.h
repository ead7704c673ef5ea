/* record/probes/probe_list.h - the probes of a recording: all functions and tracepoints of -e */
#ifndef RECORD_PROBES_PROBE_LIST_H
#define RECORD_PROBES_PROBE_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/options/probe_spec.h"
#include "record/probes/probe_fields.h"
#include "symbols/kallsyms.h"
#include "text/similar_names.h"

struct probe {
	const struct probe_spec *spec; /* borrowed from the options */
	char *name;                    /* as recorded, such as kprobe:vfs_read */
	char *place;          /* the function, CATEGORY:NAME of a tracepoint, FILE:FUNCTION,
			       * or FILE:PROVIDER:NAME of a USDT probe */
	char *file;           /* of a probe in a user program: its path; or NULL */
	uint64_t file_offset; /* of a uprobe or uretprobe */
	bool is_listed;       /* the kernel lists the function as traceable */
	uint64_t address;     /* of the function; 0: not known */
	bool with_fields;
	struct probe_fields fields;
	struct probe_field result; /* type of the result of a kretprobe or uretprobe */
	char *prototype; /* types of a function of a user program, as in C; NULL: not known */
	char *hint;      /* similar names, if the kernel does not list it; or NULL */
	char *failure;   /* why it is not attached; NULL: attached, or not tried yet */
};

struct probe_list {
	struct probe *probes; /* the number of a probe is its index */
	size_t count;
	size_t capacity;
	size_t failure_count;
};

/* Adds a probe without a failure. Borrows `spec`, copies `place`. Returns NULL on allocation
 * failure, and if there are PROBES_MAX already. */
struct probe *probe_list_add(struct probe_list *list, const struct probe_spec *spec,
			     const char *place);

/* Adds a probe for the pattern of `spec` that fails for a reason: `what`, and the similar names. */
void probe_list_add_unknown(struct probe_list *list, const struct probe_spec *spec,
			    const char *place, const char *what,
			    const struct similar_names *similar);

/* Sets the addresses of functions whose name is unique. */
void probe_list_locate(struct probe_list *list, const struct kallsyms *symbols);

/* Returns whether there are probes of this form without a failure. */
bool probe_list_has_form(const struct probe_list *list, enum probe_form form);

/* Sets the failure of a probe; copies the text. */
void probe_list_fail(struct probe_list *list, size_t index, const char *why);

/*
 * Converts the result of a kretprobe by its type. A pointer becomes 0 for NULL, the error number,
 * or 1 for any address, because kernel addresses are not recorded. The same holds for an unsigned
 * number with the value of an address. What probe_has_no_result() is true for has 0.
 */
int64_t probe_result(const struct probe *probe, int64_t value);

/* Returns whether the function is known to return nothing, or not in a register for integers. */
bool probe_has_no_result(const struct probe *probe);

/* A zeroed list can be released, too. */
void probe_list_release(struct probe_list *list);

#endif
