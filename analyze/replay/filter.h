/* analyze/replay/filter.h - selection of events */
#ifndef ANALYZE_REPLAY_FILTER_H
#define ANALYZE_REPLAY_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "analyze/replay/selection.h"
#include "analyze/replay/visitor.h"

/* A selection with its times in ns since 1970. */
struct filter {
	const struct selection *selection; /* borrowed */
	uint64_t since_ns;                 /* Unix */
	uint64_t until_ns;                 /* Unix; UINT64_MAX: no limit */
};

/* Makes a filter from a selection, which it borrows. Times relative to the start or the end are
 * relative to `span`. */
struct filter filter_make(const struct selection *selection, const struct time_range *span);

/* Returns whether an event is selected. Records about the recording, such as lost and info, are
 * selected by their time only. */
bool filter_accepts(const struct filter *filter, const struct visitor_event *event);

/* Returns the reference to the subject of an event: the task that filters compare. For a kind of
 * this version, DZ_KINDS names the field. For other kinds it is the field task. 0: no task. */
uint64_t filter_subject(const struct dz_event *event);

#endif
