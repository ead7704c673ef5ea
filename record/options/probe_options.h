/* record/options/probe_options.h - the options of diag-record for probes */
#ifndef RECORD_OPTIONS_PROBE_OPTIONS_H
#define RECORD_OPTIONS_PROBE_OPTIONS_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/options/option_set.h"
#include "record/options/probe_spec.h"

struct probe_options {
	struct option_set given;
	struct probe_spec *specs; /* owned */
	size_t spec_count;
	size_t spec_capacity;
	uint64_t min_latency_ns;
	uint32_t every;
	uint32_t max_per_second;
	bool user_stacks;
};

/* Parses into a struct probe_options. Wrong usage ends the program with status 2. */
extern const struct argp probe_options_argp;

/* Adds one EVENT of -e for which probe_spec_is_meant() is true. Wrong usage ends the program with
 * status 2. */
void probe_options_add(struct probe_options *options, const char *text);

/* Frees the probes. Zeroed or released options may be released again. */
void probe_options_release(struct probe_options *options);

#endif
