/* record/convert/pending_events.h - where events wait for their user stacks, for a while and in
 * order
 */
#ifndef RECORD_CONVERT_PENDING_EVENTS_H
#define RECORD_CONVERT_PENDING_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/convert/translator.h"
#include "record/stacks/user_stacks.h"
#include <dz/status.h>

struct pending_events;

/* Borrows both. Events leave with at most so many bytes of others behind them; before that, when
 * their stack is there or USER_STACKS_WAIT_NS after they happened. NULL if there is no memory. */
struct pending_events *pending_events_new(const struct user_stacks *stacks,
					  struct translator *translator, size_t bytes_max);
/* What still waits is lost. NULL is allowed. */
void pending_events_free(struct pending_events *room);

/* Takes a copy of a record of a ring, or passes it on at once. DZ_NO_MEMORY, and the errors of the
 * writer. */
DZ_MUST_CHECK enum dz_status pending_events_add(struct pending_events *room, const void *record,
						size_t size);

/* Passes on what need not wait any longer at that time, CLOCK_BOOTTIME; UINT64_MAX for everything.
 */
DZ_MUST_CHECK enum dz_status pending_events_release(struct pending_events *room, uint64_t now_ns);

/* Whether all events that came in were passed on. */
bool pending_events_is_empty(const struct pending_events *room);

#endif
