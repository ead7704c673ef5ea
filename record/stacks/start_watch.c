/* record/stacks/start_watch.c - reads the changes of mappings while a recording starts */
#include "record/stacks/start_watch.h"

#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "record/common/clock.h"
#include "record/common/thread.h"

#define READ_INTERVAL_MS 10
#define SETTLE_NS        UINT64_C(10000000) /* as in user_stacks.c */

struct start_watch {
	struct mmap_tracker *tracker;
	pthread_t thread;
	atomic_bool is_held;
	atomic_bool is_ending;
};

static void *run(void *context)
{
	struct start_watch *watch = context;
	struct pollfd ready = {.fd = mmap_tracker_descriptor(watch->tracker), .events = POLLIN};

	pthread_setname_np(pthread_self(), "diag-start");
	while (!atomic_load(&watch->is_ending)) {
		mmap_tracker_read(watch->tracker);
		if (!atomic_load(&watch->is_held))
			mmap_tracker_advance(watch->tracker, clock_boottime_ns() - SETTLE_NS);
		mmap_tracker_rescan(watch->tracker, clock_boottime_ns());
		(void)poll(&ready, 1, READ_INTERVAL_MS);
	}
	return NULL;
}

struct start_watch *start_watch_start(struct mmap_tracker *tracker)
{
	struct start_watch *watch = calloc(1, sizeof(*watch));

	if (!watch)
		return NULL;
	watch->tracker = tracker;
	atomic_init(&watch->is_held, false);
	atomic_init(&watch->is_ending, false);
	if (thread_start(&watch->thread, run, watch))
		return watch;
	free(watch);
	return NULL;
}

void start_watch_hold(struct start_watch *watch)
{
	if (watch)
		atomic_store(&watch->is_held, true);
}

void start_watch_stop(struct start_watch *watch)
{
	if (!watch)
		return;
	atomic_store(&watch->is_ending, true);
	(void)pthread_join(watch->thread, NULL);
	free(watch);
}
