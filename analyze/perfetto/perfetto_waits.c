/* analyze/perfetto/perfetto_waits.c - waits, blocked times and samples of a Perfetto trace */
#include "analyze/perfetto/perfetto_waits.h"

#include <stdlib.h>

#include "analyze/perfetto/perfetto_stacks.h"
#include "analyze/perfetto/perfetto_tracks.h"
#include "analyze/trace/event_field.h"
#include "base/array.h"

struct perfetto_waits {
	struct perfetto_writer *writer;
	uint64_t *ends; /* of the last slice of each thread, by the number of its track, from 1 */
	size_t count, capacity;
};

struct perfetto_waits *perfetto_waits_new(struct perfetto_writer *writer)
{
	struct perfetto_waits *waits = calloc(1, sizeof(*waits));

	if (waits)
		waits->writer = writer;
	return waits;
}

void perfetto_waits_free(struct perfetto_waits *waits)
{
	if (waits)
		free(waits->ends);
	free(waits);
}

/* Returns the end of the last slice on the track for waits of a thread, NULL on failure. */
static uint64_t *end_of(struct perfetto_waits *waits, uint64_t number)
{
	uint64_t *grown = array_grow(waits->ends, &waits->capacity, (size_t)number + 1,
				     sizeof(*grown), ARRAY_NO_LIMIT);

	if (!grown)
		return NULL;
	waits->ends = grown;
	for (; waits->count <= number; waits->count++)
		grown[waits->count] = 0;
	return &grown[number];
}

/* Writes a time that ends at `out->time_ns`: a slice, if its thread has no other one in it. Two
 * recordings of one machine have each time twice. */
static bool write_time(struct perfetto_waits *waits, const struct visitor_event *event,
		       struct perfetto_event *out, uint64_t duration_ns)
{
	const struct perfetto_track thread =
		perfetto_thread_track(waits->writer, event->file, event->task);
	const uint64_t end_ns = out->time_ns;
	uint64_t *last_ns = end_of(waits, thread.number);

	if (!last_ns)
		return false;
	out->track = perfetto_waits_track(waits->writer, &thread);
	perfetto_event_number(out, PERFETTO_KEY_DURATION, duration_ns);
	out->type = PERFETTO_INSTANT;
	if (duration_ns <= end_ns && end_ns - duration_ns >= *last_ns) {
		out->type = PERFETTO_BEGIN;
		out->time_ns = end_ns - duration_ns;
		*last_ns = end_ns;
	}
	perfetto_writer_event(waits->writer, out);
	if (out->type == PERFETTO_BEGIN)
		perfetto_writer_event(waits->writer, &(struct perfetto_event){.type = PERFETTO_END,
									      .time_ns = end_ns,
									      .track = out->track});
	return true;
}

static void add_waker(const struct visitor_event *event, uint64_t waker, uint64_t is_interrupt,
		      char word[static PERFETTO_TASK_WORD_MAX], struct perfetto_event *out)
{
	const struct dz_task *task = dz_reader_task(event->file->reader, waker);

	perfetto_event_word(out, PERFETTO_KEY_WOKEN_BY,
			    is_interrupt ? "an interrupt"
					 : perfetto_task_word(event->file, task, word));
}

bool perfetto_waits_add_runq(struct perfetto_waits *waits, const struct visitor_event *event)
{
	const struct dz_runq *row = event->event->row;
	const struct dz_task *previous = dz_reader_task(event->file->reader, row->previous);
	char waker[PERFETTO_TASK_WORD_MAX], before[PERFETTO_TASK_WORD_MAX];
	struct perfetto_event out = {
		.time_ns = row->time,
		.category = PERFETTO_CATEGORY_WAIT,
		.name = {"waiting for a CPU", sizeof("waiting for a CPU") - 1},
	};

	perfetto_event_word(&out, PERFETTO_KEY_CAUSE,
			    event_field_word(DZ_KIND_RUNQ, "cause", row->cause));
	add_waker(event, row->waker, row->interrupt, waker, &out);
	perfetto_event_number(&out, PERFETTO_KEY_CPU, row->cpu);
	perfetto_event_word(&out, PERFETTO_KEY_PREVIOUS,
			    perfetto_task_word(event->file, previous, before));
	if (row->throttled)
		perfetto_event_number(&out, PERFETTO_KEY_THROTTLED, row->throttled);
	return write_time(waits, event, &out, row->waited);
}

bool perfetto_waits_add_offcpu(struct perfetto_waits *waits, const struct visitor_event *event)
{
	const struct dz_offcpu *row = event->event->row;
	char waker[PERFETTO_TASK_WORD_MAX];
	struct perfetto_event out = {
		.type = PERFETTO_INSTANT,
		.time_ns = row->time,
		.category = PERFETTO_CATEGORY_WAIT,
		.name = {"blocked", sizeof("blocked") - 1},
	};

	out.stack = perfetto_stack(waits->writer, event->file, row->kernel_stack, row->user_stack);
	perfetto_event_word(&out, PERFETTO_KEY_STATE,
			    event_field_word(DZ_KIND_OFFCPU, "state", row->state));
	if (row->open)
		perfetto_event_word(&out, PERFETTO_KEY_END, "of the recording");
	else
		add_waker(event, row->waker, row->interrupt, waker, &out);
	if (row->count <= 1)
		return write_time(waits, event, &out, row->blocked);
	out.track = perfetto_thread_track(waits->writer, event->file, event->task).uuid;
	perfetto_event_number(&out, PERFETTO_KEY_DURATION, row->blocked);
	perfetto_event_number(&out, PERFETTO_KEY_TIMES, row->count);
	perfetto_event_number(&out, PERFETTO_KEY_SPAN, row->span);
	perfetto_writer_event(waits->writer, &out);
	return true;
}

bool perfetto_waits_add_cpu(struct perfetto_waits *waits, const struct visitor_event *event)
{
	const struct dz_cpu *row = event->event->row;
	struct perfetto_event out = {
		.type = PERFETTO_INSTANT,
		.time_ns = row->time,
		.category = PERFETTO_CATEGORY_SAMPLE,
		.name = {"on a CPU", sizeof("on a CPU") - 1},
	};

	out.track = perfetto_thread_track(waits->writer, event->file, event->task).uuid;
	out.stack = perfetto_stack(waits->writer, event->file, row->kernel_stack, row->user_stack);
	perfetto_event_number(&out, PERFETTO_KEY_CPU, row->cpu);
	perfetto_event_number(&out, PERFETTO_KEY_TIMES, row->count ? row->count : 1);
	perfetto_event_number(&out, PERFETTO_KEY_SPAN, row->span);
	if (row->events)
		perfetto_event_number(&out, PERFETTO_KEY_EVENTS, row->events);
	else
		perfetto_event_number(&out, PERFETTO_KEY_PERIOD, row->period);
	perfetto_writer_event(waits->writer, &out);
	return true;
}
