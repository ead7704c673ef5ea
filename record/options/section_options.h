/* record/options/section_options.h - the options of diag-record that are about sections */
#ifndef RECORD_OPTIONS_SECTION_OPTIONS_H
#define RECORD_OPTIONS_SECTION_OPTIONS_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/options/syscall_rule.h"
#include "record/options/uprobe_spec.h"

#define SECTION_OPTIONS_RULES_MAX 64u
#define SECTION_OPTIONS_FILES_MAX 64u

struct section_options {
	uint64_t threshold_ns; /* of sections that have none of their own */
	bool threshold_us_given;
	uint64_t timer_ns;   /* 0: no samples */
	uint32_t slot_bytes; /* for the steps of one thread */
	struct syscall_rule rules[SECTION_OPTIONS_RULES_MAX];
	size_t rule_count;
	struct uprobe_spec *uprobes; /* owned */
	size_t uprobe_count;
	const char *probe_files[SECTION_OPTIONS_FILES_MAX]; /* borrowed from argv */
	size_t probe_file_count;
	const char *control; /* path of the socket; borrowed from argv, NULL for none */
};

/* Parses into a struct section_options. Mistakes end the program with status 2. */
extern const struct argp section_options_argp;

/* The defaults, without any memory; and frees what was parsed into them, after which they may be
 * released again. */
void section_options_init(struct section_options *options);
void section_options_release(struct section_options *options);

#endif
