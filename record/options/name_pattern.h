/* record/options/name_pattern.h - names of threads for the filters in BPF, with * and ? */
#ifndef RECORD_OPTIONS_NAME_PATTERN_H
#define RECORD_OPTIONS_NAME_PATTERN_H

#include <stdbool.h>

#include "bpf/event.h"

/*
 * Adds a name, or a pattern in which * stands for any bytes and ? for one. The kernel keeps 15
 * bytes of a name, so only these are added of a longer one, and *ret_is_cut is set. Returns NULL,
 * or the reason why nothing was added: a static text.
 */
const char *name_pattern_add(struct filter_names *names, const char *text, bool *ret_is_cut);

/* Returns whether a name of a thread matches name or pattern `index`, as in BPF. */
bool name_pattern_matches(const struct filter_names *names, __u32 index, const char *name);

#endif
