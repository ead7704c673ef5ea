/* analyze/html/html_lanes.c - the processes and threads of a time line, and what happened in them
 */
#include "analyze/html/html_lanes.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/cause/task_text.h"
#include "analyze/report/answer_table.h"
#include "analyze/report/name_range.h"
#include "base/array.h"
#include "text/escape.h"
#include "text/text_stream.h"

/* How far back the section of a phase, and the signal of a death, is looked for. */
#define ITEMS_BACK 4096u

/* Names whose deaths are counted, to prefer the first of each. */
#define NAMES_MAX 4096u

/* Items are merged at first if they are closer than this part of the length; then the parts
 * become fewer by a quarter, again and again. */
#define FINEST_PARTS 65536u

/* What makes a process or thread the same; without padding. */
struct lane_key {
	uint64_t boot;
	uint64_t tid;
	uint64_t start;
};

static void free_lane(void *item)
{
	struct html_lane *lane = item;

	free(lane->label);
	free(lane->cause);
	free(lane);
}

bool html_lanes_open(struct html_lanes *lanes, bool child_signals)
{
	*lanes = (struct html_lanes){.child_signals = child_signals};
	lanes->seen_names = answer_table_new(NAMES_MAX, NULL);
	lanes->found_deaths = answer_table_new(HTML_LANES_DEATHS, free_lane);
	lanes->found_senders = answer_table_new(HTML_LANES_SENDERS, free_lane);
	lanes->found_sections = answer_table_new(HTML_LANES_SECTIONS, free_lane);
	return lanes->seen_names && lanes->found_deaths && lanes->found_senders &&
	       lanes->found_sections;
}

static struct lane_key process_key(const struct trace_file *file, const struct dz_task *task)
{
	return (struct lane_key){file->boot, task->pid, task->process_start};
}

static struct lane_key thread_key(const struct trace_file *file, const struct dz_task *task)
{
	if (task->tid == task->pid)
		return process_key(file, task);
	return (struct lane_key){file->boot, task->tid, task->start};
}

static char *make_label(const struct trace_file *file, const struct dz_task *task, bool is_thread)
{
	struct text_stream stream;

	if (!text_stream_open(&stream))
		return text_stream_close(&stream);
	if (is_thread) {
		task_text_text(stream.out, trace_text(file, task->comm));
		fprintf(stream.out, "[%" PRIu64 "] of ", task->tid);
	}
	task_text_task(stream.out, file, task);
	return text_stream_close(&stream);
}

static bool add_lane(struct answer_table *table, const struct answer_rank *rank,
		     const struct trace_file *file, const struct dz_task *task, bool is_thread)
{
	const struct lane_key key = is_thread ? thread_key(file, task) : process_key(file, task);
	struct answer_entry *entry;
	struct html_lane *lane;
	enum answer_added added =
		answer_table_add(table, (struct answer_key){&key, sizeof(key)}, *rank, &entry);

	if (added != ANSWER_NEW)
		return added != ANSWER_NO_MEMORY;
	lane = calloc(1, sizeof(*lane));
	if (!lane)
		return false;
	entry->item = lane;
	*lane = (struct html_lane){
		.boot = file->boot,
		.tid = key.tid,
		.start = key.start,
		.label = make_label(file, task, is_thread && task->tid != task->pid),
		.born_ns = key.start ? dz_reader_realtime_ns(file->reader, key.start) : 0,
		.class = CAUSE_CLASS_CLEAN,
	};
	return lane->label != NULL;
}

/* Sets how many processes of this class and name died before. Names that differ in numbers are
 * equal. Returns false on allocation failure. */
static bool count_name(struct html_lanes *lanes, const struct visitor_event *event,
		       enum cause_class class, uint32_t *ret_before)
{
	const struct answer_rank rank = {.class = class, .first_ns = event->unix_ns};
	struct buffer key = {.data = NULL};
	enum answer_added added = ANSWER_NO_MEMORY;
	struct answer_entry *entry = NULL;

	buffer_put_u8(&key, (uint8_t) class);
	name_range_fold(&key, trace_text(event->file, trace_process_comm(event->task)));
	if (!key.failed)
		added = answer_table_add(lanes->seen_names, (struct answer_key){key.data, key.size},
					 rank, &entry);
	buffer_release(&key);
	*ret_before = UINT32_MAX;
	if (added == ANSWER_NEW || added == ANSWER_COUNTED)
		*ret_before = (uint32_t)(entry->count - 1);
	return added != ANSWER_NO_MEMORY;
}

static bool find_in_exit(struct html_lanes *lanes, const struct visitor_event *event)
{
	const struct dz_exit *row = event->event->row;
	const struct dz_task *sender = cause_sender(event->cause);
	const enum cause_class class = cause_class(event->cause);
	struct answer_rank rank = {.kind = class, .first_ns = event->unix_ns};

	if (row->thread || !event->task || class == CAUSE_CLASS_CLEAN)
		return true;
	lanes->deaths++;
	if (!count_name(lanes, event, class, &rank.class))
		return false;
	if (!add_lane(lanes->found_deaths, &rank, event->file, event->task, false))
		return false;
	return !sender ||
	       add_lane(lanes->found_senders, &rank, event->cause->generated.file, sender, false);
}

static bool find(void *context, const struct visitor_event *event)
{
	const struct answer_rank rank = {.first_ns = event->unix_ns};
	struct html_lanes *lanes = context;

	if (!event->event->row)
		return true;
	if (event->event->kind == DZ_KIND_EXIT)
		return find_in_exit(lanes, event);
	return !event->task ||
	       add_lane(lanes->found_sections, &rank, event->file, event->task, true);
}

struct visitor html_lanes_find_visitor(struct html_lanes *lanes)
{
	return (struct visitor){
		.context = lanes,
		.kinds = VISITOR_KIND(DZ_KIND_EXIT) | VISITOR_KIND(DZ_KIND_SECTION),
		.visit = find,
	};
}

static int find_lane(const struct html_lanes *lanes, const struct lane_key *key)
{
	for (size_t i = 0; i < lanes->lane_count; i++) {
		const struct html_lane *lane = &lanes->lanes[i];

		if (lane->tid == key->tid && lane->start == key->start && lane->boot == key->boot)
			return (int)i;
	}
	return HTML_NO_LANE;
}

static int lane_of_process(const struct html_lanes *lanes, const struct trace_file *file,
			   const struct dz_task *task)
{
	const struct lane_key key = task ? process_key(file, task) : (struct lane_key){0};

	return task ? find_lane(lanes, &key) : HTML_NO_LANE;
}

/* Moves the lanes of a table, except those that are there. */
static void take_lanes(struct html_lanes *lanes, struct answer_table *table)
{
	struct answer_entry *entry;

	for (size_t i = 0; (entry = answer_table_at(table, i)); i++) {
		struct html_lane *lane = entry->item;
		const struct lane_key key = {lane->boot, lane->tid, lane->start};

		if (find_lane(lanes, &key) != HTML_NO_LANE)
			continue;
		lanes->lanes[lanes->lane_count++] = *lane;
		*lane = (struct html_lane){.label = NULL};
	}
}

static int compare_lanes(const void *left, const void *right)
{
	const struct html_lane *a = left, *b = right;

	if (a->born_ns != b->born_ns)
		return a->born_ns < b->born_ns ? -1 : 1;
	return (a->tid > b->tid) - (a->tid < b->tid);
}

void html_lanes_settle(struct html_lanes *lanes)
{
	take_lanes(lanes, lanes->found_deaths);
	lanes->deaths_drawn = lanes->lane_count;
	take_lanes(lanes, lanes->found_senders);
	take_lanes(lanes, lanes->found_sections);
	if (lanes->lane_count > 0)
		qsort(lanes->lanes, lanes->lane_count, sizeof(lanes->lanes[0]), compare_lanes);
}

static struct html_item *add_item(struct html_lanes *lanes, const struct html_item *item)
{
	struct html_item *grown;

	if (lanes->item_count == HTML_ITEMS_MAX)
		return NULL;
	grown = array_grow(lanes->items, &lanes->item_capacity, lanes->item_count + 1,
			   sizeof(*grown), ARRAY_NO_LIMIT);
	if (!grown)
		return NULL;
	lanes->items = grown;
	grown[lanes->item_count] = *item;
	return &grown[lanes->item_count++];
}

/* Returns false on allocation failure. */
static bool keep_item(struct html_lanes *lanes, const struct html_item *item)
{
	if (lanes->item_count == HTML_ITEMS_MAX) {
		lanes->left_out++;
		return true;
	}
	return add_item(lanes, item) != NULL;
}

/* Whether the task of the row sent the signal. */
static bool has_sender(const struct dz_signal *row)
{
	return row->source == DZ_SIGNAL_SOURCE_PROCESS || row->source == DZ_SIGNAL_SOURCE_CHILD ||
	       row->source == DZ_SIGNAL_SOURCE_PARENT_DEATH ||
	       row->source == DZ_SIGNAL_SOURCE_CGROUP_KILL;
}

static bool fill_signal(struct html_lanes *lanes, const struct visitor_event *event)
{
	const struct dz_signal *row = event->event->row;
	struct html_item item = {
		.type = HTML_ITEM_SIGNAL,
		.from = HTML_NO_LANE,
		.to = lane_of_process(lanes, event->file, event->task),
		.start_ns = event->unix_ns,
		.end_ns = event->unix_ns,
		.count = 1,
		.signal = (uint32_t)row->signal,
	};

	if (row->signal == SIGCHLD && !lanes->child_signals)
		return true;
	if (has_sender(row))
		item.from = lane_of_process(lanes, event->file,
					    dz_reader_task(event->file->reader, row->task));
	if (item.from == HTML_NO_LANE && item.to == HTML_NO_LANE)
		return true;
	return keep_item(lanes, &item);
}

static bool fill_section(struct html_lanes *lanes, const struct visitor_event *event)
{
	const struct dz_section *row = event->event->row;
	const struct lane_key key =
		event->task ? thread_key(event->file, event->task) : (struct lane_key){0};
	const struct trace_text label = trace_text(event->file, row->label);
	const uint64_t length_ns = row->time > row->start ? row->time - row->start : 0;
	struct html_item item = {
		.type = HTML_ITEM_SECTION,
		.from = HTML_NO_LANE,
		.to = find_lane(lanes, &key),
		.start_ns = event->unix_ns > length_ns ? event->unix_ns - length_ns : 0,
		.end_ns = event->unix_ns,
		.count = 1,
		.file = event->file,
		.section = row->id,
	};

	escape_copy(item.label, sizeof(item.label), ESCAPE_TERMINAL, label.bytes, label.size);
	return item.to == HTML_NO_LANE || keep_item(lanes, &item);
}

/* Phases come after their section, at the same time. */
static void fill_phase(struct html_lanes *lanes, const struct visitor_event *event)
{
	const struct dz_phase *row = event->event->row;
	size_t least = lanes->item_count > ITEMS_BACK ? lanes->item_count - ITEMS_BACK : 0;

	if (row->state >= DZ_PHASE_STATE_COUNT)
		return;
	for (size_t i = lanes->item_count; i > least; i--) {
		struct html_item *item = &lanes->items[i - 1];

		if (item->end_ns < event->unix_ns)
			return;
		if (item->type != HTML_ITEM_SECTION || item->file != event->file ||
		    item->section != row->section)
			continue;
		if (__builtin_add_overflow(item->states_ns[row->state], row->duration,
					   &item->states_ns[row->state]))
			item->states_ns[row->state] = UINT64_MAX;
		return;
	}
}

/* Marks the signal that ended a process. */
static void mark_killer(struct html_lanes *lanes, int lane, const struct cause *cause)
{
	size_t least = lanes->item_count > ITEMS_BACK ? lanes->item_count - ITEMS_BACK : 0;

	if (cause->signal == 0)
		return;
	for (size_t i = lanes->item_count; i > least; i--) {
		struct html_item *item = &lanes->items[i - 1];

		if (item->type == HTML_ITEM_SIGNAL && item->to == lane &&
		    item->signal == cause->signal) {
			item->killed = true;
			return;
		}
	}
}

static bool fill_exit(struct html_lanes *lanes, const struct visitor_event *event)
{
	const struct dz_exit *row = event->event->row;
	const struct lane_key key = event->task
					    ? (row->thread ? thread_key(event->file, event->task)
							   : process_key(event->file, event->task))
					    : (struct lane_key){0};
	int number = event->task ? find_lane(lanes, &key) : HTML_NO_LANE;
	struct html_lane *lane;

	if (number == HTML_NO_LANE)
		return true;
	lane = &lanes->lanes[number];
	lane->end_ns = event->unix_ns;
	lane->class = cause_class(event->cause);
	free(lane->cause);
	lane->cause = cause_text_string(event->cause);
	if (!row->thread)
		mark_killer(lanes, number, event->cause);
	return lane->cause != NULL;
}

static bool fill(void *context, const struct visitor_event *event)
{
	struct html_lanes *lanes = context;

	if (!event->event->row)
		return true;
	switch (event->event->kind) {
	case DZ_KIND_SIGNAL:
		return fill_signal(lanes, event);
	case DZ_KIND_SECTION:
		return fill_section(lanes, event);
	case DZ_KIND_EXIT:
		return fill_exit(lanes, event);
	default:
		fill_phase(lanes, event);
		return true;
	}
}

struct visitor html_lanes_fill_visitor(struct html_lanes *lanes)
{
	return (struct visitor){
		.context = lanes,
		.kinds = VISITOR_KIND(DZ_KIND_EXIT) | VISITOR_KIND(DZ_KIND_SECTION) |
			 VISITOR_KIND(DZ_KIND_SIGNAL) | VISITOR_KIND(DZ_KIND_PHASE),
		.visit = fill,
	};
}

static int compare_numbers(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int compare_items(const void *left, const void *right)
{
	const struct html_item *a = left, *b = right;
	int order = (int)a->type - (int)b->type;

	if (!order)
		order = a->to - b->to;
	if (!order)
		order = a->from - b->from;
	return order ? order : compare_numbers(a->start_ns, b->start_ns);
}

static bool is_narrow(const struct html_item *item, uint64_t distance_ns)
{
	return item->end_ns - item->start_ns < distance_ns;
}

/* Whether an item cannot be seen apart from the one before. Deaths stay visible. */
static bool is_merged(const struct html_item *before, const struct html_item *item,
		      uint64_t distance_ns)
{
	return before->type == item->type && before->to == item->to && before->from == item->from &&
	       before->killed == item->killed && is_narrow(item, distance_ns) &&
	       item->start_ns - before->start_ns < distance_ns;
}

/* Returns the number of items that are left if closer ones are merged. */
static uint64_t count_left(const struct html_lanes *lanes, uint64_t distance_ns)
{
	const struct html_item *before = NULL;
	uint64_t left = 0;

	for (size_t i = 0; i < lanes->item_count; i++) {
		const struct html_item *item = &lanes->items[i];

		if (before && is_merged(before, item, distance_ns))
			continue;
		before = item;
		left++;
	}
	return left;
}

static void add_states(struct html_item *into, const struct html_item *from)
{
	for (size_t i = 0; i < DZ_PHASE_STATE_COUNT; i++)
		if (__builtin_add_overflow(into->states_ns[i], from->states_ns[i],
					   &into->states_ns[i]))
			into->states_ns[i] = UINT64_MAX;
}

static void merge_items(struct html_lanes *lanes)
{
	struct html_item *before = NULL;

	for (size_t i = 0; i < lanes->item_count; i++) {
		struct html_item *item = &lanes->items[i];

		if (!before || !is_merged(before, item, lanes->distance_ns)) {
			before = item;
			lanes->drawn++;
			continue;
		}
		if (item->signal != before->signal)
			before->signal = 0;
		if (item->end_ns > before->end_ns)
			before->end_ns = item->end_ns;
		add_states(before, item);
		before->count++;
		item->count = 0;
		lanes->merged++;
	}
}

/* Returns the number of sections that are at least that long, and not merged. */
static uint64_t count_sections(const struct html_lanes *lanes, uint64_t least_ns)
{
	uint64_t count = 0;

	for (size_t i = 0; i < lanes->item_count; i++)
		count += html_item_is_section(&lanes->items[i], least_ns);
	return count;
}

bool html_item_is_section(const struct html_item *item, uint64_t least_ns)
{
	return item->type == HTML_ITEM_SECTION && item->count == 1 &&
	       item->end_ns - item->start_ns >= least_ns;
}

void html_lanes_merge(struct html_lanes *lanes, uint64_t length_ns)
{
	uint64_t parts = FINEST_PARTS;

	if (lanes->item_count == 0)
		return;
	qsort(lanes->items, lanes->item_count, sizeof(lanes->items[0]), compare_items);
	lanes->distance_ns = 0;
	while (parts > 0 && count_left(lanes, lanes->distance_ns) > HTML_ITEMS_DRAWN) {
		lanes->distance_ns = length_ns / parts + 1;
		parts = parts * 3 / 4;
	}
	merge_items(lanes);
	lanes->states_ns = length_ns / FINEST_PARTS + 1;
	while (lanes->states_ns < length_ns &&
	       count_sections(lanes, lanes->states_ns) > HTML_STATES_DRAWN)
		lanes->states_ns += lanes->states_ns / 2 + 1;
}

void html_lanes_release(struct html_lanes *lanes)
{
	for (size_t i = 0; i < lanes->lane_count; i++) {
		free(lanes->lanes[i].label);
		free(lanes->lanes[i].cause);
	}
	free(lanes->items);
	answer_table_free(lanes->seen_names);
	answer_table_free(lanes->found_deaths);
	answer_table_free(lanes->found_senders);
	answer_table_free(lanes->found_sections);
	*lanes = (struct html_lanes){.lane_count = 0};
}
