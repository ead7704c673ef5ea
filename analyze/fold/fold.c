/* analyze/fold/fold.c - the stacks of one or more traces, each with its weight */
#define _GNU_SOURCE
#include "analyze/fold/fold.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/cause/culprit.h"
#include "analyze/fold/fold_root.h"
#include "analyze/fold/frame_names.h"
#include "analyze/replay/loss.h"
#include "analyze/replay/replay.h"
#include "analyze/sections/section_group.h"
#include "analyze/sections/section_interval.h"
#include "analyze/trace/call_chain.h"
#include "base/input_limit.h"
#include <dz/enums.h>

#define BIT VISITOR_KIND

/* Kinds that have stacks, and waits for a CPU, whose frame is what they are. */
#define STACK_KINDS                                                                                \
	(BIT(DZ_KIND_EXIT) | BIT(DZ_KIND_SIGNAL) | BIT(DZ_KIND_DELIVERY) | BIT(DZ_KIND_PROBE) |    \
	 BIT(DZ_KIND_SECTION) | BIT(DZ_KIND_STEP) | BIT(DZ_KIND_CPU) | BIT(DZ_KIND_OFFCPU) |       \
	 BIT(DZ_KIND_RUNQ))

/* Signals are folded only on request: otherwise each death by signal would appear twice. */
#define DEFAULT_KINDS                                                                              \
	(BIT(DZ_KIND_EXIT) | BIT(DZ_KIND_PROBE) | BIT(DZ_KIND_STEP) | BIT(DZ_KIND_CPU) |           \
	 BIT(DZ_KIND_OFFCPU))

#define FRAMES_MAX (FOLD_ROOTS_MAX * ANCESTORS_MAX + 2 * CALL_CHAIN_MAX)

/* What making the frames of all events may cost: bytes of their names and some for each frame. A
 * small file can hold millions of events that share long names. In real recordings a hit takes one
 * byte, and its stack has up to 512 frames with names of some hundred bytes. */
#define WORK_MIN       (UINT64_C(256) << 20)
#define WORK_FOR_BYTE  262144u
#define WORK_FOR_FRAME 64u

/* What a sink may keep of different stacks. */
#define KEPT_MIN      (UINT64_C(64) << 20)
#define KEPT_FOR_BYTE 16384u

/* What the frames of a sample depend on, if its roots are names of its task. */
struct fold_key {
	const struct trace_file *file; /* of the task and the kernel stack */
	const struct trace_file *user_file;
	uint64_t process;
	uint64_t comm;
	uint64_t user_stack;
	uint64_t kernel_stack;
};

/* A stack that was passed on. Most stacks come again and again, and making their text takes longer
 * than all else. */
struct fold_known {
	struct fold_key key;
	uint64_t *sum; /* of the sink; NULL: the place is free */
};

#define KNOWN_STACKS 65536u /* a power of two */

struct fold {
	const struct fold_request *request;
	struct trace *trace;
	struct frame_names *names;
	const struct fold_sink *sink;
	struct fold_known *known;  /* KNOWN_STACKS of them; NULL: every stack is passed on */
	struct fold_frame *frames; /* FRAMES_MAX of them */
	size_t count;
	struct fold_root_texts roots[FOLD_ROOTS_MAX];
	uint64_t kinds;      /* to fold */
	uint64_t kinds_seen; /* folded so far */
	struct loss loss;
	struct section_groups *sections; /* NULL: sections are not weighted by time */
	struct fold_description description;
	char *texts[5]; /* owned by the description */
	bool out_of_memory;
	bool overflowed; /* the sum of the weights */
	uint64_t work_left;
	uint64_t kept_max;            /* bytes of the sink */
	bool is_too_long;             /* one of the two was exceeded */
	size_t problem_count;         /* of the trace */
	struct input_problem problem; /* a problem that is not of one file: out of memory */
};

/* The stacks and the duration of one event. */
struct sample {
	const struct visitor_event *event;
	const struct dz_task *task; /* whose stacks these are; NULL: unknown */
	struct cause_stack user;
	struct cause_stack kernel;
	uint64_t count; /* of events */
	uint64_t duration_ns;
	bool is_wait; /* for a CPU: it has no stack */
};

bool fold_recognizes(const void *bytes, size_t size)
{
	/* dz(5), FILE HEADER: follows the magic number and the size of the skippable frame. */
	static const char magic[] = "DZTRACE1";

	return size >= 16 && memcmp((const char *)bytes + 8, magic, strlen(magic)) == 0;
}

bool fold_open(const struct fold_request *request, struct fold **ret_fold)
{
	struct fold *fold = calloc(1, sizeof(*fold));

	if (!fold)
		return false;
	fold->request = request;
	fold->description = (struct fold_description){
		.host = "",
		.kernel = "",
		.command = "",
		.kinds = "",
		.selection = "",
		.path = "",
	};
	fold->frames = calloc(FRAMES_MAX, sizeof(*fold->frames));
	if (!fold->frames || !trace_new(&fold->trace) || !frame_names_new(&fold->names)) {
		fold_close(fold);
		return false;
	}
	*ret_fold = fold;
	return true;
}

bool fold_add(struct fold *fold, const char *path, int fd)
{
	return trace_add(fold->trace, path, fd);
}

void fold_set_opener(struct fold *fold, trace_opener *opener, void *context)
{
	trace_set_opener(fold->trace, opener, context);
}

static struct fold_text to_fold_text(struct trace_text text)
{
	return (struct fold_text){text.bytes, text.size};
}

static void push(struct fold *fold, enum fold_frame_type type, struct trace_text name,
		 struct trace_text module)
{
	static const struct trace_text unknown = {"[unknown]", 9};

	if (fold->count == FRAMES_MAX)
		return;
	fold->frames[fold->count++] = (struct fold_frame){
		.name = to_fold_text(name.size > 0 ? name : unknown),
		.module = to_fold_text(module),
		.type = type,
	};
}

static void push_roots(struct fold *fold, const struct sample *sample)
{
	static const struct trace_text none = {NULL, 0};
	const struct fold_shape *shape = &fold->request->shape;
	static const char *const fallback[] = {"process", "cause"};
	const char *const *names = shape->root_count > 0 ? shape->roots : fallback;
	/* Without the frames of the runtime, only the cause says how a process died. */
	size_t defaults = shape->brief_exits && sample->event->event->kind == DZ_KIND_EXIT ? 2 : 1;
	size_t count = shape->root_count > 0 ? shape->root_count : defaults;

	for (size_t i = 0; !shape->no_roots && i < count; i++) {
		struct fold_root_texts *texts = &fold->roots[i];

		fold_root_make(names[i], sample->event, sample->task, texts);
		for (size_t at = 0; at < texts->count; at++)
			push(fold, FOLD_ROOT, texts->texts[at], none);
	}
}

/* True for liba.so and liba.so.6, false for a.sorted. */
static bool is_library(struct trace_text module)
{
	struct trace_text base = call_base_name(module);
	const char *so = base.size > 0 ? memmem(base.bytes, base.size, ".so", 3) : NULL;

	if (!so)
		return base.size > 0 && base.bytes[0] == '[';
	return so + 3 == base.bytes + base.size || so[3] == '.' || so[3] == '-';
}

static enum fold_frame_type find_frame_type(const struct dz_frame *frame, struct trace_text module)
{
	if (!frame || frame->type == DZ_FRAME_TYPE_MARKER)
		return FOLD_MARKER;
	if (frame->type == DZ_FRAME_TYPE_KERNEL)
		return FOLD_KERNEL;
	if (frame->inlined)
		return FOLD_INLINED;
	if (frame->type == DZ_FRAME_TYPE_JIT)
		return FOLD_JIT;
	if (frame->symbol == 0)
		return FOLD_UNKNOWN;
	return is_library(module) ? FOLD_LIBRARY : FOLD_USER;
}

/* Adds its place in module and source to the frame that was pushed last. */
static void place(struct fold *fold, const struct trace_file *file, const struct dz_frame *frame)
{
	struct fold_frame *last = &fold->frames[fold->count - 1];
	const struct dz_module *module;

	if (!frame)
		return;
	module = dz_reader_module(file->reader, frame->module);
	last->build_id = to_fold_text(trace_text(file, module ? module->build_id : 0));
	last->file = to_fold_text(trace_text(file, frame->file));
	last->line = frame->line;
	last->address = frame->module_offset;
	last->offset = trace_text(file, frame->symbol).size > 0 ? frame->offset : 0;
}

/* Charges a frame. Returns false if no work is left. */
static bool charge(struct fold *fold, struct trace_text name, struct trace_text module)
{
	uint64_t work = WORK_FOR_FRAME + name.size + module.size;

	fold->is_too_long = work > fold->work_left;
	if (!fold->is_too_long)
		fold->work_left -= work;
	return !fold->is_too_long;
}

/* Pushes the frames from `first` to before `end`, the outermost one first. */
static bool push_frames(struct fold *fold, const struct trace_file *file,
			const struct call_chain *chain, size_t first, size_t end)
{
	for (size_t i = end; i-- > first;) {
		struct trace_text module = call_frame_module(file, chain->frames[i]);
		struct trace_text name;

		if (!frame_names_find(fold->names, file, chain->frames[i], &name)) {
			fold->out_of_memory = true;
			return false;
		}
		if (!charge(fold, name, module))
			return false;
		push(fold, find_frame_type(chain->frames[i], module), name, module);
		place(fold, file, chain->frames[i]);
	}
	return true;
}

static bool push_chain(struct fold *fold, const struct cause_stack *stack)
{
	struct call_chain chain;

	if (!stack->file || stack->stack == 0)
		return true;
	call_chain_load(stack->file, stack->stack, &chain);
	return push_frames(fold, stack->file, &chain, 0, chain.count);
}

/* Frames beyond main() start the program. A marker among them is a fact about the stack. */
static size_t find_outermost(const struct call_chain *chain, size_t end)
{
	for (size_t i = end; i < chain->count; i++)
		if (!chain->frames[i] || chain->frames[i]->type == DZ_FRAME_TYPE_MARKER)
			return chain->count;
	return end;
}

/* The frames from main() to the culprit; all frames if there is no culprit. */
static bool push_culprit(struct fold *fold, const struct cause *cause)
{
	const struct trace_file *file = cause->user.file;
	struct culprit_calls calls;
	struct culprit culprit;
	struct call_chain chain;

	if (!file || cause->user.stack == 0)
		return true;
	culprit = culprit_find(cause);
	call_chain_load(file, cause->user.stack, &chain);
	calls = culprit_calls(file, &chain, &culprit);
	if (!culprit.frame || calls.first >= calls.end)
		return push_frames(fold, file, &chain, 0, chain.count);
	return push_frames(fold, file, &chain, calls.first, find_outermost(&chain, calls.end));
}

static void count_stack(struct fold *fold, uint64_t weight)
{
	fold->description.stacks++;
	if (__builtin_add_overflow(fold->description.total_weight, weight,
				   &fold->description.total_weight)) {
		fold->description.total_weight = UINT64_MAX;
		fold->overflowed = true;
	}
}

static struct fold_text host_of(const struct trace_file *file)
{
	struct dz_bytes name = dz_reader_info(file->reader, "host.name");

	return (struct fold_text){(const char *)name.data, name.size};
}

static struct fold_text cause_of(const struct visitor_event *event)
{
	const char *name;

	if (event->event->kind != DZ_KIND_EXIT || !event->cause)
		return (struct fold_text){"", 0};
	name = cause_kind_name(event->cause->kind);
	return (struct fold_text){name, strlen(name)};
}

static bool pass_on(struct fold *fold, const struct sample *sample, uint64_t weight)
{
	const struct dz_task *task = sample->task;
	const struct trace_file *file = sample->event->file;
	struct fold_stack stack = {
		.frames = fold->frames,
		.count = fold->count,
		.weight = weight,
		.time_ns = sample->event->unix_ns,
		.cause = cause_of(sample->event),
		.host = host_of(file),
	};

	if (task) {
		stack.pid = (uint32_t)task->pid;
		stack.tid = (uint32_t)task->tid;
		stack.comm = to_fold_text(trace_text(file, task->comm));
		stack.cgroup = to_fold_text(trace_text(file, task->cgroup));
	}
	count_stack(fold, weight);
	if (!fold->sink->stack(fold->sink->context, &stack))
		return false;
	fold->is_too_long =
		fold->sink->kept && fold->sink->kept(fold->sink->context) > fold->kept_max;
	return !fold->is_too_long;
}

/* Pushes the roots and frames of a sample that the options select. */
static bool push_stack(struct fold *fold, const struct sample *sample)
{
	static const struct trace_text waiting = {"[waiting for a CPU]", 19}, none = {NULL, 0};
	const struct fold_shape *shape = &fold->request->shape;

	fold->count = 0;
	frame_names_trim(fold->names);
	push_roots(fold, sample);
	if (sample->is_wait)
		push(fold, FOLD_MARKER, waiting, none);
	if (shape->brief_exits && sample->event->cause &&
	    sample->event->event->kind == DZ_KIND_EXIT)
		return shape->no_user || push_culprit(fold, sample->event->cause);
	return (shape->no_user || push_chain(fold, &sample->user)) &&
	       (shape->no_kernel || push_chain(fold, &sample->kernel));
}

static bool fold_new(struct fold *fold, const struct sample *sample, uint64_t weight)
{
	static const struct trace_text none = {NULL, 0};

	if (!push_stack(fold, sample))
		return false;
	if (fold->count == 0)
		push(fold, FOLD_MARKER, (struct trace_text){"[no stack]", 10}, none);
	return pass_on(fold, sample, weight);
}

static struct fold_key key_of(const struct sample *sample)
{
	return (struct fold_key){
		.file = sample->event->file,
		.user_file = sample->user.file,
		.process = sample->task ? trace_process_comm(sample->task) : 0,
		.comm = sample->task ? sample->task->comm : 0,
		.user_stack = sample->user.stack,
		.kernel_stack = sample->kernel.stack,
	};
}

static struct fold_known *find_known(const struct fold *fold, const struct fold_key *key)
{
	const uint64_t parts[] = {(uintptr_t)key->file, key->process, key->comm, key->user_stack,
				  key->kernel_stack};
	uint64_t hash = 0;

	/* Process and comm are often the same, so each part is mixed before the next one. */
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		hash = ((hash ^ parts[i]) + (hash >> 29)) * UINT64_C(0x9e3779b97f4a7c15);
	return &fold->known[hash >> 32 & (KNOWN_STACKS - 1)];
}

static bool fold_sample(struct fold *fold, const struct sample *sample)
{
	uint64_t weight =
		fold->request->shape.unit == FOLD_EVENTS ? sample->count : sample->duration_ns;
	struct fold_known *known;
	struct fold_key key;

	if (weight == 0)
		return true;
	/* A wait has no stack by which it could be known. */
	if (!fold->known || sample->is_wait)
		return fold_new(fold, sample, weight);
	key = key_of(sample);
	known = find_known(fold, &key);
	if (known->sum && memcmp(&known->key, &key, sizeof(key)) == 0) {
		count_stack(fold, weight);
		if (__builtin_add_overflow(*known->sum, weight, known->sum))
			*known->sum = UINT64_MAX;
		return true;
	}
	if (!fold_new(fold, sample, weight))
		return false;
	*known = (struct fold_known){key, fold->sink->sum(fold->sink->context)};
	return true;
}

static void sample_exit(struct sample *sample)
{
	const struct visitor_event *event = sample->event;
	const struct dz_exit *row = event->event->row;

	sample->user = event->cause->user;
	sample->kernel.stack = row->kernel_stack;
}

/* The stacks and the task are those of the sender. */
static void sample_signal(struct sample *sample)
{
	const struct dz_signal *row = sample->event->event->row;

	sample->task = dz_reader_task(sample->event->file->reader, row->task);
	sample->user.stack = row->user_stack;
	sample->kernel.stack = row->kernel_stack;
}

static void sample_delivery(struct sample *sample)
{
	const struct dz_delivery *row = sample->event->event->row;

	sample->user.stack = row->user_stack;
}

static void sample_probe(struct sample *sample)
{
	const struct dz_probe *row = sample->event->event->row;

	sample->user.stack = row->user_stack;
	sample->kernel.stack = row->kernel_stack;
	sample->duration_ns = row->latency;
}

static void sample_section(struct sample *sample)
{
	const struct dz_section *row = sample->event->event->row;

	if (row->time > row->start)
		sample->duration_ns = row->time - row->start;
}

static void sample_step(struct sample *sample)
{
	const struct dz_step *row = sample->event->event->row;

	sample->user.stack = row->user_stack;
	sample->kernel.stack = row->kernel_stack;
}

static void sample_cpu(struct sample *sample)
{
	const struct dz_cpu *row = sample->event->event->row;

	sample->user.stack = row->user_stack;
	sample->kernel.stack = row->kernel_stack;
	sample->count = row->count ? row->count : 1;
	if (__builtin_mul_overflow(row->period, sample->count, &sample->duration_ns))
		sample->duration_ns = UINT64_MAX;
}

static void sample_offcpu(struct sample *sample)
{
	const struct dz_offcpu *row = sample->event->event->row;

	sample->user.stack = row->user_stack;
	sample->kernel.stack = row->kernel_stack;
	sample->count = row->count ? row->count : 1;
	sample->duration_ns = row->blocked;
}

static void sample_runq(struct sample *sample)
{
	const struct dz_runq *row = sample->event->event->row;

	sample->is_wait = true;
	sample->duration_ns = row->waited;
}

static const struct {
	uint32_t kind;
	void (*fill)(struct sample *sample);
} samplers[] = {
	{DZ_KIND_EXIT, sample_exit},         {DZ_KIND_SIGNAL, sample_signal},
	{DZ_KIND_DELIVERY, sample_delivery}, {DZ_KIND_PROBE, sample_probe},
	{DZ_KIND_SECTION, sample_section},   {DZ_KIND_STEP, sample_step},
	{DZ_KIND_CPU, sample_cpu},           {DZ_KIND_OFFCPU, sample_offcpu},
	{DZ_KIND_RUNQ, sample_runq},
};

static bool is_clean_exit(const struct visitor_event *event)
{
	return event->event->kind == DZ_KIND_EXIT && event->cause->kind == CAUSE_EXIT;
}

static bool visit(void *context, const struct visitor_event *event)
{
	struct fold *fold = context;
	uint32_t kind = event->event->kind;
	const struct dz_step *step = event->event->row;
	struct sample sample = {
		.event = event,
		.task = event->task,
		.user = {.file = event->file},
		.kernel = {.file = event->file},
		.count = 1,
	};

	if (!event->event->row || (kind == DZ_KIND_STEP && step->step_type != DZ_STEP_TYPE_SAMPLE))
		return true;
	fold->kinds_seen |= BIT(kind);
	if (fold->request->shape.only_deaths && is_clean_exit(event)) {
		fold->description.clean_exits++;
		return true;
	}
	for (size_t i = 0; i < sizeof(samplers) / sizeof(samplers[0]); i++)
		if (samplers[i].kind == kind)
			samplers[i].fill(&sample);
	return fold_sample(fold, &sample);
}

static bool is_selected(const struct fold *fold, enum interval_state state)
{
	bool off_cpu = state == INTERVAL_STATE_RUNNABLE || state == INTERVAL_STATE_PREEMPTED ||
		       state == INTERVAL_STATE_BLOCKED || state == INTERVAL_STATE_UNINTERRUPTIBLE;

	if (fold->request->shape.time == FOLD_TIME_ALL)
		return true;
	return state != INTERVAL_STATE_DROPPED &&
	       off_cpu == (fold->request->shape.time == FOLD_TIME_OFF_CPU);
}

/* Pushes a frame for the state, unless the stacks show it. */
static void push_state(struct fold *fold, const struct trace_file *file,
		       const struct section_interval *interval)
{
	static const struct trace_text markers[INTERVAL_STATE_COUNT] = {
		[INTERVAL_STATE_USER] = {"[user mode]", 11},
		[INTERVAL_STATE_KERNEL] = {"[system call]", 13},
		[INTERVAL_STATE_FAULT] = {"[page fault]", 12},
		[INTERVAL_STATE_INTERRUPT] = {"[interrupt]", 11},
		[INTERVAL_STATE_RUNNABLE] = {"[woken, waiting for a CPU]", 26},
		[INTERVAL_STATE_PREEMPTED] = {"[preempted]", 11},
		[INTERVAL_STATE_BLOCKED] = {"[blocked]", 9},
		[INTERVAL_STATE_UNINTERRUPTIBLE] = {"[blocked uninterruptibly]", 25},
		[INTERVAL_STATE_DROPPED] = {"[steps dropped]", 15},
	};
	static const struct trace_text none = {NULL, 0};
	struct trace_text name = trace_text(file, interval->name);

	if (interval->state == INTERVAL_STATE_USER && interval->user_stack)
		return;
	if (interval->state == INTERVAL_STATE_KERNEL && interval->kernel_stack)
		return;
	if (interval->state == INTERVAL_STATE_KERNEL && name.size > 0)
		push(fold, FOLD_KERNEL, name, none);
	else
		push(fold, FOLD_MARKER, markers[interval->state], none);
}

static bool fold_interval(struct fold *fold, struct sample *sample,
			  const struct section_interval *interval)
{
	if (!is_selected(fold, interval->state))
		return true;
	sample->user.stack = interval->user_stack;
	sample->kernel.stack = interval->kernel_stack;
	if (!push_stack(fold, sample))
		return false;
	push_state(fold, sample->event->file, interval);
	return pass_on(fold, sample, interval->end_ns - interval->start_ns);
}

static bool fold_section(struct fold *fold, const struct section_group *group,
			 struct section_steps *steps, const struct dz_section *section)
{
	/* A row has its values in the order of the schema of this version. */
	struct dz_event row = {.kind = DZ_KIND_SECTION,
			       .schema = dz_schema_find(DZ_KIND_SECTION),
			       .values = (const uint64_t *)section,
			       .row = section};
	struct visitor_event event = {.file = group->file, .event = &row};
	struct sample sample = {
		.event = &event,
		.task = dz_reader_task(group->file->reader, section->task),
		.user = {.file = group->file},
		.kernel = {.file = group->file},
	};
	struct section_interval *intervals;
	bool continues = true;
	size_t count;

	event.task = sample.task;
	if (!section_intervals_make(steps, section, &intervals, &count)) {
		fold->out_of_memory = true;
		return false;
	}
	for (size_t i = 0; i < count && continues; i++) {
		row.time_ns = intervals[i].start_ns;
		event.unix_ns = dz_reader_realtime_ns(group->file->reader, row.time_ns);
		continues = fold_interval(fold, &sample, &intervals[i]);
	}
	free(intervals);
	return continues;
}

static bool take_group(void *context, const struct section_group *group)
{
	struct fold *fold = context;
	uint64_t id = fold->request->shape.section;
	struct section_steps *steps;
	bool continues = true;

	if (!section_steps_new(group, &steps)) {
		fold->out_of_memory = true;
		return false;
	}
	for (size_t i = 0; i < group->section_count && continues; i++) {
		const struct dz_section *section = &group->sections[i];

		if (id ? section->id != id : section_group_is_inner(group, section))
			continue;
		fold->kinds_seen |= BIT(DZ_KIND_SECTION);
		continues = fold_section(fold, group, steps, section);
	}
	section_steps_free(steps);
	return continues;
}

/* Returns the kinds of all blocks in the files. */
static uint64_t find_kinds(const struct trace *trace)
{
	const struct trace_file *file;
	uint64_t kinds = 0;

	for (size_t i = 0; (file = trace_file(trace, i)); i++) {
		const struct dz_block_info *blocks;
		size_t count = 0;

		blocks = file->reader ? dz_reader_blocks(file->reader, &count) : NULL;
		for (size_t at = 0; at < count; at++)
			if (blocks[at].kind < 63)
				kinds |= BIT(blocks[at].kind);
	}
	return kinds;
}

/* Kinds of the time of whole threads. Sections and calls of probes are parts of the same time. */
#define THREAD_KINDS (BIT(DZ_KIND_CPU) | BIT(DZ_KIND_OFFCPU) | BIT(DZ_KIND_RUNQ))

uint64_t fold_kinds_with(enum fold_time time)
{
	static const uint64_t kinds[] = {
		[FOLD_TIME_ALL] = BIT(DZ_KIND_PROBE) | BIT(DZ_KIND_SECTION) | THREAD_KINDS,
		[FOLD_TIME_ON_CPU] = BIT(DZ_KIND_SECTION) | BIT(DZ_KIND_CPU),
		[FOLD_TIME_OFF_CPU] =
			BIT(DZ_KIND_SECTION) | BIT(DZ_KIND_OFFCPU) | BIT(DZ_KIND_RUNQ),
	};

	return kinds[time];
}

/* Kinds that are folded without -e. No time is counted twice. */
static uint64_t default_kinds(const struct fold *fold)
{
	uint64_t recorded = find_kinds(fold->trace);
	uint64_t kinds = fold_kinds_with(fold->request->shape.time);

	if (fold->request->shape.unit == FOLD_NANOSECONDS)
		return recorded & kinds & THREAD_KINDS ? kinds & THREAD_KINDS : kinds;
	return recorded & DEFAULT_KINDS ? DEFAULT_KINDS : BIT(DZ_KIND_SIGNAL);
}

static uint64_t choose_kinds(const struct fold *fold)
{
	uint64_t selected = fold->request->selection.kinds & STACK_KINDS;

	if (fold->request->shape.section)
		return BIT(DZ_KIND_SECTION);
	if (selected == 0)
		return default_kinds(fold);
	if (fold->request->shape.time != FOLD_TIME_ALL)
		return selected & fold_kinds_with(fold->request->shape.time);
	/* -e signal selects deliveries too. They are folded only if signals are not. */
	if (selected & BIT(DZ_KIND_SIGNAL))
		selected &= ~BIT(DZ_KIND_DELIVERY);
	return selected;
}

/* Stacks are known by the names of their tasks, their user stack and their kernel stack. */
static bool open_known(struct fold *fold)
{
	const struct fold_shape *shape = &fold->request->shape;
	bool fits = fold->sink->sum && !shape->brief_exits;

	for (size_t i = 0; i < shape->root_count; i++)
		fits &= strcmp(shape->roots[i], "process") == 0 ||
			strcmp(shape->roots[i], "comm") == 0;
	if (fits)
		fold->known = calloc(KNOWN_STACKS, sizeof(*fold->known));
	return !fits || fold->known;
}

/* Sections weighted by time are first collected with their steps. */
static bool open_sections(struct fold *fold)
{
	const struct section_group_consumer consumer = {fold, take_group};

	if (fold->request->shape.unit != FOLD_NANOSECONDS || !(fold->kinds & BIT(DZ_KIND_SECTION)))
		return true;
	return section_groups_new(&consumer, &fold->sections);
}

static enum replay_status replay(struct fold *fold)
{
	const struct replay all = {
		.trace = fold->trace,
		.selection = &fold->request->selection,
	};
	uint64_t kinds = fold->sections ? fold->kinds & ~BIT(DZ_KIND_SECTION) : fold->kinds;
	struct visitor visitors[3] = {
		{.context = fold, .kinds = kinds, .visit = visit},
		loss_visitor(&fold->loss),
	};
	enum replay_status status;

	if (!fold->sections)
		return replay_run(&all, visitors, 2);
	visitors[2] = section_groups_visitor(fold->sections);
	status = replay_run(&all, visitors, 3);
	if (status == REPLAY_OK && !section_groups_finish(fold->sections))
		status = REPLAY_STOPPED;
	fold->out_of_memory = fold->out_of_memory || section_groups_out_of_memory(fold->sections);
	return status;
}

/* Whether lost events of this kind would have been folded. */
static bool is_of_folded_kind(const struct fold *fold, struct trace_text name)
{
	size_t count;
	const struct dz_kind_schema *kinds = dz_schema_kinds(&count);

	for (size_t i = 0; i < count; i++)
		if (fold->kinds & BIT(kinds[i].kind) && strlen(kinds[i].name) == name.size &&
		    memcmp(kinds[i].name, name.bytes, name.size) == 0)
			return true;
	return false;
}

/* Their durations are not known: they are passed on only if the weight is a count. */
static bool pass_on_lost(struct fold *fold)
{
	static const struct fold_frame lost = {.name = {"[lost]", 6}, .type = FOLD_LOST};

	for (size_t i = 0; i < fold->loss.count; i++) {
		const struct loss_entry *entry = &fold->loss.entries[i];
		const struct fold_stack stack = {
			.frames = &lost,
			.count = 1,
			.weight = entry->count,
			.time_ns = entry->first_ns,
		};

		if (entry->count == 0 || !is_of_folded_kind(fold, entry->kind))
			continue;
		fold->description.lost += entry->count;
		if (fold->request->shape.unit == FOLD_EVENTS &&
		    !fold->sink->stack(fold->sink->context, &stack))
			return false;
	}
	return true;
}

/* Copies the info record of the first file that has it. */
static char *copy_info(struct fold *fold, const char *key)
{
	const struct trace_file *file;

	for (size_t i = 0; (file = trace_file(fold->trace, i)); i++) {
		struct dz_bytes info = {NULL, 0};

		if (file->reader)
			info = dz_reader_info(file->reader, key);
		if (info.size > 0) {
			char *copy = strndup((const char *)info.data, info.size);

			fold->out_of_memory |= !copy;
			return copy;
		}
	}
	return NULL;
}

static char *list_kinds(const struct fold *fold)
{
	size_t count;
	const struct dz_kind_schema *kinds = dz_schema_kinds(&count);
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	const char *separator = "";

	if (!out)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		if (!(fold->kinds_seen & BIT(kinds[i].kind)))
			continue;
		/* Samples are the only steps that are folded. */
		fprintf(out, "%s%s", separator,
			kinds[i].kind == DZ_KIND_STEP ? "sample" : kinds[i].name);
		separator = ", ";
	}
	fclose(out);
	return text;
}

static void describe_files(const struct trace *trace, struct fold_description *description)
{
	const struct trace_file *first = trace_file(trace, 0);

	while (trace_file(trace, description->files))
		description->files++;
	description->path = first ? first->path : "";
	if (first && first->reader)
		memcpy(description->uuid, dz_reader_header(first->reader)->uuid,
		       sizeof(description->uuid));
}

static const char *text_or_empty(const char *text)
{
	return text ? text : "";
}

static void describe(struct fold *fold)
{
	struct fold_description *description = &fold->description;
	struct time_range span = trace_span(fold->trace);

	fold->texts[0] = copy_info(fold, "host.name");
	fold->texts[1] = copy_info(fold, "host.kernel");
	fold->texts[2] = copy_info(fold, "recorder.command");
	fold->texts[3] = list_kinds(fold);
	fold->texts[4] = selection_describe(&fold->request->selection);
	fold->out_of_memory |= !fold->texts[3] || !fold->texts[4];
	description->host = text_or_empty(fold->texts[0]);
	description->kernel = text_or_empty(fold->texts[1]);
	description->command = text_or_empty(fold->texts[2]);
	description->kinds = text_or_empty(fold->texts[3]);
	description->selection = text_or_empty(fold->texts[4]);
	description->unit = fold->request->shape.unit;
	describe_files(fold->trace, description);
	description->duplicates = trace_duplicates(fold->trace);
	description->start_ns = span.first_ns;
	description->duration_ns = span.last_ns - span.first_ns;
}

static enum fold_status fail_without_memory(struct fold *fold)
{
	fold->problem =
		(struct input_problem){.path = "input", .what = "out of memory", .failure = true};
	return FOLD_FAILED;
}

static enum fold_status fail_with_too_long(struct fold *fold)
{
	fold->problem = (struct input_problem){
		.path = "stacks",
		.what = "their names together are too long for files of this size",
		.advice = "select fewer events",
		.failure = true,
	};
	return FOLD_FAILED;
}

/* Returns the status after a replay, and collects the problems of the trace. */
static enum fold_status conclude(struct fold *fold, enum replay_status status)
{
	const struct input_problem *problem;

	if (fold->out_of_memory || !trace_collect_problems(fold->trace))
		return fail_without_memory(fold);
	if (status == REPLAY_FAILED && !trace_has_failed(fold->trace))
		return fail_without_memory(fold);
	if (fold->is_too_long)
		return fail_with_too_long(fold);
	for (; (problem = trace_problem(fold->trace, fold->problem_count)); fold->problem_count++)
		if (problem->failure)
			return FOLD_FAILED;
	if (status == REPLAY_STOPPED)
		return FOLD_STOPPED;
	return fold->problem_count > 0 || fold->overflowed ? FOLD_INCOMPLETE : FOLD_OK;
}

enum fold_status fold_run(struct fold *fold, const struct fold_sink *sink)
{
	enum replay_status status;

	fold->sink = sink;
	if (!trace_load(fold->trace))
		return fail_without_memory(fold);
	fold->work_left = input_limit(trace_size_bytes(fold->trace), WORK_FOR_BYTE, WORK_MIN);
	fold->kept_max = input_limit(trace_size_bytes(fold->trace), KEPT_FOR_BYTE, KEPT_MIN);
	fold->kinds = choose_kinds(fold);
	if (!open_known(fold) || !open_sections(fold))
		return fail_without_memory(fold);
	status = replay(fold);
	if (status == REPLAY_OK && !pass_on_lost(fold))
		status = REPLAY_STOPPED;
	describe(fold);
	return conclude(fold, status);
}

bool fold_is_too_long(const struct fold *fold)
{
	return fold->is_too_long;
}

const struct input_problem *fold_problem(const struct fold *fold, size_t number)
{
	static const struct input_problem overflow = {
		.path = "weights",
		.what = "their sum exceeds 64 bits: select fewer events, or use --weight count",
	};

	if (fold->problem.what)
		return number == 0 ? &fold->problem : NULL;
	if (fold->overflowed && number == fold->problem_count)
		return &overflow;
	return trace_problem(fold->trace, number);
}

struct fold_description fold_describe(const struct fold *fold)
{
	return fold->description;
}

void fold_close(struct fold *fold)
{
	if (!fold)
		return;
	for (size_t i = 0; i < sizeof(fold->texts) / sizeof(fold->texts[0]); i++)
		free(fold->texts[i]);
	section_groups_free(fold->sections);
	frame_names_free(fold->names);
	trace_free(fold->trace);
	free(fold->known);
	free(fold->frames);
	free(fold);
}
