/* analyze/replay/filter.h - decides whether an event is selected */
#ifndef ANALYZE_REPLAY_FILTER_H
#define ANALYZE_REPLAY_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "analyze/replay/selection.h"
#include "analyze/replay/visitor.h"

/* A selection with its times resolved. */
struct filter {
	const struct selection *selection;
	uint64_t since_ns; /* Unix */
	uint64_t until_ns; /* Unix; UINT64_MAX: no limit */
};

/* `span` is what times that count from the start or the end are resolved in. Borrows the
 * selection. */
struct filter filter_make(const struct selection *selection, const struct time_range *span);

/* Whether the event is selected. What is said about the recording as a whole always is, within the
 * time. */
bool filter_accepts(const struct filter *filter, const struct visitor_event *event);

/* The reference of the task that an event is about (visitor_event.task); 0 if it is of nobody. */
uint64_t filter_subject(const struct dz_event *event);

#endif
