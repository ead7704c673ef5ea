/* record/probes/user_probes.h - finds the functions and USDT probes of user programs */
#ifndef RECORD_PROBES_USER_PROBES_H
#define RECORD_PROBES_USER_PROBES_H

#include <stdbool.h>

#include "base/problem.h"
#include "record/probes/probe_list.h"

/* Adds the probes of a specification for which probe_form_is_user() is true. One that does not
 * exist is added with a failure. Borrows `spec` as long as the list. Returns false and sets
 * *ret_problem if there are too many, or on allocation failure. */
bool user_probes_expand(const struct probe_spec *spec, struct probe_list *list,
			struct problem *ret_problem);

#endif
