/* analyze/report/ring_advice.h - the ring buffer that was full, and a size to try */
#ifndef ANALYZE_REPORT_RING_ADVICE_H
#define ANALYZE_REPORT_RING_ADVICE_H

#include <stdint.h>

#include "analyze/trace/trace.h"

struct ring_advice {
	uint64_t ring_bytes; /* the largest ring of that name in the files; 0: not in the files */
	uint64_t try_bytes;  /* 0: ring_bytes is 0, or --ring-size takes no larger size */
};

/* Returns the advice for lost events of a kind with the reason "ring full": four times the ring,
 * and at least its default. */
struct ring_advice ring_advice_of(const struct trace *trace, struct trace_text kind);

#endif
