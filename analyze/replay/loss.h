/* analyze/replay/loss.h - sums of lost events */
#ifndef ANALYZE_REPLAY_LOSS_H
#define ANALYZE_REPLAY_LOSS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "analyze/replay/visitor.h"

#define LOSS_TEXT_BYTES 64u

/* Lost events of one kind with one reason. The texts are those of `texts`, cut to LOSS_TEXT_BYTES.
 */
struct loss_entry {
	struct trace_text kind;
	struct trace_text reason;
	uint64_t count;
	uint64_t first_ns; /* Unix */
	uint64_t last_ns;
	char texts[2][LOSS_TEXT_BYTES];
};

#define LOSS_ENTRIES_MAX 64u

struct loss {
	struct loss_entry
		entries[LOSS_ENTRIES_MAX]; /* the last one also counts all that do not fit */
	size_t count;
};

/* Returns a visitor that adds records of kind lost to *loss, which must start all zero and outlive
 * the visitor and not move. */
struct visitor loss_visitor(struct loss *loss);

/* Writes one line for each entry: "lost: 12 events of kind signal, ring full, 14:02:11.000000 to
 * 14:02:15.000000". */
void loss_write(const struct loss *loss, bool utc, FILE *out);

#endif
