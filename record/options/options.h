/* record/options/options.h - the command line of diag-record */
#ifndef RECORD_OPTIONS_OPTIONS_H
#define RECORD_OPTIONS_OPTIONS_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/event.h"
#include "record/options/option_set.h"
#include "record/options/output_options.h"
#include "record/options/probe_options.h"
#include "record/options/profile_options.h"
#include "record/options/section_options.h"
#include "record/output/free_space.h"

/* Events that can be recorded, as bits of a set. */
enum options_event {
	OPTIONS_EXIT = 1 << 0,
	OPTIONS_SIGNAL = 1 << 1,
	OPTIONS_SECTION = 1 << 2,
	OPTIONS_RUNQ = 1 << 3,
	OPTIONS_CPU = 1 << 4,
	OPTIONS_OFFCPU = 1 << 5,
	OPTIONS_PROBE = 1 << 6, /* any probe; each has its own name after -e */
	OPTIONS_ALL = (1 << 7) - 1,
};

/* Filters whose text is kept, for the info records of the recording. */
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

/* How a user stack gets from the kernel to diag-record. */
enum options_user_stack {
	OPTIONS_USER_STACK_WALK,  /* walked by tables; copied where that is not possible */
	OPTIONS_USER_STACK_COPY,  /* always copied */
	OPTIONS_USER_STACK_CHECK, /* both, to be compared: for tests */
};

/* What --live prints while recording. */
enum options_live {
	OPTIONS_LIVE_NOTHING,
	OPTIONS_LIVE_DEATHS, /* ends that are not clean, and signals but SIGCHLD */
	OPTIONS_LIVE_ALL,
	OPTIONS_LIVE_JSON, /* every event */
};

struct options {
	struct option_set given;
	uint32_t events;    /* set of enum options_event, never empty */
	const char *output; /* NULL: the default name */
	bool force;
	bool quiet;
	bool verbose;
	bool check;
	bool self_test;     /* of the kinds in command; NULL: of all */
	bool command_lines; /* of processes and their ancestors */
	enum options_live live;
	bool all;               /* with a command: record the whole machine */
	uint64_t duration_ns;   /* 0: until a signal or the end of the command */
	uint64_t kill_after_ns; /* from SIGTERM to SIGKILL for the command */
	uint64_t max_bytes;     /* of each file; 0: no limit */
	uint64_t rotate_bytes;  /* a new file starts before one exceeds this; 0: never */
	uint32_t rotate_count;  /* newest files that are kept; 0: all */
	uint64_t flight_ns;     /* length of the flight window; 0: record to a file */
	uint64_t flight_bytes;  /* memory for the window; 0 without one */
	struct free_space_floor min_free;
	uint64_t ring_bytes;       /* per kind of ring buffer, a power of two; 0: defaults */
	uint32_t user_stack_bytes; /* most bytes copied per stack; 0: no user stacks */
	enum options_user_stack user_stack_method;
	unsigned int unwind_percent;     /* share of one CPU for unwinding */
	struct filter filter;            /* all but own_tgid, the cgroup and followed */
	struct output_options always_on; /* directory, limits that outlive the recorder, triggers */
	struct section_options section;  /* of OPTIONS_SECTION */
	struct probe_options probes;     /* of OPTIONS_PROBE */
	struct profile_options profile;  /* of OPTIONS_RUNQ, OPTIONS_CPU and OPTIONS_OFFCPU */
	char *texts[OPTIONS_TEXT_COUNT]; /* NULL if not given */
	char **command;                  /* NULL, or ends with NULL; borrowed from argv */
	char **arguments;                /* whole command line, ends with NULL; borrowed */
};

/* Parses into a struct options; see options_parse(), which also checks what was parsed. */
extern const struct argp options_argp;

/* Parses the command line. Ends the program with status 0 for --help and --version, and with 2 for
 * wrong usage. *ret_options borrows from argv, which must outlive it. */
void options_parse(int argc, char **argv, struct options *ret_options);

/* Writes the names of all events to record, as after -e, with `separator` between them. Omits names
 * that do not fit. */
void options_describe_events(const struct options *options, const char *separator, char *out,
			     size_t size);

/* Returns the name of an event as after -e; NULL beyond the last. Event i is bit i of struct
 * options.events. */
const char *options_event_name(size_t index);

/* Returns the long option of a kept text, such as "sender-comm". */
const char *options_text_name(enum options_text text);

/* Returns whether the recording has a file that stays: always, but for --live alone. */
bool options_name_file(const struct options *options);

/* Frees what options_parse() allocated. Must be called once. */
void options_release(struct options *options);

#endif
