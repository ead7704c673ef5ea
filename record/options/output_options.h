/* record/options/output_options.h - options about a directory of files, flight windows and commands
 */
#ifndef RECORD_OPTIONS_OUTPUT_OPTIONS_H
#define RECORD_OPTIONS_OUTPUT_OPTIONS_H

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>

#include "record/options/option_set.h"
#include "record/output/trigger.h"

/* Which deaths --journal sends to the journal of systemd. */
enum options_journal {
	OPTIONS_JOURNAL_NONE,
	OPTIONS_JOURNAL_DEATHS, /* OOM, CRASHED and KILLED ones */
	OPTIONS_JOURNAL_FAILED, /* and FAILED ones */
};

struct output_options {
	struct option_set given;
	const char *directory; /* --directory; borrowed from argv; NULL: not given */
	uint64_t keep_bytes;   /* --keep SIZE; 0: no limit */
	uint64_t keep_s;       /* --keep TIME; 0: no limit */
	struct trigger trigger;
	enum options_journal journal;
	const char *control; /* path of the socket; borrowed from argv; NULL: none */
};

/* Sets the defaults. */
void output_options_init(struct output_options *ret_options);

/* The parser; its input is a struct output_options. Wrong usage ends the program. */
extern const struct argp output_options_argp;

#endif
