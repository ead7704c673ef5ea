/* analyze/cause/cause_tracker.h - finds the causes of exits in the events before them
 *
 * A cause_tracker gets every event in time order. For each living process, it keeps the pending
 * signals, the last delivery, and whether the out-of-memory killer chose the process. A process is
 * identified by boot, pid and start time, never by its pid alone.
 */
#ifndef ANALYZE_CAUSE_CAUSE_TRACKER_H
#define ANALYZE_CAUSE_CAUSE_TRACKER_H

#include <stdbool.h>
#include <stdint.h>

#include "analyze/cause/cause.h"

struct cause_tracker;

/* Creates a tracker without processes. Returns false on allocation failure. */
bool cause_tracker_new(struct cause_tracker **ret_tracker);

/* The rows of kind signal that explain events. Others need not be read. */
extern const struct dz_row_filter cause_tracker_rows;

/* Adds an event of kind signal, oom or probe. Must be called for every one, of the signals for
 * those of cause_tracker_rows and for the first one. Returns false on allocation failure. */
bool cause_tracker_signal(struct cause_tracker *tracker, const struct trace_event *event);
bool cause_tracker_oom(struct cause_tracker *tracker, const struct trace_event *event);
bool cause_tracker_probe(struct cause_tracker *tracker, const struct trace_event *event);

/* Notes that signals were recorded before the first event that is added. */
void cause_tracker_note_signals(struct cause_tracker *tracker);

/*
 * Adds an event of kind delivery. Must be called for every one. Sets *ret_signal to the signal that
 * was taken, with file NULL if the trace does not contain its generation. Sets *ret_number to its
 * number. If the kernel ends a thread group with SIGKILL, this is the number of the signal that is
 * the reason, or 0 for an exit or exec. Returns false on allocation failure.
 */
bool cause_tracker_delivery(struct cause_tracker *tracker, const struct trace_event *event,
			    struct cause_signal *ret_signal, uint32_t *ret_number);

/* Adds an event of kind exit and returns its cause. Must be called for every exit. The exit of a
 * process removes the process. Returns false on allocation failure. */
bool cause_tracker_exit(struct cause_tracker *tracker, const struct trace_event *event,
			struct cause *ret_cause);

/* Frees a tracker. NULL is allowed. */
void cause_tracker_free(struct cause_tracker *tracker);

#endif
