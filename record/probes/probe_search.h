/* record/probes/probe_search.h - finds all functions, tracepoints and USDT probes of -e */
#ifndef RECORD_PROBES_PROBE_SEARCH_H
#define RECORD_PROBES_PROBE_SEARCH_H

#include <stdbool.h>

#include "base/problem.h"
#include "record/options/probe_options.h"
#include "record/probes/probe_list.h"

/*
 * Finds all functions, tracepoints and USDT probes of the options. One that does not exist is in
 * the list with a failure. The options must outlive the list. Returns false and sets *ret_problem
 * on failure; then nothing needs to be released. Otherwise the caller must call
 * probe_list_release().
 */
bool probe_search_open(const struct probe_options *options, struct probe_list *ret_list,
		       struct problem *ret_problem);

#endif
