/* flame/command/text_filter.c - the options that select events and frames, for stacks from text */
#include "flame/command/text_filter.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "flame/tree/frame_type.h"
#include "text/id_list.h"

#define COMM_BYTES_MAX 256u

/* An option, whether it is set, and whether the input has what it needs. */
struct demand {
	const char *option;
	bool is_set;
	bool is_met;
	const char *why;
};

bool text_filter_is_needed(const struct fold_request *request)
{
	const struct selection *selection = &request->selection;
	const struct fold_shape *shape = &request->shape;

	return selection->kinds || selection->probes.count || selection->tgids.count ||
	       selection->tids.count || selection->uids.count || selection->cpus.count ||
	       selection->comms.count || selection->cgroups.count || selection->signals ||
	       selection->failed || selection->utc || selection->since_text ||
	       selection->until_text || shape->root_count || shape->no_roots ||
	       shape->unit != FOLD_EVENTS || shape->section || shape->no_kernel || shape->no_user;
}

static bool is_relative(const struct timestamp *time)
{
	return time->base == TIMESTAMP_NONE || time->base == TIMESTAMP_START ||
	       time->base == TIMESTAMP_UNIX;
}

static bool has_root(const struct fold_shape *shape, const char *name)
{
	for (size_t i = 0; i < shape->root_count; i++)
		if (strcmp(shape->roots[i], name) == 0)
			return true;
	return false;
}

/* Whether every root is one that text can have. */
static bool knows_roots(const struct fold_shape *shape)
{
	static const char *const known[] = {"process", "comm", "pid", "tid", "cpu"};
	size_t count = 0;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		count += has_root(shape, known[i]);
	return count >= shape->root_count;
}

/* Sets `refused` to the first option that this input cannot serve. */
static bool check(struct text_filter *filter, const struct stack_origin *origin)
{
	static const char traces_only[] = "only traces of diag-record have this";
	static const char not_here[] = "the input does not have this field";
	static const char no_clock[] = "of text, use +TIME after the first sample, or @SECONDS";
	const struct selection *selection = &filter->request->selection;
	const struct fold_shape *shape = &filter->request->shape;
	bool has_time = origin->has_time;
	const struct demand demands[] = {
		{"--event", selection->kinds, false, "of text, use --perf-event"},
		{"--tgid", selection->tgids.count, origin->has_pid, not_here},
		{"--tid", selection->tids.count, origin->has_tid, not_here},
		{"--cpu", selection->cpus.count, origin->has_cpu, not_here},
		{"--comm", selection->comms.count, origin->has_comm, not_here},
		{"--since", selection->since_text, has_time, not_here},
		{"--until", selection->until_text, has_time, not_here},
		{"--since", selection->since_text, is_relative(&selection->since), no_clock},
		{"--until", selection->until_text, is_relative(&selection->until), no_clock},
		{"--uid", selection->uids.count, false, traces_only},
		{"--cgroup", selection->cgroups.count, false, traces_only},
		{"--signals", selection->signals, false, traces_only},
		{"--failed", selection->failed, false, traces_only},
		{"--utc", selection->utc, false, traces_only},
		{"--section", shape->section, false, traces_only},
		{"--weight", shape->unit != FOLD_EVENTS, false, traces_only},
		{"--roots", shape->root_count, knows_roots(shape),
		 "text has process, comm, pid, tid and cpu"},
		{"--roots", shape->no_roots, origin->root_count > 0, not_here},
		{"--roots", has_root(shape, "process") || has_root(shape, "comm"), origin->has_comm,
		 not_here},
		{"--roots", has_root(shape, "pid"), origin->has_pid, not_here},
		{"--roots", has_root(shape, "tid"), origin->has_tid, not_here},
		{"--roots", has_root(shape, "cpu"), origin->has_cpu, not_here},
	};

	for (size_t i = 0; i < sizeof(demands) / sizeof(demands[0]); i++)
		if (demands[i].is_set && !demands[i].is_met) {
			filter->refused = demands[i].option;
			filter->refused_why = demands[i].why;
			return false;
		}
	filter->checked = true;
	filter->first_time_ns = origin->time_ns;
	filter->one_id = origin->one_id && (selection->tgids.count || selection->tids.count);
	return true;
}

static bool holds(const struct id_list *list, uint32_t id)
{
	return list->count == 0 || id_list_contains(list, id);
}

static bool matches_comm(const struct selection_texts *patterns, const struct stack_origin *origin)
{
	char comm[COMM_BYTES_MAX];

	if (patterns->count == 0)
		return true;
	if (origin->comm_size >= sizeof(comm))
		return false;
	if (origin->comm_size > 0)
		memcpy(comm, origin->comm, origin->comm_size);
	comm[origin->comm_size] = '\0';
	for (size_t i = 0; i < patterns->count; i++)
		if (strcmp(patterns->texts[i], comm) == 0 ||
		    fnmatch(patterns->texts[i], comm, 0) == 0)
			return true;
	return false;
}

static uint64_t moment_of(const struct text_filter *filter, const struct timestamp *time)
{
	uint64_t moment = time->ns;

	if (time->base == TIMESTAMP_START &&
	    __builtin_add_overflow(moment, filter->first_time_ns, &moment))
		return UINT64_MAX;
	return moment;
}

static bool is_selected(const struct text_filter *filter, const struct stack_origin *origin)
{
	const struct selection *selection = &filter->request->selection;

	if (selection->since.base != TIMESTAMP_NONE &&
	    origin->time_ns < moment_of(filter, &selection->since))
		return false;
	if (selection->until.base != TIMESTAMP_NONE &&
	    origin->time_ns >= moment_of(filter, &selection->until))
		return false;
	return holds(&selection->tgids, origin->pid) && holds(&selection->tids, origin->tid) &&
	       holds(&selection->cpus, origin->cpu) && matches_comm(&selection->comms, origin);
}

static enum flame_status add(struct text_filter *filter, const char *text, size_t size,
			     enum frame_type type)
{
	const struct frame frame = {.name = text, .size = size, .type = type};

	return frame_list_add(&filter->frames, &frame);
}

/* Adds one root that check() has allowed. `text` has room for an id. */
static enum flame_status add_root(struct text_filter *filter, const char *name,
				  const struct stack_origin *origin, char text[32])
{
	uint32_t id = strcmp(name, "pid") == 0   ? origin->pid
		      : strcmp(name, "tid") == 0 ? origin->tid
						 : origin->cpu;

	if (strcmp(name, "process") == 0 || strcmp(name, "comm") == 0)
		return add(filter, origin->comm, origin->comm_size, FRAME_TYPE_GROUP);
	snprintf(text, 32, "%s:%" PRIu32, name, id);
	return add(filter, text, strlen(text), FRAME_TYPE_GROUP);
}

static enum flame_status add_roots(struct text_filter *filter, const struct stack *stack,
				   const struct stack_origin *origin, char texts[][32])
{
	const struct fold_shape *shape = &filter->request->shape;
	enum flame_status status = FLAME_OK;

	if (shape->no_roots)
		return FLAME_OK;
	for (size_t i = 0; i < shape->root_count && status == FLAME_OK; i++)
		status = add_root(filter, shape->roots[i], origin, texts[i]);
	for (size_t i = 0; i < origin->root_count && shape->root_count == 0; i++)
		if (frame_list_add(&filter->frames, &stack->frames[i]) != FLAME_OK)
			return FLAME_NO_MEMORY;
	return status;
}

static bool is_shown(const struct fold_shape *shape, const struct frame *frame)
{
	enum frame_type type = frame->type;

	if (type == FRAME_TYPE_AUTO)
		type = frame_type_of_name(frame->name, frame->size);
	if (type == FRAME_TYPE_KERNEL)
		return !shape->no_kernel;
	return !shape->no_user || type == FRAME_TYPE_GROUP || type == FRAME_TYPE_LOST;
}

/* A stack of which nothing is left keeps its weight, and has no frame but this. */
static enum flame_status add_empty(struct text_filter *filter)
{
	static const char empty[] = "[empty]";

	return filter->frames.count > 0 ? FLAME_OK
					: add(filter, empty, strlen(empty), FRAME_TYPE_UNKNOWN);
}

enum flame_status text_filter_pass(void *context, const struct stack *stack)
{
	static const struct stack_origin nothing;
	struct text_filter *filter = context;
	const struct stack_origin *origin = stack->origin ? stack->origin : &nothing;
	char texts[FOLD_ROOTS_MAX][32];
	struct stack shown = *stack;
	enum flame_status status;

	if (!filter->is_active)
		return filter->sink.stack(filter->sink.context, stack);
	if (!filter->checked && !check(filter, origin))
		return FLAME_FORMAT;
	if (!is_selected(filter, origin)) {
		filter->left_out++;
		return FLAME_OK;
	}
	filter->frames.count = 0;
	status = add_roots(filter, stack, origin, texts);
	for (size_t i = origin->root_count; i < stack->count && status == FLAME_OK; i++)
		if (is_shown(&filter->request->shape, &stack->frames[i]))
			status = frame_list_add(&filter->frames, &stack->frames[i]);
	if (status == FLAME_OK)
		status = add_empty(filter);
	shown.frames = filter->frames.items;
	shown.count = filter->frames.count;
	return status == FLAME_OK ? filter->sink.stack(filter->sink.context, &shown) : status;
}

void text_filter_release(struct text_filter *filter)
{
	frame_list_release(&filter->frames);
}
