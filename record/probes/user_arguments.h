/* record/probes/user_arguments.h - the arguments of functions and USDT probes of user programs */
#ifndef RECORD_PROBES_USER_ARGUMENTS_H
#define RECORD_PROBES_USER_ARGUMENTS_H

#include <stdbool.h>

#include "record/options/probe_spec.h"
#include "record/probes/probe_fields.h"
#include "symbols/debug_arguments.h"

/* Adds the arguments that `spec` names: arg0 is the first one as a number, str0 the string that it
 * points to. Without names it adds arg0 to arg5. Returns false and sets *ret_what to a static text
 * with the reason if a name is another one. */
bool user_arguments_by_number(const struct probe_spec *spec, struct probe_fields *fields,
			      const char **ret_what);

/* As user_arguments_by_number(), for a function with these arguments, which a name can also be one
 * of. Without names it adds all of them. Returns false if a name is none. */
bool user_arguments_by_type(const struct probe_spec *spec, const struct debug_argument *arguments,
			    size_t count, struct probe_fields *fields);

/* As user_arguments_by_number(), for a USDT probe with a text such as "-4@%edi 8@16(%rsp)", which
 * has the size of each argument, negative for a signed one. */
bool user_arguments_of_note(const struct probe_spec *spec, const char *text,
			    struct probe_fields *fields, const char **ret_what);

#endif
