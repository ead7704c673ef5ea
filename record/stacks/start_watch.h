/* record/stacks/start_watch.h - reads the changes of mappings while a recording starts
 *
 * Loading and attaching BPF programs takes a second or more, in which other processes would fill
 * the rings. Until the first thread reads them, a second one does.
 */
#ifndef RECORD_STACKS_START_WATCH_H
#define RECORD_STACKS_START_WATCH_H

#include "record/stacks/mmap_tracker.h"

struct start_watch;

/* Starts the thread, which uses the tracker alone until start_watch_stop(). Returns NULL on
 * failure; then the rings are not read meanwhile. */
struct start_watch *start_watch_start(struct mmap_tracker *tracker);

/* Call before events can arrive: from then on changes are read, but not applied, as the mappings at
 * the time of an event are needed. NULL is allowed. */
void start_watch_hold(struct start_watch *watch);

/* Ends the thread and frees the watch. NULL is allowed. */
void start_watch_stop(struct start_watch *watch);

#endif
