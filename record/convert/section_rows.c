/* record/convert/section_rows.c - sections and steps, from BPF records to rows of a file */
#include "record/convert/section_rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/system_call.h"
#include "record/common/clock.h"
#include "record/common/pid_namespace.h"
#include "record/convert/section_path.h"
#include "record/convert/step_reader.h"
#include "record/stacks/kernel_symbols.h"
#include <dz/enums.h>

/* Copy ids from here on are those of this file. Those of BPF programs are smaller, or have one of
 * the two upper bits. */
#define COPY_IDS_FROM (UINT64_C(1) << 61)

#define NAME_MAX_BYTES 64u

/* Steps that are written in one turn: some 30 ms. No ring is read meanwhile. */
#define TURN_STEPS_MAX 50000u

/* The histograms of more ended processes than these are not kept for the usual time. */
#define ENDED_MAX 64u

/* The numbers of bpf/section.h are stored as they are, but SECTION_STEP_PAGE_FAULTS and
 * SECTION_STEP_FILE. */
#define IS_SAME(here, there)               _Static_assert((int)(here) == (int)(there), "as the file has it")
#define SOURCE_IS_SAME(number, NAME, word) IS_SAME(SECTION_SOURCE_##NAME, DZ_SECTION_SOURCE_##NAME);
#define END_IS_SAME(number, NAME, word)    IS_SAME(SECTION_END_##NAME, DZ_SECTION_END_##NAME);
#define STATE_IS_SAME(number, NAME, word)  IS_SAME(PHASE_STATE_##NAME, DZ_PHASE_STATE_##NAME);
DZ_SECTION_SOURCES(SOURCE_IS_SAME)
DZ_SECTION_ENDS(END_IS_SAME)
DZ_PHASE_STATES(STATE_IS_SAME)
IS_SAME(SECTION_SOURCE_MEASURED, DZ_SECTION_SOURCE_COUNT);
IS_SAME(PHASE_STATE_COUNT, DZ_PHASE_STATE_COUNT);
IS_SAME(SECTION_STEP_SWITCHED_OUT, DZ_STEP_TYPE_SWITCHED_OUT);
IS_SAME(SECTION_STEP_WOKEN_UP, DZ_STEP_TYPE_WOKEN_UP);
IS_SAME(SECTION_STEP_SWITCHED_IN, DZ_STEP_TYPE_SWITCHED_IN);
IS_SAME(SECTION_STEP_CALL_IN, DZ_STEP_TYPE_CALL_IN);
IS_SAME(SECTION_STEP_CALL_OUT, DZ_STEP_TYPE_CALL_OUT);
IS_SAME(SECTION_STEP_INTERRUPT_IN, DZ_STEP_TYPE_INTERRUPT_IN);
IS_SAME(SECTION_STEP_INTERRUPT_OUT, DZ_STEP_TYPE_INTERRUPT_OUT);
IS_SAME(SECTION_STEP_SOFTIRQ_IN, DZ_STEP_TYPE_SOFTIRQ_IN);
IS_SAME(SECTION_STEP_SOFTIRQ_OUT, DZ_STEP_TYPE_SOFTIRQ_OUT);
IS_SAME(SECTION_STEP_TIMER_IN, DZ_STEP_TYPE_TIMER_IN);
IS_SAME(SECTION_STEP_TIMER_OUT, DZ_STEP_TYPE_TIMER_OUT);
IS_SAME(SECTION_STEP_PAGE_FAULT, DZ_STEP_TYPE_PAGE_FAULT);
IS_SAME(SECTION_STEP_MIGRATED, DZ_STEP_TYPE_MIGRATED);
IS_SAME(SECTION_STEP_SAMPLE, DZ_STEP_TYPE_SAMPLE);

/* The steps of a group on their way to the file. */
struct group_walk {
	struct step_reader steps; /* behind the steps that were written */
	uint64_t next_copy_id;
	uint64_t missing;  /* steps that are not in the slot and not yet reported */
	uint64_t reported; /* steps that were written, or reported as dropped */
	bool is_first;     /* the next step can come after dropped ones */
	bool has_begun;
};

/* The steps of an outermost section, copied from a slot. */
struct group {
	struct event_step_batch event;
	uint64_t until_ns;        /* CLOCK_BOOTTIME */
	uint64_t expected;        /* by translator_expect_task() */
	uint64_t first_copy_id;   /* of copied user stacks, in the order of the steps */
	struct step_reader steps; /* behind the step that is awaited */
	uint64_t awaited_copy_id; /* its user stack */
	uint64_t next_copy_id;    /* of the copy in the next step that has one */
	struct group_walk walk;
	struct group *next;
	uint8_t bytes[]; /* the contents of the slot */
};

struct section_rows {
	struct section_programs *programs;
	struct translator *translator;
	struct kernel_symbols *symbols;
	struct user_stacks *user_stacks;
	uint32_t pid_namespace; /* pid_namespace_own(), which is a system call */
	struct group *first;
	struct group **last;
	uint64_t next_copy_id;
	uint64_t counted; /* sections in the histograms when they were last written */
	struct section_failures failures;
	uint64_t failures_ns;
	uint64_t lost;
};

struct section_rows *section_rows_new(struct section_programs *programs,
				      struct translator *translator, struct kernel_symbols *symbols,
				      struct user_stacks *user_stacks)
{
	struct section_rows *sections = calloc(1, sizeof(*sections));

	if (!sections)
		return NULL;
	sections->programs = programs;
	sections->translator = translator;
	sections->symbols = symbols;
	sections->user_stacks = user_stacks;
	sections->pid_namespace = pid_namespace_own();
	sections->last = &sections->first;
	sections->next_copy_id = COPY_IDS_FROM;
	sections->failures_ns = clock_boottime_ns();
	return sections;
}

static struct dz_writer *writer_of(const struct section_rows *sections)
{
	return translator_writer(sections->translator);
}

static uint32_t intern_call(const struct section_rows *sections, int32_t call)
{
	if (call == SECTION_CALL_NONE)
		return 0;
	if (call == SECTION_CALL_FAULT)
		return dz_writer_text(writer_of(sections), "page fault");
	if (call == SECTION_CALL_OTHER)
		return dz_writer_text(writer_of(sections), "other system calls");
	return dz_writer_text(
		writer_of(sections),
		system_call_name(call & SECTION_CALL_COMPAT ? MACHINE_ELF_32BIT : MACHINE_ELF,
				 call & ~SECTION_CALL_COMPAT)
			.text);
}

/* The number of a system call in its ABI. */
static int32_t number_of_call(int32_t call)
{
	return call < 0 ? -1 : call & ~SECTION_CALL_COMPAT;
}

static bool is_call(uint8_t step_type)
{
	return step_type == SECTION_STEP_CALL_IN || step_type == SECTION_STEP_CALL_OUT;
}

/* The label of a watched system call is its number. */
static uint32_t intern_label(const struct section_rows *sections, uint32_t source,
			     const char label[SECTION_LABEL_BYTES])
{
	int32_t call;

	if (source == SECTION_SOURCE_SYSTEM_CALL) {
		memcpy(&call, label, sizeof(call));
		return intern_call(sections, call);
	}
	if (label[0] == '\0')
		return 0;
	return dz_writer_string(writer_of(sections), label, strnlen(label, SECTION_LABEL_BYTES));
}

static enum dz_status add_phase(struct section_rows *sections, const struct event_section *event,
				uint32_t row, uint32_t state)
{
	int32_t call = event->calls[row];
	struct dz_phase phase = {
		.time = event->header.time_ns,
		.task = translator_task(sections->translator, &event->task),
		.section = event->number,
		.state = state,
		.system_call = (uint64_t)(int64_t)number_of_call(call),
		.name = intern_call(sections, call),
		.duration = event->account.rows[row].ns[state],
		.count = event->account.rows[row].counts[state],
		.outermost = event->outermost,
	};

	if (phase.duration == 0 && phase.count == 0)
		return DZ_OK;
	return dz_writer_add(writer_of(sections), DZ_KIND_PHASE, &phase);
}

static enum dz_status add_section(struct section_rows *sections, const struct event_section *event)
{
	enum dz_status status = DZ_OK;
	struct dz_section row = {
		.time = event->header.time_ns,
		.start = event->start_ns,
		.cpu = event->header.cpu,
		.task = translator_task(sections->translator, &event->task),
		.id = event->number,
		.outer = event->outer,
		.source = event->source,
		.label = intern_label(sections, event->source, event->label),
		.threshold = event->threshold_ns,
		.end = event->end,
		.dropped_steps = event->dropped_steps,
		.dropped_until = event->dropped_until_ns,
		.outermost = event->outermost,
	};

	for (uint32_t i = 0; i < SECTION_ROWS && i < event->row_count && status == DZ_OK; i++) {
		for (uint32_t j = 0; j < PHASE_STATE_COUNT && status == DZ_OK; j++)
			status = add_phase(sections, event, i, j);
	}
	if (status != DZ_OK)
		return status;
	return dz_writer_add(writer_of(sections), DZ_KIND_SECTION, &row);
}

/* The ID of the process in the namespace of diag-record, as user_stacks_take() needs it; 0: not
 * known. */
static uint32_t number_here(const struct section_rows *sections, const struct event_task *task)
{
	if (!sections->pid_namespace)
		return task->pid;
	return task->pid_namespace == sections->pid_namespace ? task->ns_pid : 0;
}

/* Submits a copy of a user stack for unwinding. */
static void submit_stack(struct section_rows *sections, const struct group *group,
			 const struct step_view *view, uint64_t stack_copy_id)
{
	struct event_user_stack *event = malloc(sizeof(*event) + view->step.user_bytes);

	if (!event)
		return;
	*event = (struct event_user_stack){
		/* The time of the batch: after the mappings of the process, and not too old to
		 * unwind. */
		.header = {.time_ns = group->event.header.time_ns, .kind = EVENT_USER_STACK},
		.stack_copy_id = stack_copy_id,
		.process_start_ns = group->event.task.process_start_ns,
		.pid = number_here(sections, &group->event.task),
		.uid = group->event.task.uid,
		.pid_namespace = group->event.task.pid_namespace,
		.size_bytes = view->step.user_bytes,
	};
	if (view->step.step_type == SECTION_STEP_WOKEN_UP && view->extra) {
		struct event_peer waker;

		memcpy(&waker, view->extra, sizeof(waker));
		event->process_start_ns = waker.process_start_ns;
		event->pid = sections->pid_namespace ? 0 : waker.pid;
	}
	memcpy(event->registers, view->registers, sizeof(event->registers));
	event->address = event->registers[USER_STACK_WORD_SP];
	memcpy(event + 1, view->user_stack, view->step.user_bytes);
	if (!user_stacks_take(sections->user_stacks, event, sizeof(*event) + view->step.user_bytes,
			      group->until_ns))
		sections->lost++;
	free(event);
}

/* Returns the id of the user stack of a step, or USER_STACK_NONE. Copies have theirs in the order
 * of their steps, from *next_copy_id on. */
static uint64_t copy_id_of(const struct step_view *view, uint64_t *next_copy_id)
{
	return view->registers ? (*next_copy_id)++ : view->stack_copy_id;
}

static void submit_stacks(struct section_rows *sections, struct group *group, uint32_t slot_bytes)
{
	struct step_reader steps;
	struct step_view view;

	group->first_copy_id = group->next_copy_id = sections->next_copy_id;
	if (!step_reader_begin(group->bytes, slot_bytes, group->event.head, &steps))
		return;
	group->steps = steps;
	while (sections->user_stacks && step_reader_next(&steps, &view)) {
		if (view.registers)
			submit_stack(sections, group, &view, sections->next_copy_id++);
	}
}

/* Copies the slot and returns it to the pool first, so that BPF programs can use it. */
static enum dz_status add_group(struct section_rows *sections, const struct event_step_batch *event)
{
	uint32_t slot_bytes;
	const uint8_t *slot = section_programs_slot(sections->programs, event->slot, &slot_bytes);
	struct group *group;

	if (!slot)
		return DZ_OK;
	group = malloc(sizeof(*group) + slot_bytes);
	if (!group) {
		section_programs_release_slot(sections->programs, event->slot, event->owner);
		return DZ_NO_MEMORY;
	}
	*group = (struct group){
		.event = *event,
		.until_ns = event->header.time_ns + USER_STACKS_WAIT_NS,
		.expected = translator_expect_task(sections->translator, &event->task),
	};
	memcpy(group->bytes, slot, step_reader_bytes(slot_bytes, event->head));
	section_programs_release_slot(sections->programs, event->slot, event->owner);
	submit_stacks(sections, group, slot_bytes);
	*sections->last = group;
	sections->last = &group->next;
	return DZ_OK;
}

/* Whether the record contains the rows that it counts. */
static bool section_is_valid(const struct event_section *event, size_t size)
{
	size_t fixed_bytes = offsetof(struct event_section, account);

	return size >= fixed_bytes && event->row_count <= SECTION_ROWS &&
	       size - fixed_bytes >= event->row_count * sizeof(struct section_row);
}

static enum dz_status take_section(struct section_rows *sections, const void *record, size_t size)
{
	const struct event_header *header = record;

	if (!section_is_valid(record, size) ||
	    !translator_admits(sections->translator, DZ_KIND_SECTION, header->time_ns))
		return DZ_OK;
	return add_section(sections, record);
}

static enum dz_status take_step_batch(struct section_rows *sections, const void *record,
				      size_t size)
{
	return size == sizeof(struct event_step_batch) ? add_group(sections, record) : DZ_OK;
}

enum dz_status section_rows_take(struct section_rows *sections, const void *record, size_t size)
{
#define TAKE_ROW(NAME, name)
#define TAKE_LEARN(NAME, name)
#define TAKE_USER_STACK(NAME, name)
#define TAKE_SECTION(NAME, name)                           [EVENT_##NAME] = take_##name,
#define TAKE(NAME, name, route, row, loss, stack, scratch) TAKE_##route(NAME, name)
	static enum dz_status (*const takers[EVENT_KIND_COUNT])(struct section_rows *, const void *,
								size_t) = {EVENT_KINDS(TAKE)};
#undef TAKE
	const struct event_header *header = record;

	if (size < sizeof(*header) || header->kind >= EVENT_KIND_COUNT || !takers[header->kind])
		return DZ_OK;
	return takers[header->kind](sections, record, size);
}

static uint32_t intern_peer(struct section_rows *sections, const uint8_t *extra)
{
	struct event_peer peer;

	memcpy(&peer, extra, sizeof(peer));
	return translator_peer(sections->translator, &peer);
}

static uint32_t intern_arguments(struct section_rows *sections, const uint8_t *extra)
{
	struct section_arguments arguments;
	char text[SECTION_ARGUMENTS * 20];
	int used = 0;

	memcpy(&arguments, extra, sizeof(arguments));
	for (size_t i = 0; i < SECTION_ARGUMENTS; i++)
		used += snprintf(text + used, sizeof(text) - (size_t)used, "%s0x%" PRIx64,
				 i ? ", " : "", (uint64_t)arguments.values[i]);
	return dz_writer_text(writer_of(sections), text);
}

static const char *softirq_name(int32_t number)
{
	static const char *const names[] = {"HI",       "TIMER",   "NET_TX", "NET_RX",  "BLOCK",
					    "IRQ_POLL", "TASKLET", "SCHED",  "HRTIMER", "RCU"};

	if (number < 0 || (size_t)number >= sizeof(names) / sizeof(names[0]))
		return "softirq";
	return names[number];
}

/* Interrupts that one processor, or its own timer, sends to another (x86). */
static const char *vector_name(int32_t number)
{
	static const struct {
		int32_t number;
		const char *name;
	} vectors[] = {
		{0xec, "local timer"},   {0xf6, "irq work"},   {0xfb, "call function single"},
		{0xfc, "call function"}, {0xfd, "reschedule"},
	};

	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		if (vectors[i].number == number)
			return vectors[i].name;
	}
	return NULL;
}

static uint32_t intern_handler(struct section_rows *sections, uint64_t address)
{
	struct kernel_symbol function;

	if (!address || !kernel_symbols_find(sections->symbols, address, &function))
		return 0;
	return dz_writer_text(writer_of(sections), function.name);
}

static uint32_t intern_name(struct section_rows *sections, const struct step_view *view)
{
	const struct section_step *step = &view->step;
	const char *name = NULL;

	switch (step->step_type) {
	case SECTION_STEP_CALL_IN:
	case SECTION_STEP_CALL_OUT:
		return intern_call(sections, step->number);
	case SECTION_STEP_INTERRUPT_IN:
	case SECTION_STEP_INTERRUPT_OUT:
		if (view->extra)
			return dz_writer_string(
				writer_of(sections), view->extra,
				strnlen((const char *)view->extra, SECTION_LABEL_BYTES));
		name = vector_name(step->number);
		break;
	case SECTION_STEP_SOFTIRQ_IN:
	case SECTION_STEP_SOFTIRQ_OUT:
		name = softirq_name(step->number);
		break;
	case SECTION_STEP_TIMER_IN:
		return intern_handler(sections, step->value);
	default:
		break;
	}
	return name ? dz_writer_text(writer_of(sections), name) : 0;
}

static void fill_extra(struct section_rows *sections, const struct step_view *view,
		       struct dz_step *row)
{
	if (!view->extra)
		return;
	if (view->step.step_type == SECTION_STEP_PAGE_FAULTS) {
		struct section_faults faults;

		memcpy(&faults, view->extra, sizeof(faults));
		row->step_type = DZ_STEP_TYPE_PAGE_FAULTS;
		row->since = faults.since_ns;
		row->value = faults.count;
		return;
	}
	if (view->step.step_type == SECTION_STEP_FILE) {
		struct section_file file;
		char path[SECTION_PATH_TEXT_MAX];

		memcpy(&file, view->extra, sizeof(file));
		section_path_text(&file, path);
		row->step_type = DZ_STEP_TYPE_FILE;
		row->path = dz_writer_text(writer_of(sections), path);
		return;
	}
	if (view->step.step_type == SECTION_STEP_CALL_IN)
		row->arguments = intern_arguments(sections, view->extra);
	/* The task that an interrupt stopped in order to wake another one has no part in it. */
	else if (view->step.step_type != SECTION_STEP_INTERRUPT_IN &&
		 !(view->step.step_type == SECTION_STEP_WOKEN_UP && view->step.number))
		row->peer = intern_peer(sections, view->extra);
}

/* The frames are in the step, or it has the number of its stack. */
static uint32_t intern_kernel_stack(struct section_rows *sections, const struct step_view *view)
{
	const void *frames = view->kernel_frames;
	size_t count = view->step.kernel_frames;

	if (view->step.kernel_stack)
		frames = section_programs_kernel_stack(sections->programs,
						       view->step.kernel_stack - 1, &count);
	return translator_kernel_stack(sections->translator, frames, frames ? count : 0);
}

/* The kernel stack of a step, behind which `steps` is. A thread that is blocked after many short
 * waits can have its stack in the step with which it is switched in. */
static uint32_t find_kernel_stack(struct section_rows *sections, const struct group *group,
				  const struct step_reader *steps, const struct step_view *view)
{
	struct step_view blocked = *view;

	if (view->step.step_type == SECTION_STEP_SWITCHED_IN)
		return 0;
	if (view->step.step_type == SECTION_STEP_SWITCHED_OUT && !view->step.kernel_frames &&
	    !view->step.kernel_stack)
		step_reader_find_frames(*steps, &group->event, &blocked);
	return intern_kernel_stack(sections, &blocked);
}

static enum dz_status add_step(struct section_rows *sections, const struct group *group,
			       const struct step_reader *steps, const struct step_view *view,
			       uint64_t stack_copy_id)
{
	const struct section_step *step = &view->step;
	struct dz_step row = {
		.time = step->time_ns,
		.cpu = step->cpu,
		.section = group->event.outermost,
		.step_type = step->step_type,
		.number =
			(uint64_t)(int64_t)(is_call(step->step_type) ? number_of_call(step->number)
								     : step->number),
		.value = step->value,
	};

	if (!translator_admits(sections->translator, DZ_KIND_STEP, step->time_ns))
		return DZ_OK;
	row.task = translator_task(sections->translator, &group->event.task);
	row.name = intern_name(sections, view);
	row.kernel_stack = find_kernel_stack(sections, group, steps, view);
	if (step->step_type == SECTION_STEP_TIMER_IN)
		row.value = 0;
	if (step->step_type == SECTION_STEP_SWITCHED_IN) {
		row.blocked = step->duration_ns;
		row.runnable = step->value;
		row.value = 0;
	} else if (step->step_type != SECTION_STEP_WOKEN_UP) {
		row.duration = step->duration_ns;
	}
	fill_extra(sections, view, &row);
	if (sections->user_stacks)
		row.user_stack = user_stacks_intern(sections->user_stacks, writer_of(sections),
						    stack_copy_id);
	return dz_writer_add(writer_of(sections), DZ_KIND_STEP, &row);
}

static enum dz_status add_dropped(struct section_rows *sections, const struct group *group,
				  const struct section_step *first, uint64_t count)
{
	struct dz_step row = {
		.time = first->time_ns,
		.cpu = first->cpu,
		.task = translator_task(sections->translator, &group->event.task),
		.section = group->event.outermost,
		.step_type = DZ_STEP_TYPE_DROPPED,
		.value = count,
	};

	return dz_writer_add(writer_of(sections), DZ_KIND_STEP, &row);
}

static enum dz_status add_loss(struct section_rows *sections, const char *kind, const char *reason,
			       uint64_t count, uint64_t now_ns)
{
	struct dz_lost row = {
		.time = sections->failures_ns,
		.last = now_ns,
		.kind = dz_writer_text(writer_of(sections), kind),
		.reason = dz_writer_text(writer_of(sections), reason),
		.cpu = UINT64_MAX, /* -1: any */
		.count = count,
	};

	if (count == 0)
		return DZ_OK;
	sections->lost += count;
	return dz_writer_add(writer_of(sections), DZ_KIND_LOST, &row);
}

/* Counts steps instead of comparing numbers: an interrupt can come between the number of a step and
 * its place. */
static uint64_t count_missing(const struct group *group, struct step_reader steps)
{
	uint64_t found = 0;
	struct step_view view;

	while (step_reader_next(&steps, &view))
		found += step_reader_is_of(&group->event, &view.step);
	return group->event.total > found ? group->event.total - found : 0;
}

/* Steps are dropped by segments, so that they are missing before the first step of one. The number
 * of that step is how many happened before it. */
static enum dz_status report_dropped(struct section_rows *sections, struct group *group,
				     const struct step_view *view)
{
	struct group_walk *walk = &group->walk;
	uint64_t dropped =
		view->step.sequence > walk->reported ? view->step.sequence - walk->reported : 0;

	if (!walk->is_first || !step_reader_is_full(group->event.head))
		return DZ_OK;
	walk->is_first = false;
	if (dropped > walk->missing)
		dropped = walk->missing;
	if (!dropped)
		return DZ_OK;
	walk->missing -= dropped;
	walk->reported += dropped;
	return add_dropped(sections, group, &view->step, dropped);
}

/* Returns false if the slot cannot be read. */
static bool begin_walk(struct section_rows *sections, struct group *group)
{
	struct group_walk *walk = &group->walk;
	uint32_t slot_bytes;

	if (walk->has_begun)
		return true;
	if (!section_programs_slot(sections->programs, group->event.slot, &slot_bytes) ||
	    !step_reader_begin(group->bytes, slot_bytes, group->event.head, &walk->steps))
		return false;
	walk->has_begun = true;
	walk->next_copy_id = group->first_copy_id;
	walk->missing = count_missing(group, walk->steps);
	return true;
}

static enum dz_status write_step(struct section_rows *sections, struct group *group,
				 const struct step_view *view)
{
	struct group_walk *walk = &group->walk;
	uint64_t stack_copy_id = copy_id_of(view, &walk->next_copy_id);
	enum dz_status status;

	walk->is_first |= view->is_first;
	if (!step_reader_is_of(&group->event, &view->step))
		return DZ_OK;
	status = report_dropped(sections, group, view);
	walk->reported++;
	if (status != DZ_OK)
		return status;
	return add_step(sections, group, &walk->steps, view, stack_copy_id);
}

/* Writes at most steps_max steps. *ret_more: there are more of them. */
static enum dz_status write_group(struct section_rows *sections, struct group *group,
				  uint64_t steps_max, bool *ret_more)
{
	enum dz_status status = DZ_OK;
	struct step_view view;
	bool more = true;

	*ret_more = false;
	if (!begin_walk(sections, group))
		return DZ_OK;
	for (uint64_t i = 0; status == DZ_OK && more && i < steps_max; i++) {
		more = step_reader_next(&group->walk.steps, &view);
		if (more)
			status = write_step(sections, group, &view);
	}
	*ret_more = more && status == DZ_OK;
	if (status == DZ_OK && !more && group->walk.missing)
		status = add_loss(sections, "step", "written too late", group->walk.missing,
				  group->event.header.time_ns);
	return status;
}

/* Looks at the steps from the one that was awaited last. */
static bool must_wait(const struct section_rows *sections, struct group *group, uint64_t now_ns)
{
	struct step_view view;

	if (now_ns >= group->until_ns)
		return false;
	if (!translator_is_ready(sections->translator, group->expected))
		return true;
	if (!sections->user_stacks)
		return false;
	while (user_stacks_is_ready(sections->user_stacks, group->awaited_copy_id)) {
		if (!step_reader_next(&group->steps, &view))
			return false;
		group->awaited_copy_id = copy_id_of(&view, &group->next_copy_id);
	}
	return true;
}

static struct group *take_group(struct section_rows *sections)
{
	struct group *group = sections->first;

	sections->first = group->next;
	if (!group->next)
		sections->last = &sections->first;
	return group;
}

static void return_group(struct section_rows *sections, struct group *group)
{
	group->next = sections->first;
	if (!sections->first)
		sections->last = &group->next;
	sections->first = group;
}

/* A group is not among those that wait while it is written: the size limit of the file can have the
 * others written meanwhile. */
enum dz_status section_rows_release(struct section_rows *sections, uint64_t now_ns)
{
	const uint64_t steps_max = now_ns == UINT64_MAX ? UINT64_MAX : TURN_STEPS_MAX;
	enum dz_status status = DZ_OK;
	bool more = false;

	while (status == DZ_OK && !more && sections->first &&
	       !must_wait(sections, sections->first, now_ns)) {
		struct group *group = take_group(sections);

		status = write_group(sections, group, steps_max, &more);
		if (more)
			return_group(sections, group);
		else
			free(group);
	}
	return status;
}

bool section_rows_are_waiting(const struct section_rows *sections)
{
	return sections->first;
}

/* State of a walk through all histograms. */
struct counting {
	struct section_rows *sections;
	uint64_t now_ns;
	uint64_t count;
	enum dz_status status;
};

static bool add_up(void *context, const struct section_histogram_key *key,
		   const struct section_histogram *histogram)
{
	struct counting *counting = context;

	(void)key;
	for (uint32_t i = 0; i < SECTION_BUCKETS; i++)
		counting->count += histogram->buckets[i].count;
	return true;
}

static bool add_histogram(void *context, const struct section_histogram_key *key,
			  const struct section_histogram *histogram)
{
	struct counting *counting = context;
	struct section_rows *sections = counting->sections;
	struct dz_section_histogram row;

	if (!translator_admits(sections->translator, DZ_KIND_SECTION_HISTOGRAM, counting->now_ns))
		return true;
	row = (struct dz_section_histogram){
		.time = counting->now_ns,
		.task = translator_task(sections->translator, &histogram->task),
		.source = key->source,
		.label = intern_label(sections, key->source, key->label),
	};

	for (uint32_t i = 0; i < SECTION_BUCKETS && counting->status == DZ_OK; i++) {
		const struct section_bucket *bucket = &histogram->buckets[i];

		if (bucket->count == 0)
			continue;
		row.bucket = i;
		row.count = bucket->count;
		row.sum = bucket->sum_ns;
		row.min = ~bucket->min_inverted;
		row.max = bucket->max_ns;
		row.kept = bucket->kept;
		counting->status =
			dz_writer_add(writer_of(sections), DZ_KIND_SECTION_HISTOGRAM, &row);
	}
	return counting->status == DZ_OK;
}

static enum dz_status count_losses(struct section_rows *sections, uint64_t now_ns)
{
	struct section_failures now = section_programs_failures(sections->programs);
	const struct section_failures *seen = &sections->failures;
	const struct {
		const char *kind, *reason;
		uint64_t count;
	} losses[] = {
		{"section", "no memory for a thread", now.no_memory - seen->no_memory},
		{"section", "nested too deeply", now.too_deep - seen->too_deep},
		{"section", "too many nested sections", now.no_account - seen->no_account},
		{"section_histogram", "too many labels and processes",
		 now.no_histogram - seen->no_histogram},
		{"step", "all buffers in use", now.no_slot - seen->no_slot},
	};
	enum dz_status status = DZ_OK;

	for (size_t i = 0; i < sizeof(losses) / sizeof(losses[0]) && status == DZ_OK; i++)
		status = add_loss(sections, losses[i].kind, losses[i].reason, losses[i].count,
				  now_ns);
	sections->failures = now;
	sections->failures_ns = now_ns;
	return status;
}

static void subtract(void *context, const struct section_histogram *histogram)
{
	struct counting *counting = context;

	for (uint32_t i = 0; i < SECTION_BUCKETS; i++)
		counting->count -= histogram->buckets[i].count;
}

/* Call when all histograms were written: those of ended processes do not change any more. */
static void free_ended(struct counting *counting)
{
	section_programs_free_ended(counting->sections->programs, counting->now_ns, subtract,
				    counting);
}

enum dz_status section_rows_count(struct section_rows *sections, uint64_t now_ns)
{
	struct counting counting = {.sections = sections, .now_ns = now_ns, .status = DZ_OK};
	enum dz_status status = count_losses(sections, now_ns);

	if (status != DZ_OK)
		return status;
	(void)section_programs_histograms(sections->programs, add_up, &counting);
	if (counting.count != sections->counted)
		(void)section_programs_histograms(sections->programs, add_histogram, &counting);
	free_ended(&counting);
	sections->counted = counting.count;
	return counting.status;
}

bool section_rows_must_count(const struct section_rows *sections)
{
	return section_programs_ended(sections->programs) > ENDED_MAX;
}

void section_rows_forget(struct section_rows *sections)
{
	sections->counted = 0;
}

uint64_t section_rows_lost(const struct section_rows *sections)
{
	return sections->lost;
}

void section_rows_free(struct section_rows *sections)
{
	if (!sections)
		return;
	while (sections->first) {
		struct group *next = sections->first->next;

		free(sections->first);
		sections->first = next;
	}
	free(sections);
}
