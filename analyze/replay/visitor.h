/* analyze/replay/visitor.h - what a consumer of events sees of each, and how it is called */
#ifndef ANALYZE_REPLAY_VISITOR_H
#define ANALYZE_REPLAY_VISITOR_H

#include <stdbool.h>
#include <stdint.h>

#include "analyze/cause/cause.h"
#include "analyze/trace/trace.h"

/* An event together with what the events before it tell of it. Valid during the call only. */
struct visitor_event {
	const struct trace_file *file; /* whose ids the event's are */
	const struct dz_event *event;
	uint64_t unix_ns;
	const struct dz_task *task;       /* whom it is about; NULL if unknown. Of a signal: its
					     receiver; of kind oom: the victim */
	const struct cause *cause;        /* of kind exit, else NULL */
	const struct cause_signal *taken; /* of kind delivery, else NULL; file NULL if unknown */
	uint32_t taken_number;            /* of kind delivery: the signal that it is about */
};

/* Bit n: kind number n, up to 62; the last bit stands for all kinds above. */
#define VISITOR_KIND(kind)  (UINT64_C(1) << (kind))
#define VISITOR_OTHER_KINDS VISITOR_KIND(63)
#define VISITOR_ALL_KINDS   UINT64_MAX

struct visitor {
	void *context;
	uint64_t kinds; /* VISITOR_KIND() of those it wants to see */
	/* Called in order of time; false ends the replay. */
	bool (*visit)(void *context, const struct visitor_event *event);
};

#endif
