/* analyze/replay/replay.h - one pass over the events of a trace, shown to visitors */
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
	REPLAY_FAILED,  /* trace_problem() tells why, or there is no memory */
};

struct replay {
	struct trace *trace;
	const struct selection *selection;
	struct progress *progress; /* kept up to date; NULL for none */
};

/*
 * Shows every selected event from the first to the last to each visitor that wants its kind. Causes
 * are found in all events, selected or not. Can be repeated.
 */
enum replay_status replay_run(const struct replay *replay, const struct visitor *visitors,
			      size_t visitor_count);

#endif
