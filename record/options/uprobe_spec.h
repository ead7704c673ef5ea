/* record/options/uprobe_spec.h - a pair of places in programs between which a section is: --uprobe
 */
#ifndef RECORD_OPTIONS_UPROBE_SPEC_H
#define RECORD_OPTIONS_UPROBE_SPEC_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/event.h"

#define UPROBE_SYMBOL_MAX 256u

struct uprobe_place {
	char file[PATH_MAX];            /* empty: the program of the process */
	char symbol[UPROBE_SYMBOL_MAX]; /* empty: offset_bytes is from the start of the file */
	uint64_t offset_bytes;          /* from the symbol, if there is one */
};

struct uprobe_spec {
	uint32_t pid; /* 0: every process that maps the file */
	struct uprobe_place start;
	struct uprobe_place stop;
	bool stop_is_return;   /* the section ends when the function at start returns */
	uint64_t threshold_ns; /* 0: the default */
	char label[SECTION_LABEL_BYTES];
};

/*
 * Words such as tgid=1234 start-file=/usr/bin/x start-symbol=handle stop-symbol=done, separated by
 * blanks; also start-offset=, stop-file=, stop-offset=, threshold= (ms) and label=. A file for the
 * stop is that of the start if it is not given; without a place for the stop it is the function's
 * return. False: *ret_what says what is wrong, as a static phrase.
 */
bool uprobe_spec_parse(const char *text, struct uprobe_spec *ret_spec, const char **ret_what);

#endif
