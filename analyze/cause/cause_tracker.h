/* analyze/cause/cause_tracker.h - joins an exit with the signal that caused it
 *
 * A cause_tracker sees every event in time order. For each process that lives it remembers the
 * pending signals, how the process took the last one, and whether the out-of-memory killer chose
 * it. A process is identified by boot, pid and start time, never by its pid alone.
 */
#ifndef ANALYZE_CAUSE_CAUSE_TRACKER_H
#define ANALYZE_CAUSE_CAUSE_TRACKER_H

#include <stdbool.h>
#include <stdint.h>

#include "analyze/cause/cause.h"

struct cause_tracker;

/* False without memory. */
bool cause_tracker_new(struct cause_tracker **ret_tracker);

/* Forgets all processes. */
void cause_tracker_reset(struct cause_tracker *tracker);

/* To be shown every event of kind signal and oom. False without memory. */
bool cause_tracker_signal(struct cause_tracker *tracker, const struct trace_event *event);
bool cause_tracker_oom(struct cause_tracker *tracker, const struct trace_event *event);

/*
 * To be shown every delivery. ret_signal is the signal that was taken, with file NULL if its
 * generation is not in the trace; *ret_number the number of the signal that it is about, which is
 * not 9 if the kernel ends a group for another reason (0: because of an exit or exec). False
 * without memory.
 */
bool cause_tracker_delivery(struct cause_tracker *tracker, const struct trace_event *event,
			    struct cause_signal *ret_signal, uint32_t *ret_number);

/* To be shown every exit, and then tells its cause; the end of a process forgets it. False without
 * memory. */
bool cause_tracker_exit(struct cause_tracker *tracker, const struct trace_event *event,
			struct cause *ret_cause);

/* NULL is allowed. */
void cause_tracker_free(struct cause_tracker *tracker);

#endif
