/* record/options/uprobe_spec.h - the two places of --uprobe: start and stop of a section */
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
	bool is_address;                /* offset_bytes is an address, as disassemblers print it */
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
 * Parses words such as tgid=1234 start-file=/usr/bin/x start-symbol=handle stop-symbol=done,
 * separated by spaces or tabs; also start-offset=, start-address=, stop-file=, stop-offset=,
 * stop-address=, threshold= (ms) and label=. The default of stop-file= is start-file=. Without a
 * place for the stop, the section ends when the function at the start returns. Returns false and
 * sets *ret_what to a static text with the reason if the text is invalid.
 */
bool uprobe_spec_parse(const char *text, struct uprobe_spec *ret_spec, const char **ret_what);

#endif
