/* analyze/replay/replay.c - one pass over the events of a trace for several visitors */
#include "analyze/replay/replay.h"

#include <stdlib.h>

#include "analyze/cause/cause_tracker.h"

#include "analyze/replay/filter.h"

#define BIT VISITOR_KIND

/* Events between two updates of the progress. */
#define PROGRESS_EVENTS 65536u

/* Kinds that the cause tracker needs to explain events of another kind. */
static const struct {
	uint32_t kind;
	uint64_t needs;
} needs[] = {
	{DZ_KIND_EXIT,
	 BIT(DZ_KIND_SIGNAL) | BIT(DZ_KIND_DELIVERY) | BIT(DZ_KIND_OOM) | BIT(DZ_KIND_PROBE)},
	{DZ_KIND_DELIVERY, BIT(DZ_KIND_SIGNAL) | BIT(DZ_KIND_EXIT)},
};

/* What happened in this time before the selected range can explain its events. */
#define LOOK_BACK_NS UINT64_C(120000000000)

struct pass {
	const struct replay *replay;
	const struct visitor *visitors;
	size_t visitor_count;
	struct filter filter;
	struct time_range span;
	struct cause_tracker *tracker;
	uint64_t total_bytes;
	uint64_t events;
};

/* The cause or signal of an event, during the calls of the visitors. */
struct joined {
	struct cause cause;
	struct cause_signal taken;
};

/* Returns the kinds that the visitors want. */
static uint64_t find_visited(const struct replay *replay, const struct visitor *visitors,
			     size_t visitor_count)
{
	uint64_t about = VISITOR_KIND(DZ_KIND_FIRST_EVENT) - 1;
	uint64_t wanted = 0;

	for (size_t i = 0; i < visitor_count; i++)
		wanted |= visitors[i].kinds;
	if (replay->selection->kinds != 0)
		wanted &= replay->selection->kinds | about;
	return wanted;
}

/* Returns the kinds to read; 0: all. */
static uint64_t find_wanted(uint64_t visited)
{
	uint64_t wanted = visited;

	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
		if (wanted & BIT(needs[i].kind))
			wanted |= needs[i].needs;
	return wanted & VISITOR_OTHER_KINDS ? 0 : wanted;
}

/* Finds the cause of an exit or the signal of a delivery in the events before it. Returns false on
 * allocation failure. */
static bool join(struct pass *pass, const struct trace_event *traced, struct joined *joined,
		 struct visitor_event *event)
{
	if (!traced->event.row)
		return true;
	switch (traced->event.kind) {
	case DZ_KIND_SIGNAL:
		return cause_tracker_signal(pass->tracker, traced);
	case DZ_KIND_OOM:
		return cause_tracker_oom(pass->tracker, traced);
	case DZ_KIND_PROBE:
		return cause_tracker_probe(pass->tracker, traced);
	case DZ_KIND_DELIVERY:
		event->taken = &joined->taken;
		return cause_tracker_delivery(pass->tracker, traced, &joined->taken,
					      &event->taken_number);
	case DZ_KIND_EXIT:
		event->cause = &joined->cause;
		return cause_tracker_exit(pass->tracker, traced, &joined->cause);
	default:
		return true;
	}
}

static bool wants(const struct visitor *visitor, uint32_t kind)
{
	return (visitor->kinds & (kind < 63 ? VISITOR_KIND(kind) : VISITOR_OTHER_KINDS)) != 0;
}

static bool is_wanted(const struct pass *pass, uint32_t kind)
{
	for (size_t i = 0; i < pass->visitor_count; i++)
		if (wants(&pass->visitors[i], kind))
			return true;
	return false;
}

static enum replay_status show(struct pass *pass, const struct trace_event *traced)
{
	struct joined joined;
	struct visitor_event event = {
		.file = traced->file,
		.event = &traced->event,
		.unix_ns = traced->unix_ns,
	};

	if (!join(pass, traced, &joined, &event))
		return REPLAY_FAILED;
	/* Half of the events, or more, are here only to explain others. */
	if (!is_wanted(pass, traced->event.kind))
		return REPLAY_OK;
	event.task = dz_reader_task(traced->file->reader, filter_subject(&traced->event));
	if (!filter_accepts(&pass->filter, &event))
		return REPLAY_OK;
	for (size_t i = 0; i < pass->visitor_count; i++) {
		const struct visitor *visitor = &pass->visitors[i];

		if (wants(visitor, traced->event.kind) && !visitor->visit(visitor->context, &event))
			return REPLAY_STOPPED;
	}
	return REPLAY_OK;
}

/* The bytes read are not known: the part of the time that has passed is taken for that of the
 * bytes.
 */
static void update_progress(struct pass *pass, uint64_t unix_ns)
{
	const struct time_range *span = &pass->span;
	double share = 0;

	if (!pass->replay->progress || ++pass->events % PROGRESS_EVENTS != 0)
		return;
	if (span->last_ns > span->first_ns && unix_ns > span->first_ns)
		share = (double)(unix_ns - span->first_ns) /
			(double)(span->last_ns - span->first_ns);
	progress_update(pass->replay->progress, (uint64_t)(share * (double)pass->total_bytes),
			pass->events);
}

static enum replay_status run(struct pass *pass)
{
	struct trace_event traced;
	enum trace_status status;

	while ((status = trace_next(pass->replay->trace, &traced)) == TRACE_OK) {
		enum replay_status shown = show(pass, &traced);

		if (shown != REPLAY_OK)
			return shown;
		update_progress(pass, traced.unix_ns);
	}
	return status == TRACE_END ? REPLAY_OK : REPLAY_FAILED;
}

/* Starts to read at LOOK_BACK_NS before the selected range, and up to its end. */
static bool start(struct pass *pass, uint64_t visited)
{
	const bool is_for_causes = !(visited & (BIT(DZ_KIND_SIGNAL) | VISITOR_OTHER_KINDS));
	struct trace *trace = pass->replay->trace;
	struct time_range range = {.last_ns = pass->filter.until_ns};

	if (pass->filter.since_ns > LOOK_BACK_NS)
		range.first_ns = pass->filter.since_ns - LOOK_BACK_NS;
	if (trace_has_before(trace, DZ_KIND_SIGNAL, range.first_ns))
		cause_tracker_note_signals(pass->tracker);
	return trace_rewind(trace, find_wanted(visited), &range,
			    is_for_causes ? &cause_tracker_rows : NULL) == TRACE_OK;
}

enum replay_status replay_run(const struct replay *replay, const struct visitor *visitors,
			      size_t visitor_count)
{
	struct pass pass = {
		.replay = replay,
		.visitors = visitors,
		.visitor_count = visitor_count,
		.span = trace_span(replay->trace),
		.total_bytes = trace_size_bytes(replay->trace),
	};
	uint64_t visited = find_visited(replay, visitors, visitor_count);
	enum replay_status status = REPLAY_FAILED;

	pass.filter = filter_make(replay->selection, &pass.span);
	if (!cause_tracker_new(&pass.tracker))
		return REPLAY_FAILED;
	if (start(&pass, visited))
		status = run(&pass);
	cause_tracker_free(pass.tracker);
	return status;
}

struct replay_feed {
	struct pass pass;
};

struct replay_feed *replay_feed_new(const struct selection *selection,
				    const struct time_range *span, const struct visitor *visitors,
				    size_t visitor_count)
{
	struct replay_feed *feed = calloc(1, sizeof(*feed));

	if (!feed)
		return NULL;
	feed->pass = (struct pass){
		.visitors = visitors,
		.visitor_count = visitor_count,
		.span = *span,
		.filter = filter_make(selection, span),
	};
	if (!cause_tracker_new(&feed->pass.tracker)) {
		free(feed);
		return NULL;
	}
	return feed;
}

enum replay_status replay_feed_event(struct replay_feed *feed, const struct trace_event *event)
{
	return show(&feed->pass, event);
}

void replay_feed_free(struct replay_feed *feed)
{
	if (!feed)
		return;
	cause_tracker_free(feed->pass.tracker);
	free(feed);
}
