/* record/options/option_rules.h - which options of diag-record have an effect together */
#ifndef RECORD_OPTIONS_OPTION_RULES_H
#define RECORD_OPTIONS_OPTION_RULES_H

#include <stdbool.h>

#include "base/problem.h"
#include "record/options/option_set.h"

/* What a recording has: events, and properties of options. */
enum option_provision {
	OPTION_HAS_EXIT = 1 << 0,
	OPTION_HAS_SIGNAL = 1 << 1,
	OPTION_HAS_SECTION = 1 << 2,
	OPTION_HAS_PROBE = 1 << 3,
	OPTION_HAS_KRETPROBE = 1 << 4,
	OPTION_HAS_PROBE_STACKS = 1 << 5,
	OPTION_HAS_FLIGHT = 1 << 6,
	OPTION_HAS_COMMAND = 1 << 7,
	OPTION_HAS_NAMED_FILE = 1 << 8, /* not the case with --live alone */
	OPTION_HAS_DIRECTORY = 1 << 9,
	OPTION_HAS_TRIGGER = 1 << 10,
	OPTION_HAS_CHECK = 1 << 11,          /* nothing is recorded */
	OPTION_HAS_NO_USER_STACKS = 1 << 12, /* --user-stack 0 */
	OPTION_HAS_SELF_TEST = 1 << 13,      /* the COMMAND is kinds; the recordings are others */
	OPTION_HAS_SAMPLES = 1 << 14,        /* of CPUs, or of blocked tasks: all have stacks */
	OPTION_HAS_WAITS = 1 << 15,          /* for a CPU */
};

/* Checks the options that were given for a recording with these provisions: an option that cannot
 * do what it asks for is a problem. Returns false and sets *ret_problem for the first one. Switches
 * that only repeat a default are none. */
bool option_rules_check(const struct option_set *given, unsigned int provisions,
			struct problem *ret_problem);

#endif
