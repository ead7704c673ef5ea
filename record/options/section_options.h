/* record/options/section_options.h - the options of diag-record for sections */
#ifndef RECORD_OPTIONS_SECTION_OPTIONS_H
#define RECORD_OPTIONS_SECTION_OPTIONS_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/options/option_set.h"
#include "record/options/syscall_rule.h"
#include "record/options/uprobe_spec.h"

#define SECTION_OPTIONS_RULES_MAX 64u
#define SECTION_OPTIONS_FILES_MAX 64u

struct section_options {
	struct option_set given;
	uint64_t threshold_ns; /* of sections that set none */
	bool threshold_us_given;
	uint32_t slowest_ppm; /* as in struct section_settings */
	uint64_t timer_ns;    /* interval of samples; 0: no samples */
	uint32_t slot_bytes;  /* memory for the steps of one thread */
	struct syscall_rule rules[SECTION_OPTIONS_RULES_MAX];
	size_t rule_count;
	struct uprobe_spec *uprobes; /* owned */
	size_t uprobe_count;
	size_t uprobe_capacity;
	const char *probe_files[SECTION_OPTIONS_FILES_MAX]; /* borrowed from argv */
	size_t probe_file_count;
};

/* Parses into a struct section_options. Wrong usage ends the program with status 2. */
extern const struct argp section_options_argp;

/* Sets the defaults; allocates nothing. */
void section_options_init(struct section_options *options);

/* Frees what was parsed. Initialized or released options may be released again. */
void section_options_release(struct section_options *options);

#endif
