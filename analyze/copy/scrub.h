/* analyze/copy/scrub.h - copies a trace with pseudonyms for its names, so that it can be shared
 *
 * A pseudonym is a word and a number. The number is a hash with a random key, so that a reader of
 * the copy alone cannot find the name by trying. A name has the same pseudonym in the whole file,
 * and another one in the next run. Names of functions, build IDs and numbers stay.
 */
#ifndef ANALYZE_COPY_SCRUB_H
#define ANALYZE_COPY_SCRUB_H

#include <stdbool.h>
#include <stdio.h>

#include <dz/sink.h>
#include <dz/source.h>
#include <dz/status.h>

/* The classes of names to replace, as bits. */
enum scrub_names {
	SCRUB_HOSTS = 1,    /* the machine's name, also inside other texts, and its boot ID */
	SCRUB_USERS = 2,    /* names of home directories */
	SCRUB_PATHS = 4,    /* of modules, sources and control groups, and in other texts */
	SCRUB_CMDLINES = 8, /* arguments of processes, and those of the recorder */
	SCRUB_COMMS = 16,   /* names of processes and threads */
	SCRUB_EVERYTHING = 31,
};

struct scrub;

/* Parses a list such as "hosts,paths". Returns false if it holds another word. */
bool scrub_parse(const char *list, unsigned int *ret_names);

/* Returns NULL on allocation failure, or if the kernel provides no random key. The caller must call
 * scrub_free(). */
struct scrub *scrub_new(unsigned int names);

/* Copies a trace with pseudonyms. Damaged blocks are not copied. Returns the errors of
 * dz_rewrite(), and those of reading the source. */
DZ_MUST_CHECK enum dz_status scrub_copy(struct scrub *scrub, const struct dz_source *source,
					const struct dz_sink *sink);

/* Writes a line for each class with the number of names that were replaced. With `verbose`, each
 * pseudonym and its name follow. */
void scrub_describe(const struct scrub *scrub, bool verbose, FILE *out);

/* Frees everything. NULL is allowed. */
void scrub_free(struct scrub *scrub);

#endif
