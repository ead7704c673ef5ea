/* record/options/options.h - what the command line of diag-record asks for */
#ifndef RECORD_OPTIONS_OPTIONS_H
#define RECORD_OPTIONS_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/event.h"
#include "record/options/probe_options.h"
#include "record/options/section_options.h"
#include "record/output/free_space.h"

/* What can be recorded, for sets of it. */
enum options_event {
	OPTIONS_EXIT = 1 << 0,
	OPTIONS_SIGNAL = 1 << 1,
	OPTIONS_SECTION = 1 << 2,
	OPTIONS_PROBE = 1 << 3, /* has no name of its own: each probe has */
	OPTIONS_ALL = (1 << 4) - 1,
};

/* Filters of which the text is kept, so that a recording can say what it was made with. */
enum options_text {
	OPTIONS_TEXT_TGID,
	OPTIONS_TEXT_TID,
	OPTIONS_TEXT_COMM,
	OPTIONS_TEXT_CPU,
	OPTIONS_TEXT_CGROUP,
	OPTIONS_TEXT_UID,
	OPTIONS_TEXT_SIGNALS,
	OPTIONS_TEXT_SENDER_TGID,
	OPTIONS_TEXT_SENDER_COMM,
	OPTIONS_TEXT_COUNT,
};

struct options {
	uint32_t events;    /* set of enum options_event, never empty */
	const char *output; /* NULL: a name is to be made up */
	bool force;
	bool quiet;
	bool verbose;
	bool check;
	bool command_lines;    /* of processes and their ancestors */
	bool all;              /* with a command: record everything, not only the command */
	uint64_t duration_ns;  /* 0: until told to stop */
	uint64_t max_bytes;    /* of each file; 0: no limit */
	uint64_t rotate_bytes; /* the next file is begun before one is larger; 0: none is */
	uint32_t rotate_count; /* files that are kept, 0: all */
	uint64_t flight_ns; /* only the last so long is kept, in memory, until it is asked for; 0:
			       all goes to a file */
	uint64_t flight_bytes; /* of memory for that; 0 without */
	struct free_space_floor min_free;
	uint64_t ring_bytes;         /* of each ring, a power of two; 0: each has its own default */
	uint32_t user_stack_bytes;   /* copied of each stack, at most; 0: no user stacks */
	unsigned int unwind_percent; /* of one CPU, for unwinding them */
	struct filter filter;        /* all but own_tgid, the cgroup and followed */
	struct section_options section;  /* of OPTIONS_SECTION */
	struct probe_options probes;     /* of OPTIONS_PROBE */
	char *texts[OPTIONS_TEXT_COUNT]; /* NULL if not given */
	char **command;                  /* NULL, or ends with NULL; borrowed from argv */
	char **arguments;                /* the whole command line, ends with NULL; borrowed */
};

/*
 * Parses the command line. --help and --version end the program with status 0, mistakes in the use
 * of options end it with 2. The strings borrow from argv, which must outlive them.
 */
void options_parse(int argc, char **argv, struct options *ret_options);

/* Everything that is to be recorded, as after -e, with that between each two. What does not fit is
 * left out. */
void options_describe_events(const struct options *options, const char *separator, char *out,
			     size_t size);

/* The name of an event as after -e; NULL beyond the last. Event i is bit i of struct
 * options.events.
 */
const char *options_event_name(size_t index);

/* "tgid", "sender-comm": the long option of a kept text. */
const char *options_text_name(enum options_text text);

/* Frees what options_parse() made, once; what is borrowed from argv stays. */
void options_release(struct options *options);

#endif
