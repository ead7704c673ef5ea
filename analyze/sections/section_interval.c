/* analyze/sections/section_interval.c - the time of a section, cut where something happened */
#include "analyze/sections/section_interval.h"

#include <stdlib.h>
#include <string.h>

/* A timestamp at which the condition changes. A page fault is told when it is over: it has two. */
struct steps_at_time {
	uint64_t time_ns;
	size_t order;
	const struct dz_step *step;
	bool is_fault_begin;
};

/* What is known while going through the moments. */
struct walk {
	const struct dz_section *section;
	struct section_interval *intervals;
	size_t count;
	uint64_t done_ns;        /* intervals reach up to here */
	enum interval_state off; /* while the thread does not run; INTERVAL_STATE_USER: it runs */
	const struct dz_step *out;
	unsigned int interrupts;
	uint64_t interrupt_name;
	bool in_fault;
	bool in_call;
	bool is_dropped;
	uint64_t call_name;
	uint64_t call_user_stack;
	size_t call_first; /* interval with which the call begins */
};

static int compare_moments(const void *left, const void *right)
{
	const struct steps_at_time *a = left, *b = right;

	if (a->time_ns != b->time_ns)
		return a->time_ns < b->time_ns ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

static size_t list_moments(const struct section_group *group, struct steps_at_time *moments)
{
	size_t count = 0;

	for (size_t i = 0; i < group->step_count; i++) {
		const struct dz_step *step = &group->steps[i];

		/* Of many in a row only the sum is known: they come last, after the time between
		 * them. */
		if ((step->step_type == DZ_STEP_TYPE_PAGE_FAULT ||
		     step->step_type == DZ_STEP_TYPE_PAGE_FAULTS) &&
		    step->duration <= step->time)
			moments[count++] = (struct steps_at_time){
				.time_ns = step->time - step->duration,
				.order = 2 * i,
				.step = step,
				.is_fault_begin = true,
			};
		moments[count++] = (struct steps_at_time){
			.time_ns = step->time, .order = 2 * i + 1, .step = step};
	}
	qsort(moments, count, sizeof(*moments), compare_moments);
	return count;
}

static enum interval_state state_of(const struct walk *walk)
{
	if (walk->is_dropped)
		return INTERVAL_STATE_DROPPED;
	if (walk->off != INTERVAL_STATE_USER)
		return walk->off;
	if (walk->interrupts)
		return INTERVAL_STATE_INTERRUPT;
	if (walk->in_fault)
		return INTERVAL_STATE_FAULT;
	return walk->in_call ? INTERVAL_STATE_KERNEL : INTERVAL_STATE_USER;
}

/* Closes the interval up to that time, as far as it is inside of the section. */
static struct section_interval *cut(struct walk *walk, uint64_t time_ns)
{
	struct section_interval *interval;

	if (time_ns > walk->section->time)
		time_ns = walk->section->time;
	if (time_ns <= walk->done_ns)
		return NULL;
	interval = &walk->intervals[walk->count++];
	*interval = (struct section_interval){
		.start_ns = walk->done_ns,
		.end_ns = time_ns,
		.state = state_of(walk),
		.in_call = walk->in_call,
		.name = walk->interrupts && walk->off == INTERVAL_STATE_USER ? walk->interrupt_name
									     : walk->call_name,
		.user_stack = walk->in_call ? walk->call_user_stack : 0,
	};
	if (walk->off != INTERVAL_STATE_USER && walk->out) {
		interval->out = walk->out;
		interval->kernel_stack = walk->out->kernel_stack;
		if (walk->out->user_stack)
			interval->user_stack = walk->out->user_stack;
	}
	walk->done_ns = time_ns;
	return interval;
}

/* Intervals of a call that came before the step with its user stack get it, too. */
static void spread_user_stack(struct walk *walk, uint64_t user_stack)
{
	if (!user_stack || !walk->in_call)
		return;
	walk->call_user_stack = user_stack;
	for (size_t i = walk->call_first; i < walk->count; i++) {
		if (!walk->intervals[i].user_stack && walk->intervals[i].in_call)
			walk->intervals[i].user_stack = user_stack;
	}
}

static void switch_out(struct walk *walk, const struct dz_step *step)
{
	walk->interrupts = 0;
	walk->out = step;
	spread_user_stack(walk, step->user_stack);
	if (step->number == 0)
		walk->off = INTERVAL_STATE_PREEMPTED;
	else
		walk->off =
			step->number & 2 ? INTERVAL_STATE_UNINTERRUPTIBLE : INTERVAL_STATE_BLOCKED;
}

static void enter_call(struct walk *walk, const struct dz_step *step)
{
	walk->interrupts = 0;
	walk->in_fault = false;
	walk->off = INTERVAL_STATE_USER;
	walk->in_call = true;
	walk->call_name = step->name;
	walk->call_user_stack = 0;
	walk->call_first = walk->count;
}

static void leave_call(struct walk *walk, const struct dz_step *step)
{
	spread_user_stack(walk, step->user_stack);
	walk->interrupts = 0;
	walk->off = INTERVAL_STATE_USER;
	walk->in_call = false;
	walk->call_name = 0;
}

static void interrupt(struct walk *walk, const struct dz_step *step, bool begins, unsigned int bit)
{
	if (begins && !walk->interrupts)
		walk->interrupt_name = step->name;
	if (begins)
		walk->interrupts |= bit;
	else
		walk->interrupts &= ~bit;
}

static void apply(struct walk *walk, const struct steps_at_time *timestamp,
		  struct section_interval *interval)
{
	const struct dz_step *step = timestamp->step;

	if (timestamp->is_fault_begin) {
		walk->in_fault = true;
		return;
	}
	switch (step->step_type) {
	case DZ_STEP_TYPE_SWITCHED_OUT:
		switch_out(walk, step);
		break;
	case DZ_STEP_TYPE_WOKEN_UP:
		if (interval)
			interval->woken = step;
		if (walk->off == INTERVAL_STATE_BLOCKED ||
		    walk->off == INTERVAL_STATE_UNINTERRUPTIBLE)
			walk->off = INTERVAL_STATE_RUNNABLE;
		break;
	case DZ_STEP_TYPE_SWITCHED_IN:
		walk->off = INTERVAL_STATE_USER;
		break;
	case DZ_STEP_TYPE_CALL_IN:
		enter_call(walk, step);
		break;
	case DZ_STEP_TYPE_CALL_OUT:
		leave_call(walk, step);
		break;
	case DZ_STEP_TYPE_INTERRUPT_IN:
	case DZ_STEP_TYPE_INTERRUPT_OUT:
		interrupt(walk, step, step->step_type == DZ_STEP_TYPE_INTERRUPT_IN, 1);
		break;
	case DZ_STEP_TYPE_SOFTIRQ_IN:
	case DZ_STEP_TYPE_SOFTIRQ_OUT:
		interrupt(walk, step, step->step_type == DZ_STEP_TYPE_SOFTIRQ_IN, 2);
		break;
	case DZ_STEP_TYPE_PAGE_FAULT:
	case DZ_STEP_TYPE_PAGE_FAULTS:
		walk->in_fault = false;
		break;
	case DZ_STEP_TYPE_SAMPLE:
		/* What ran up to here is what is seen here. */
		if (interval && walk->off == INTERVAL_STATE_USER) {
			interval->kernel_stack = step->kernel_stack;
			interval->user_stack = step->user_stack;
		}
		break;
	default:
		break;
	}
}

/* Handlers that run when nothing changes need no interval of their own. */
static bool is_cut(const struct steps_at_time *timestamp)
{
	return timestamp->is_fault_begin || (timestamp->step->step_type != DZ_STEP_TYPE_TIMER_IN &&
					     timestamp->step->step_type != DZ_STEP_TYPE_TIMER_OUT &&
					     timestamp->step->step_type != DZ_STEP_TYPE_MIGRATED &&
					     timestamp->step->step_type != DZ_STEP_TYPE_DROPPED);
}

/* Of what was before the first step that is there nothing is known. */
static void skip_dropped(struct walk *walk, const struct section_group *group)
{
	for (size_t i = 0; i < group->step_count; i++) {
		if (group->steps[i].step_type != DZ_STEP_TYPE_DROPPED)
			continue;
		walk->is_dropped = true;
		(void)cut(walk, group->steps[i].time);
		walk->is_dropped = false;
		return;
	}
}

static void walk_moments(struct walk *walk, const struct steps_at_time *moments, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct steps_at_time *timestamp = &moments[i];

		if (is_cut(timestamp))
			apply(walk, timestamp, cut(walk, timestamp->time_ns));
	}
}

bool section_intervals_make(const struct section_group *group, const struct dz_section *section,
			    struct section_interval **ret_intervals, size_t *ret_count)
{
	size_t room = 2 * group->step_count + 1;
	struct steps_at_time *moments = calloc(room, sizeof(*moments));
	struct walk walk = {.section = section, .done_ns = section->start};

	walk.intervals = calloc(room, sizeof(*walk.intervals));
	if (!moments || !walk.intervals) {
		free(moments);
		free(walk.intervals);
		return false;
	}
	skip_dropped(&walk, group);
	walk_moments(&walk, moments, list_moments(group, moments));
	/* A thread that nothing happened to has phases, but no steps. */
	walk.is_dropped =
		group->step_count == 0 && (section->dropped_steps > 0 || group->phase_count == 0);
	(void)cut(&walk, section->time);
	free(moments);
	*ret_intervals = walk.intervals;
	*ret_count = walk.count;
	return true;
}
