/* analyze/sections/section_interval.c - the time of a section, divided into intervals of one state
 *
 * A step that changes the state of the thread ends one interval and begins the next. For example,
 * a section from 1000 to 2000 ns with these steps:
 *
 *	1100	CALL_IN read
 *	1200	SWITCHED_OUT, blocked, with kernel stack 7 and user stack 8
 *	1700	WOKEN_UP by task 3
 *	1800	SWITCHED_IN
 *	1900	CALL_OUT
 *
 * has these intervals:
 *
 *	1000 to 1100	user
 *	1100 to 1200	kernel, in read, user stack 8
 *	1200 to 1700	blocked, in read, user stack 8, kernel stack 7, woken by task 3
 *	1700 to 1800	runnable, in read, user stack 8, kernel stack 7
 *	1800 to 1900	kernel, in read, user stack 8
 *	1900 to 2000	user
 *
 * The user stack is the same during the whole call. It comes with the step at 1200, so that the
 * interval from 1100 gets it afterwards. A page fault is recorded when it is over: a fault of
 * 100 ns with a step at 1300 changes the state at 1200 and at 1300. If the fault is interrupted
 * from 1250 to 1260, its state is found again at 1260: see state_of(). A sample ends an interval
 * too: its stacks show what ran until then.
 *
 * Steps that did not fit leave a hole from the step before them to the one after them. Nothing is
 * known of the time in it, but the end of a call after it shows that the thread was in that call.
 */
#include "analyze/sections/section_interval.h"

#include <stdlib.h>
#include <string.h>

#include "base/search.h"

/* A time at which the state can change. A page fault has two, its begin and its end, and so has a
 * hole. */
struct state_change {
	uint64_t time_ns;
	size_t order; /* among changes at the same time */
	const struct dz_step *step;
	const struct dz_step *call_out; /* end of a hole: the end of the call there; NULL: none */
	bool is_begin;                  /* of a page fault or a hole */
};

/* The state of the thread at `done_ns`, and the intervals before it. */
struct walk {
	const struct dz_section *section;
	struct section_interval *intervals;
	size_t count;
	uint64_t done_ns;          /* intervals reach up to here */
	enum interval_state off;   /* state while it does not run; INTERVAL_STATE_USER: it runs */
	const struct dz_step *out; /* the newest step that switched it out; NULL: none */
	unsigned int interrupts;   /* bits: 1 hard interrupt, 2 softirq */
	uint64_t interrupt_name;
	bool in_fault;
	bool in_call;
	bool is_dropped;
	uint64_t call_name;
	uint64_t call_user_stack;
	size_t call_first; /* first interval of the call that can be without a user stack */
};

static int compare_changes(const void *left, const void *right)
{
	const struct state_change *a = left, *b = right;

	if (a->time_ns != b->time_ns)
		return a->time_ns < b->time_ns ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

/* Steps of a section are visited once for each section around them. Sections nest 16 deep, but in a
 * forged file any number of them can be around a step. */
#define VISITS_MAX 32u

struct section_steps {
	const struct section_group *group;
	struct state_change *changes; /* in time order */
	size_t *calls; /* for each change: the number of changes up to the last call in, 0: none */
	size_t count;
	const struct dz_step **files; /* steps with a file, in time order */
	size_t file_count;
	uint64_t visits_left;
};

static size_t list_changes(const struct section_group *group, struct state_change *changes)
{
	size_t count = 0;

	for (size_t i = 0; i < group->step_count; i++) {
		const struct dz_step *step = &group->steps[i];

		/* For many page faults in a row, only the sum of their durations is known. It is
		 * placed last, after the time between them. */
		if ((step->step_type == DZ_STEP_TYPE_PAGE_FAULT ||
		     step->step_type == DZ_STEP_TYPE_PAGE_FAULTS) &&
		    step->duration <= step->time)
			changes[count++] = (struct state_change){
				.time_ns = step->time - step->duration,
				.order = 2 * i,
				.step = step,
				.is_begin = true,
			};
		if (step->step_type == DZ_STEP_TYPE_DROPPED)
			changes[count++] = (struct state_change){
				.time_ns = i > 0 ? group->steps[i - 1].time : 0,
				.order = 2 * i,
				.step = step,
				.is_begin = true,
			};
		changes[count++] = (struct state_change){
			.time_ns = step->time, .order = 2 * i + 1, .step = step};
	}
	qsort(changes, count, sizeof(*changes), compare_changes);
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

/* Ends the interval at that time, or at the end of the section. Returns NULL if it is empty. */
static struct section_interval *end_interval(struct walk *walk, uint64_t time_ns)
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

/* Sets the user stack of the current call, also for its earlier intervals that have none. Later
 * intervals of the call get it when they are made. */
static void spread_user_stack(struct walk *walk, uint64_t user_stack)
{
	if (!user_stack || !walk->in_call)
		return;
	walk->call_user_stack = user_stack;
	for (; walk->call_first < walk->count; walk->call_first++) {
		struct section_interval *interval = &walk->intervals[walk->call_first];

		if (!interval->user_stack && interval->in_call)
			interval->user_stack = user_stack;
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

static void enter_hole(struct walk *walk)
{
	walk->is_dropped = true;
	walk->interrupts = 0;
	walk->in_fault = false;
	walk->off = INTERVAL_STATE_USER;
	walk->in_call = false;
	walk->call_name = 0;
}

static void leave_hole(struct walk *walk, const struct state_change *change)
{
	walk->is_dropped = false;
	if (change->call_out)
		enter_call(walk, change->call_out);
}

static void apply(struct walk *walk, const struct state_change *change,
		  struct section_interval *interval)
{
	const struct dz_step *step = change->step;

	if (change->is_begin && step->step_type == DZ_STEP_TYPE_DROPPED) {
		enter_hole(walk);
		return;
	}
	if (change->is_begin) {
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
	case DZ_STEP_TYPE_DROPPED:
		leave_hole(walk, change);
		break;
	case DZ_STEP_TYPE_SAMPLE:
		/* The sample shows what the thread ran until now. */
		if (interval && walk->off == INTERVAL_STATE_USER) {
			interval->kernel_stack = step->kernel_stack;
			interval->user_stack = step->user_stack;
		}
		break;
	default:
		break;
	}
}

/* Steps that leave the state as it is do not divide an interval. */
static bool changes_state(const struct state_change *change)
{
	return change->is_begin || (change->step->step_type != DZ_STEP_TYPE_FILE &&
				    change->step->step_type != DZ_STEP_TYPE_TIMER_IN &&
				    change->step->step_type != DZ_STEP_TYPE_TIMER_OUT &&
				    change->step->step_type != DZ_STEP_TYPE_MIGRATED);
}

/* A page fault that ends after a hole began in it. */
static bool ends_interval(const struct walk *walk, const struct state_change *change)
{
	return !walk->is_dropped || change->step->step_type == DZ_STEP_TYPE_DROPPED;
}

static bool is_step(const struct state_change *change, uint64_t type)
{
	return !change->is_begin && change->step->step_type == type;
}

static void find_calls(struct section_steps *steps)
{
	size_t call = 0;

	for (size_t i = 0; i < steps->count; i++) {
		if (is_step(&steps->changes[i], DZ_STEP_TYPE_CALL_IN))
			call = i + 1;
		steps->calls[i] = call;
	}
}

static void find_files(struct section_steps *steps)
{
	for (size_t i = 0; i < steps->count; i++) {
		if (is_step(&steps->changes[i], DZ_STEP_TYPE_FILE))
			steps->files[steps->file_count++] = steps->changes[i].step;
	}
}

static void find_calls_after_holes(struct section_steps *steps)
{
	const struct dz_step *call_out = NULL;

	for (size_t i = steps->count; i-- > 0;) {
		struct state_change *change = &steps->changes[i];

		if (is_step(change, DZ_STEP_TYPE_CALL_OUT))
			call_out = change->step;
		else if (is_step(change, DZ_STEP_TYPE_DROPPED))
			change->call_out = call_out;
		if (is_step(change, DZ_STEP_TYPE_CALL_IN) ||
		    change->step->step_type == DZ_STEP_TYPE_DROPPED)
			call_out = NULL;
	}
}

bool section_steps_new(const struct section_group *group, struct section_steps **ret_steps)
{
	struct section_steps *steps = calloc(1, sizeof(*steps));

	if (!steps)
		return false;
	steps->group = group;
	steps->changes = calloc(2 * group->step_count + 1, sizeof(*steps->changes));
	steps->calls = calloc(2 * group->step_count + 1, sizeof(*steps->calls));
	steps->files = calloc(group->step_count + 1, sizeof(const struct dz_step *));
	if (!steps->changes || !steps->calls || !steps->files) {
		section_steps_free(steps);
		return false;
	}
	steps->count = list_changes(group, steps->changes);
	steps->visits_left = (uint64_t)VISITS_MAX * (steps->count + group->section_count);
	find_calls(steps);
	find_files(steps);
	find_calls_after_holes(steps);
	*ret_steps = steps;
	return true;
}

void section_steps_free(struct section_steps *steps)
{
	if (!steps)
		return;
	free(steps->changes);
	free(steps->calls);
	free(steps->files);
	free(steps);
}

static bool is_before(const void *table, size_t index, uint64_t time_ns)
{
	return ((const struct dz_step *const *)table)[index]->time < time_ns;
}

const struct dz_step *const *section_steps_files(struct section_steps *steps,
						 const struct dz_section *section,
						 size_t *ret_count)
{
	size_t first =
		search_lower_bound(steps->files, steps->file_count, section->start, is_before);
	size_t end = first;

	while (end < steps->file_count && steps->files[end]->time <= section->time &&
	       steps->visits_left > 0) {
		steps->visits_left--;
		end++;
	}
	*ret_count = steps->visits_left > 0 ? end - first : 0;
	return steps->files + first;
}

static bool is_not_after(const void *table, size_t index, uint64_t time_ns)
{
	return ((const struct state_change *)table)[index].time_ns <= time_ns;
}

/* The changes that matter for a section. A call in sets the whole state, so that nothing before it
 * matters. */
struct change_range {
	size_t first;
	size_t end; /* from here on, changes are later than the section */
};

static struct change_range find_range(const struct section_steps *steps,
				      const struct dz_section *section)
{
	size_t before =
		search_lower_bound(steps->changes, steps->count, section->start, is_not_after);
	size_t call = before > 0 ? steps->calls[before - 1] : 0;

	return (struct change_range){
		.first = call > 0 ? call - 1 : 0,
		.end = search_lower_bound(steps->changes, steps->count, section->time,
					  is_not_after),
	};
}

/* Changes after the section can still tell the user stack of its last call. Returns the number of
 * changes that were visited. */
static size_t walk_changes(struct walk *walk, const struct section_steps *steps,
			   const struct change_range *range)
{
	size_t i;

	for (i = range->first; i < steps->count; i++) {
		const struct state_change *change = &steps->changes[i];

		if (i >= range->end && (!walk->in_call || walk->call_first == walk->count ||
					is_step(change, DZ_STEP_TYPE_CALL_IN)))
			break;
		if (changes_state(change))
			apply(walk, change,
			      ends_interval(walk, change) ? end_interval(walk, change->time_ns)
							  : NULL);
	}
	return i - range->first + 1;
}

bool section_intervals_make(struct section_steps *steps, const struct dz_section *section,
			    struct section_interval **ret_intervals, size_t *ret_count)
{
	const struct section_group *group = steps->group;
	const struct change_range range = find_range(steps, section);
	size_t inside = range.end > range.first ? range.end - range.first : 0;
	bool too_many = inside >= steps->visits_left;
	struct walk walk = {.section = section, .done_ns = section->start};
	size_t visits;

	walk.intervals = calloc((too_many ? 0 : inside) + 2, sizeof(*walk.intervals));
	if (!walk.intervals)
		return false;
	if (!too_many) {
		visits = walk_changes(&walk, steps, &range);
		steps->visits_left -= visits < steps->visits_left ? visits : steps->visits_left;
	}
	/* A section without any change of state has phases, but no steps. */
	walk.is_dropped |= too_many || (group->step_count == 0 &&
					(section->dropped_steps > 0 || group->phase_count == 0));
	(void)end_interval(&walk, section->time);
	*ret_intervals = walk.intervals;
	*ret_count = walk.count;
	return true;
}
