/* analyze/replay/loss.h - what the recorder could not keep, summed up */
#ifndef ANALYZE_REPLAY_LOSS_H
#define ANALYZE_REPLAY_LOSS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "analyze/replay/visitor.h"

/* Losses of one kind for one reason. */
struct loss_entry {
	struct trace_text kind;
	struct trace_text reason;
	uint64_t count;
	uint64_t first_ns; /* Unix */
	uint64_t last_ns;
};

#define LOSS_ENTRIES_MAX 64u

struct loss {
	struct loss_entry entries[LOSS_ENTRIES_MAX]; /* what does not fit adds to the last */
	size_t count;
};

/* A visitor that sums up records of kind lost into *loss, which starts all zero. The texts live as
 * long as the trace. */
struct visitor loss_visitor(struct loss *loss);

/* "lost: 12 events of kind signal, ring full, 14:02:11 to 14:02:15" for each */
void loss_write(const struct loss *loss, bool utc, FILE *out);

#endif
