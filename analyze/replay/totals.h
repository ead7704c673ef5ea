/* analyze/replay/totals.h - how many of what a trace holds */
#ifndef ANALYZE_REPLAY_TOTALS_H
#define ANALYZE_REPLAY_TOTALS_H

#include <stdbool.h>
#include <stdint.h>

#include "analyze/replay/visitor.h"

struct totals {
	uint64_t exits;        /* of processes */
	uint64_t thread_exits; /* of threads that were not the last */
	uint64_t by_signal;    /* of the processes: killed by one */
	uint64_t failed;       /* of the processes: exit code other than 0 */
	uint64_t core_dumped;
	uint64_t kinds[64]; /* records by number of kind, as far as it is below 64 */
	uint64_t others;    /* and those that are not */
	uint64_t lost;      /* events that are not in the file, of all kinds */
};

/* A visitor that counts what is selected into *totals, which starts all zero. */
struct visitor totals_visitor(struct totals *totals);

#endif
