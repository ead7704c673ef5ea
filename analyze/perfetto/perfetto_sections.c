/* analyze/perfetto/perfetto_sections.c - sections as slices: in them system calls, in these states
 *
 * Sections are placed in the order of their starts, on the first lane of their thread where they
 * nest. The outermost section of a lane is written with the sections inside it, from its start to
 * its end. Its intervals fill the rest: an interval is cut where a section starts or ends.
 */
#include "analyze/perfetto/perfetto_sections.h"

#include <stdlib.h>
#include <string.h>

#include "analyze/perfetto/perfetto_stacks.h"
#include "analyze/perfetto/perfetto_tracks.h"
#include "analyze/sections/section_interval.h"
#include "analyze/trace/event_field.h"
#include "base/array.h"

/* Lanes that are used again. Further ones have one outermost section each. */
#define LANES 4u

struct lane_ends {
	uint64_t ends[LANES]; /* the last slice of each ends here */
	uint64_t extra;       /* further lanes */
};

struct perfetto_sections {
	struct perfetto_writer *writer;
	struct lane_ends *threads; /* by the number of their track, from 1 */
	size_t thread_count, thread_capacity;
};

/* A section of the group, in the order of writing. */
struct placed {
	const struct dz_section *section;
	size_t lane;
	bool is_outermost; /* on its lane */
};

/* A lane while sections are placed. */
struct lane {
	uint64_t *ends; /* of the sections that are open here, outermost first */
	size_t depth, capacity;
	uint64_t end_ns; /* of the last outermost section */
};

/* An outermost section that is being written, with those inside it. */
struct writing {
	struct perfetto_sections *sections;
	const struct section_group *group;
	const struct placed *next, *end; /* sections that follow; not all are on this lane */
	size_t lane;
	uint64_t track;
	const struct dz_section **open; /* outermost first */
	size_t depth;
	bool in_call;
};

struct perfetto_sections *perfetto_sections_new(struct perfetto_writer *writer)
{
	struct perfetto_sections *sections = calloc(1, sizeof(*sections));

	if (sections)
		sections->writer = writer;
	return sections;
}

void perfetto_sections_free(struct perfetto_sections *sections)
{
	if (sections)
		free(sections->threads);
	free(sections);
}

static struct lane_ends *lanes_of(struct perfetto_sections *sections, uint64_t number)
{
	struct lane_ends *grown = array_grow(sections->threads, &sections->thread_capacity,
					     (size_t)number + 1, sizeof(*grown), ARRAY_NO_LIMIT);

	if (!grown)
		return NULL;
	sections->threads = grown;
	for (; sections->thread_count <= number; sections->thread_count++)
		grown[sections->thread_count] = (struct lane_ends){.extra = LANES};
	return &grown[number];
}

/* By start, and those that contain others first. */
static int compare_sections(const void *left, const void *right)
{
	const struct dz_section *a = ((const struct placed *)left)->section;
	const struct dz_section *b = ((const struct placed *)right)->section;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	if (a->time != b->time)
		return a->time > b->time ? -1 : 1;
	return (a->id > b->id) - (a->id < b->id);
}

/* Places a section on a lane. Returns false if it does not nest there. */
static bool nest(struct lane *lane, struct placed *placed, bool *ret_no_memory)
{
	const struct dz_section *section = placed->section;
	uint64_t *grown;

	while (lane->depth > 0 && lane->ends[lane->depth - 1] <= section->start)
		lane->depth--;
	placed->is_outermost = lane->depth == 0;
	if (placed->is_outermost ? section->start < lane->end_ns
				 : section->time > lane->ends[lane->depth - 1])
		return false;
	grown = array_grow(lane->ends, &lane->capacity, lane->depth + 1, sizeof(*grown),
			   ARRAY_NO_LIMIT);
	*ret_no_memory = !grown;
	if (!grown)
		return false;
	lane->ends = grown;
	lane->ends[lane->depth++] = section->time;
	if (placed->is_outermost)
		lane->end_ns = section->time;
	return true;
}

/* Chooses the lanes of all sections. Returns false on allocation failure. */
static bool place_all(struct lane_ends *thread, struct placed *placed, size_t count)
{
	struct lane lanes[LANES] = {0};
	bool no_memory = false;

	for (size_t i = 0; i < LANES; i++)
		lanes[i].end_ns = thread->ends[i];
	for (size_t i = 0; i < count && !no_memory; i++) {
		size_t lane = 0;

		while (lane < LANES && !nest(&lanes[lane], &placed[i], &no_memory) && !no_memory)
			lane++;
		placed[i].is_outermost |= lane == LANES;
		placed[i].lane = lane < LANES ? lane : (size_t)thread->extra++;
	}
	for (size_t i = 0; i < LANES; i++) {
		thread->ends[i] = lanes[i].end_ns;
		free(lanes[i].ends);
	}
	return !no_memory;
}

static void end_slice(const struct writing *writing, uint64_t time_ns)
{
	perfetto_writer_event(writing->sections->writer,
			      &(struct perfetto_event){.type = PERFETTO_END,
						       .time_ns = time_ns,
						       .track = writing->track});
}

static void end_call(struct writing *writing, uint64_t time_ns)
{
	if (writing->in_call)
		end_slice(writing, time_ns);
	writing->in_call = false;
}

static struct trace_text word_text(const char *word)
{
	return (struct trace_text){word ? word : "?", word ? strlen(word) : 1};
}

static void begin_section(struct writing *writing, const struct dz_section *section)
{
	const struct trace_file *file = writing->group->file;
	struct perfetto_event event = {
		.type = PERFETTO_BEGIN,
		.time_ns = section->start,
		.track = writing->track,
		.category = PERFETTO_CATEGORY_SECTION,
		.name = trace_text(file, section->label),
	};
	const char *source = event_field_word(DZ_KIND_SECTION, "source", section->source);

	if (event.name.size == 0)
		event.name = word_text(source);
	perfetto_event_word(&event, PERFETTO_KEY_SOURCE, source);
	perfetto_event_number(&event, PERFETTO_KEY_ID, section->id);
	perfetto_event_number(&event, PERFETTO_KEY_THRESHOLD, section->threshold);
	perfetto_event_word(&event, PERFETTO_KEY_END,
			    event_field_word(DZ_KIND_SECTION, "end", section->end));
	if (section->dropped_steps > 0)
		perfetto_event_number(&event, PERFETTO_KEY_DROPPED, section->dropped_steps);
	perfetto_writer_event(writing->sections->writer, &event);
	writing->open[writing->depth++] = section;
}

/* The name of the system call that an interval is in. During an interrupt, the interval has the
 * name of the handler: a later one has that of the call. */
static struct trace_text call_of(const struct writing *writing,
				 const struct section_interval *interval,
				 const struct section_interval *end)
{
	while (interval + 1 < end && interval->state == INTERVAL_STATE_INTERRUPT &&
	       interval[1].in_call)
		interval++;
	if (interval->state == INTERVAL_STATE_INTERRUPT || interval->name == 0)
		return word_text("system call");
	return trace_text(writing->group->file, interval->name);
}

static void add_waker(struct perfetto_event *event, const struct trace_file *file,
		      const struct dz_step *woken)
{
	const struct dz_task *waker = woken ? dz_reader_task(file->reader, woken->peer) : NULL;

	if (waker)
		perfetto_event_text(event, PERFETTO_KEY_WOKEN_BY,
				    trace_text(file, trace_process_comm(waker)));
}

/* Writes a part of an interval, from `start_ns` to `end_ns`. */
static void write_part(struct writing *writing, const struct section_interval *interval,
		       const struct section_interval *end, uint64_t start_ns, uint64_t end_ns)
{
	struct perfetto_writer *writer = writing->sections->writer;
	const struct trace_file *file = writing->group->file;
	struct perfetto_event event = {
		.type = PERFETTO_BEGIN, .time_ns = start_ns, .track = writing->track};

	if (start_ns >= end_ns)
		return;
	if (!interval->in_call)
		end_call(writing, start_ns);
	if (interval->in_call && !writing->in_call) {
		event.category = PERFETTO_CATEGORY_CALL;
		event.name = call_of(writing, interval, end);
		perfetto_writer_event(writer, &event);
		writing->in_call = true;
	}
	event.category = PERFETTO_CATEGORY_PHASE;
	event.name = word_text(interval->state == INTERVAL_STATE_DROPPED
				       ? "dropped"
				       : event_field_word(DZ_KIND_PHASE, "state", interval->state));
	event.stack = perfetto_stack(writer, file, interval->kernel_stack, interval->user_stack);
	add_waker(&event, file, interval->woken);
	perfetto_writer_event(writer, &event);
	end_slice(writing, end_ns);
}

/* Returns the next section of this lane that is inside the outermost one; NULL: none. */
static const struct dz_section *next_inner(struct writing *writing)
{
	while (writing->next < writing->end && writing->next->lane != writing->lane)
		writing->next++;
	if (writing->next == writing->end || writing->next->is_outermost)
		return NULL;
	return writing->next->section;
}

/* Ends and starts sections up to a time. Returns the time of the next border, or `until_ns`. */
static uint64_t cross_borders(struct writing *writing, uint64_t now_ns, uint64_t until_ns)
{
	const struct dz_section *inner;
	uint64_t border;

	for (;;) {
		inner = next_inner(writing);
		border = writing->open[writing->depth - 1]->time;
		if (writing->depth > 1 && border <= now_ns && (!inner || inner->start >= border)) {
			end_call(writing, border);
			end_slice(writing, border);
			writing->depth--;
		} else if (inner && inner->start <= now_ns) {
			end_call(writing, inner->start);
			begin_section(writing, inner);
			writing->next++;
		} else {
			break;
		}
	}
	if (writing->depth == 1 || border > until_ns)
		border = until_ns;
	return inner && inner->start < border ? inner->start : border;
}

static void write_interval(struct writing *writing, const struct section_interval *interval,
			   const struct section_interval *end)
{
	uint64_t now_ns = interval->start_ns;

	while (now_ns < interval->end_ns) {
		uint64_t border = cross_borders(writing, now_ns, interval->end_ns);

		write_part(writing, interval, end, now_ns, border);
		now_ns = border;
	}
}

/* Writes an outermost section of a lane. Returns false on allocation failure. */
static bool write_outermost(struct writing *writing, struct section_steps *steps)
{
	const struct dz_section *outermost = writing->next++->section;
	struct section_interval *intervals;
	size_t count;

	if (!section_intervals_make(steps, outermost, &intervals, &count))
		return false;
	writing->depth = 0;
	writing->in_call = false;
	begin_section(writing, outermost);
	for (size_t i = 0; i < count; i++)
		write_interval(writing, &intervals[i], intervals + count);
	(void)cross_borders(writing, outermost->time, outermost->time);
	end_call(writing, outermost->time);
	while (writing->depth-- > 0)
		end_slice(writing, outermost->time);
	free(intervals);
	return true;
}

static bool write_all(struct writing *writing, const struct perfetto_track *thread,
		      const struct placed *placed, size_t count)
{
	struct section_steps *steps;
	bool ok = true;

	if (!section_steps_new(writing->group, &steps))
		return false;
	for (size_t i = 0; ok && i < count; i++) {
		if (!placed[i].is_outermost)
			continue;
		writing->next = placed + i;
		/* A further lane has no other section. */
		writing->end = placed + (placed[i].lane < LANES ? count : i + 1);
		writing->lane = placed[i].lane;
		writing->track = placed[i].lane == 0
					 ? thread->uuid
					 : perfetto_lane_track(writing->sections->writer, thread,
							       placed[i].lane);
		ok = write_outermost(writing, steps);
	}
	section_steps_free(steps);
	return ok;
}

/* Lists the sections that can be written: one that ends before it starts is not. */
static size_t list_sections(const struct section_group *group, struct placed *placed)
{
	size_t count = 0;

	for (size_t i = 0; i < group->section_count; i++)
		if (group->sections[i].start <= group->sections[i].time)
			placed[count++].section = &group->sections[i];
	qsort(placed, count, sizeof(*placed), compare_sections);
	return count;
}

bool perfetto_sections_add(struct perfetto_sections *sections, const struct section_group *group)
{
	const struct trace_file *file = group->file;
	struct placed *placed = calloc(group->section_count + 1, sizeof(*placed));
	struct writing writing = {.sections = sections, .group = group};
	struct perfetto_track thread;
	struct lane_ends *lanes;
	bool ok = false;
	size_t count;

	/* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers */
	writing.open = calloc(group->section_count + 1, sizeof(*writing.open));
	if (placed && writing.open && group->section_count > 0) {
		thread = perfetto_thread_track(
			sections->writer, file,
			dz_reader_task(file->reader, group->sections[0].task));
		count = list_sections(group, placed);
		lanes = lanes_of(sections, thread.number);
		ok = lanes && place_all(lanes, placed, count) &&
		     write_all(&writing, &thread, placed, count);
	}
	ok |= group->section_count == 0;
	free(writing.open);
	free(placed);
	return ok && !sections->writer->out_of_memory;
}
