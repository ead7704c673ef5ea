/* analyze/replay/totals.h - numbers of events in a trace */
#ifndef ANALYZE_REPLAY_TOTALS_H
#define ANALYZE_REPLAY_TOTALS_H

#include <stdbool.h>
#include <stdint.h>

#include "analyze/replay/visitor.h"

struct totals {
	uint64_t exits;        /* of processes */
	uint64_t thread_exits; /* of threads that were not the last of their process */
	uint64_t by_signal;    /* processes killed by a signal */
	uint64_t failed;       /* processes with an exit code other than 0 */
	uint64_t core_dumped;
	uint64_t kinds[64]; /* records by number of their kind, if it is below 64; of sums, what was
			       added up */
	uint64_t others;    /* records of all other kinds */
	uint64_t lost;      /* events that are not in the file, of all kinds */
};

/* Returns a visitor that counts events in *totals, which must start all zero and outlive the
 * visitor.
 */
struct visitor totals_visitor(struct totals *totals);

#endif
