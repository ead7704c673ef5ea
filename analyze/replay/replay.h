/* analyze/replay/replay.h - one pass over the events of a trace for several visitors */
#ifndef ANALYZE_REPLAY_REPLAY_H
#define ANALYZE_REPLAY_REPLAY_H

#include <stdbool.h>
#include <stddef.h>

#include "analyze/replay/selection.h"
#include "analyze/replay/visitor.h"
#include "analyze/trace/trace.h"
#include "text/progress.h"

enum replay_status {
	REPLAY_OK,
	REPLAY_STOPPED, /* by a visitor */
	REPLAY_FAILED,  /* a read error, see trace_problem(); if there is none, out of memory */
};

struct replay {
	struct trace *trace;
	const struct selection *selection;
	struct progress *progress; /* updated meanwhile; NULL: none */
};

/*
 * Calls the visitors for every selected event, from the first to the last. Each visitor gets the
 * events of its kinds. Causes are searched in all events, selected or not. Can be called again.
 */
enum replay_status replay_run(const struct replay *replay, const struct visitor *visitors,
			      size_t visitor_count);

/* The same for events that the caller reads, one at a time. */
struct replay_feed;

/* Borrows the selection and the visitors. Times of the selection that are relative to the start or
 * the end are relative to `span`. Returns NULL on allocation failure. */
struct replay_feed *replay_feed_new(const struct selection *selection,
				    const struct time_range *span, const struct visitor *visitors,
				    size_t visitor_count);

/* Calls the visitors, if the event is selected. */
enum replay_status replay_feed_event(struct replay_feed *feed, const struct trace_event *event);

/* NULL is allowed. */
void replay_feed_free(struct replay_feed *feed);

#endif
