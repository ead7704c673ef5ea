/* analyze/replay/selection.h - the options that select events, shared by all analysers */
#ifndef ANALYZE_REPLAY_SELECTION_H
#define ANALYZE_REPLAY_SELECTION_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyze/trace/timestamp.h"
#include "text/id_list.h"

/* Arguments of an option that may be repeated. The texts are borrowed from argv. */
struct selection_texts {
	const char **texts;
	size_t count;
	size_t capacity;
};

/* Selected events. All zero selects every event. */
struct selection {
	uint64_t kinds;                /* bit n: kind number n of dz(5); 0: all */
	struct selection_texts probes; /* patterns: one must match the name of a probe */
	struct id_list tgids;          /* for signals, this and all below: the receiver */
	struct id_list tids;
	struct id_list uids;
	struct id_list cpus;
	struct selection_texts comms;   /* patterns for the name of the thread or process */
	struct selection_texts cgroups; /* paths: each includes all groups below it */
	uint64_t signals;               /* bit n-1: signal n; 0: all */
	bool failed;                    /* only exits by a signal or with a code other than 0 */
	bool utc;                       /* times are typed and printed in UTC */
	const char *since_text;         /* as typed; borrowed from argv; NULL: not given */
	const char *until_text;
	struct timestamp since;
	struct timestamp until;
};

/*
 * A child for the argp of a program. Its input is a struct selection, all zero, which it fills. A
 * wrong value ends the program with argp_err_exit_status, through argp_error().
 */
extern const struct argp selection_argp;

/* Returns the options, such as "--tgid 1-5 --failed"; empty if every event is selected. The caller
 * frees the text. Returns NULL on allocation failure. */
char *selection_describe(const struct selection *selection);

/* Frees the lists of a selection, but not the texts, which are borrowed. All zero is allowed. */
void selection_release(struct selection *selection);

#endif
