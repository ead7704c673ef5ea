/* analyze/copy/scrub.h - other names for the names in a trace, so that it can be given away
 *
 * Each name gets a word and a number that is made with a random key: who has only the copy cannot
 * find out by trying which name it stands for. The same name has the same pseudonym in the whole
 * file, and another one in the next run. Names of functions, build-ids and numbers stay.
 */
#ifndef ANALYZE_COPY_SCRUB_H
#define ANALYZE_COPY_SCRUB_H

#include <stdbool.h>
#include <stdio.h>

#include <dz/sink.h>
#include <dz/source.h>
#include <dz/status.h>

enum scrub_names {
	SCRUB_HOSTS = 1,    /* the machine's name, also inside of other texts, and its boot id */
	SCRUB_USERS = 2,    /* names of home directories */
	SCRUB_PATHS = 4,    /* of modules, sources and control groups, and in other texts */
	SCRUB_CMDLINES = 8, /* arguments of processes, and those of the recorder */
	SCRUB_COMMS = 16,   /* names of processes and threads */
	SCRUB_EVERYTHING = 31,
};

struct scrub;

/* "hosts,paths" or such. False if there is another word in it. */
bool scrub_parse(const char *list, unsigned int *ret_names);

/* NULL without memory or randomness. */
struct scrub *scrub_new(unsigned int names);

/* Copies a trace under other names; what is damaged is left out. The errors of dz_rewrite(). */
DZ_MUST_CHECK enum dz_status scrub_copy(struct scrub *scrub, const struct dz_source *source,
					const struct dz_sink *sink);

/* How many names of which sort were replaced, a line each; if `verbose`, below it each pseudonym
 * and the name. */
void scrub_describe(const struct scrub *scrub, bool verbose, FILE *out);

/* NULL is allowed. */
void scrub_free(struct scrub *scrub);

#endif
