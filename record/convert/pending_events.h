/* record/convert/pending_events.h - queue of events that wait for user stacks and command lines */
#ifndef RECORD_CONVERT_PENDING_EVENTS_H
#define RECORD_CONVERT_PENDING_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/convert/translator.h"
#include "record/stacks/user_stacks.h"
#include <dz/status.h>

struct pending_events;

/* Borrows both; `stacks` may be NULL. An event leaves the queue when its stack and the command
 * lines of its tasks are ready, USER_STACKS_WAIT_NS after its time, or when the queue has more than
 * bytes_max bytes. Sums of events wait from when they are added. Events never overtake each other.
 * Returns NULL on allocation failure. */
struct pending_events *pending_events_new(const struct user_stacks *stacks,
					  struct translator *translator, size_t bytes_max);
/* Frees the queue with its events. NULL is allowed. */
void pending_events_free(struct pending_events *pending);

/* Copies a record of a ring into the queue, or translates it at once. Returns DZ_NO_MEMORY, or the
 * errors of the translator. */
DZ_MUST_CHECK enum dz_status pending_events_add(struct pending_events *pending, const void *record,
						size_t size);

/* Translates the events that need not wait longer at this time, CLOCK_BOOTTIME; UINT64_MAX: all. */
DZ_MUST_CHECK enum dz_status pending_events_release(struct pending_events *pending,
						    uint64_t now_ns);

/* Whether no event waits. */
bool pending_events_is_empty(const struct pending_events *pending);

#endif
