/* analyze/replay/selection.h - which events a person wants to see: the filter options of all
 * analysers */
#ifndef ANALYZE_REPLAY_SELECTION_H
#define ANALYZE_REPLAY_SELECTION_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyze/trace/timestamp.h"
#include "text/id_list.h"

/* Texts given by repeated options; borrowed from argv. */
struct selection_texts {
	const char **texts;
	size_t count;
	size_t capacity;
};

/* All zero selects everything. */
struct selection {
	uint64_t kinds;                /* bit n: kind number n of dz(5); 0: all */
	struct selection_texts probes; /* patterns, of which one must match a probe's name */
	struct id_list tgids;          /* of a signal: its receiver's, as with all that follows */
	struct id_list tids;
	struct id_list uids;
	struct id_list cpus;
	struct selection_texts comms;   /* of the thread or of its process */
	struct selection_texts cgroups; /* each with everything below it */
	uint64_t signals;               /* bit n-1: signal n; 0: all */
	bool failed;                    /* of exits, only deaths by signal and codes other than 0 */
	bool utc;                       /* times are typed and shown in UTC */
	const char *since_text;         /* as typed; borrowed from argv, NULL for none */
	const char *until_text;
	struct timestamp since;
	struct timestamp until;
};

/*
 * The options that fill a selection, as a child of a program's own argp; its input is a struct
 * selection, all zero. A wrong value ends the program with status 2 through argp_error().
 */
extern const struct argp selection_argp;

/* The options as they were given, such as "--tgid 1-5 --failed"; empty if everything is selected.
 * The caller frees it; NULL without memory. */
char *selection_describe(const struct selection *selection);

/* Frees what the options took; the texts are those of the command line. A zeroed one is allowed. */
void selection_release(struct selection *selection);

#endif
