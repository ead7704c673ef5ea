/* analyze/follow/journal_records.h - deaths as records of the journal of systemd, with a rate limit
 *
 * A record is a sequence of texts NAME=VALUE, each with a NUL after it. It never has a command
 * line. What was left out, what the journal did not take, and what was not read in time is counted
 * and reported by a record of its second.
 */
#ifndef ANALYZE_FOLLOW_JOURNAL_RECORDS_H
#define ANALYZE_FOLLOW_JOURNAL_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "analyze/replay/visitor.h"

/* MESSAGE_ID of a death, and of a record about what is not in the journal. See
 * systemd/diag.catalog. */
#define JOURNAL_ID_DEATH   "c0b6a1f4d9e24d5f8a3c57e1b27f9046"
#define JOURNAL_ID_MISSING "5e8d2c719b364f0da41e96b80c35f7d2"

/* Records of deaths a second. Milder classes have smaller limits, so that a serious death still has
 * room. */
#define JOURNAL_RECORDS_MAX 50u

struct journal_records;

struct journal_records_options {
	bool failed; /* also exits with a code other than 0 */
	/* Sends a record. Returns false if the journal did not take it. */
	bool (*send)(void *context, const char *record, size_t bytes);
	void *context; /* borrowed */
};

/* Copies the options. Returns NULL on allocation failure. */
struct journal_records *journal_records_new(const struct journal_records_options *options);

/* Returns a visitor that takes events. It stops on allocation failure. */
struct visitor journal_records_visitor(struct journal_records *records);

/* Ends the seconds before unix_ns; UINT64_MAX: all. */
void journal_records_advance(struct journal_records *records, uint64_t unix_ns);

/* Counts a file of the recording that was not read to its end in time. */
void journal_records_note_gap(struct journal_records *records);

/* Writes what was not reported to the journal, as one line that starts with `program`; nothing if
 * all was. */
void journal_records_write_rest(const struct journal_records *records, const char *program,
				FILE *out);

/* NULL is allowed. */
void journal_records_free(struct journal_records *records);

#endif
