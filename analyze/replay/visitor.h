/* analyze/replay/visitor.h - interface of consumers of events */
#ifndef ANALYZE_REPLAY_VISITOR_H
#define ANALYZE_REPLAY_VISITOR_H

#include <stdbool.h>
#include <stdint.h>

#include "analyze/cause/cause.h"
#include "analyze/trace/trace.h"

/* An event, with what is known about it from earlier events. Valid during the call only. */
struct visitor_event {
	const struct trace_file *file; /* that the references of the event belong to */
	const struct dz_event *event;
	uint64_t unix_ns;
	const struct dz_task *task;       /* subject, see filter_subject(); NULL: unknown */
	const struct cause *cause;        /* kind exit only, else NULL */
	const struct cause_signal *taken; /* kind delivery only, else NULL; file NULL: unknown */
	uint32_t taken_number;            /* kind delivery only: the number of that signal */
};

/* Bit n, up to 62: kind number n. Bit 63: all other kinds. */
#define VISITOR_KIND(kind)  (UINT64_C(1) << (kind))
#define VISITOR_OTHER_KINDS VISITOR_KIND(63)
#define VISITOR_ALL_KINDS   UINT64_MAX

struct visitor {
	void *context;
	uint64_t kinds; /* VISITOR_KIND() of the kinds to visit */
	/* Called in time order. Returns false to end the replay. */
	bool (*visit)(void *context, const struct visitor_event *event);
};

#endif
