/* record/probes/function_arguments.h - finds the arguments of kernel functions in BTF
 */
#ifndef RECORD_PROBES_FUNCTION_ARGUMENTS_H
#define RECORD_PROBES_FUNCTION_ARGUMENTS_H

#include <stdbool.h>

#include "record/options/probe_spec.h"
#include "record/probes/probe_fields.h"

struct btf;

/*
 * Finds the arguments of a function that `spec` names, or the first PROBE_ARGUMENTS_MAX. Returns
 * false and sets *ret_what to a static text with the reason on failure; also if `btf` is NULL.
 */
bool function_arguments_find(const struct btf *btf, const char *function,
			     const struct probe_spec *spec, struct probe_fields *ret_fields,
			     const char **ret_what);

/* Finds the type of the result: a pointer if it is not known, PROBE_FIELD_OPAQUE for void. `btf`
 * can be NULL. */
void function_result_find(const struct btf *btf, const char *function,
			  struct probe_field *ret_field);

#endif
