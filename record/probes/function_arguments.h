/* record/probes/function_arguments.h - what the kernel's BTF says of the arguments of its functions
 */
#ifndef RECORD_PROBES_FUNCTION_ARGUMENTS_H
#define RECORD_PROBES_FUNCTION_ARGUMENTS_H

#include <stdbool.h>

#include "record/options/probe_spec.h"
#include "record/probes/probe_fields.h"

struct btf;

/*
 * Finds the arguments that `spec` names, or the first PROBE_ARGUMENTS_MAX, of a function. False,
 * also if `btf` is NULL: *ret_what is why, to be put behind the name of the function; a static
 * phrase.
 */
bool function_arguments_find(const struct btf *btf, const char *function,
			     const struct probe_spec *spec, struct probe_fields *ret_fields,
			     const char **ret_what);

/* The type of what it returns; a pointer if that is not known, PROBE_FIELD_OPAQUE if it returns
 * nothing. `btf` may be NULL. */
void function_result_find(const struct btf *btf, const char *function,
			  struct probe_field *ret_field);

#endif
