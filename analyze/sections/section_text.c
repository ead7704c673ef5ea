/* analyze/sections/section_text.c - states and intervals of a section as text */
#include "analyze/sections/section_text.h"

#include "analyze/cause/task_text.h"

static const struct {
	char letter;
	const char *text;    /* outside system calls */
	const char *text_in; /* before the name of a system call */
} states[INTERVAL_STATE_COUNT] = {
	[INTERVAL_STATE_USER] = {'U', "running in user mode", "running in user mode, "},
	[INTERVAL_STATE_KERNEL] = {'S', "running in the kernel", "running in "},
	[INTERVAL_STATE_FAULT] = {'F', "page faults", "page faults in "},
	[INTERVAL_STATE_INTERRUPT] = {'I', "interrupted", "interrupted in "},
	[INTERVAL_STATE_RUNNABLE] = {'w', "woken, waiting for a CPU",
				     "woken, waiting for a CPU in "},
	[INTERVAL_STATE_PREEMPTED] = {'p', "preempted, waiting for a CPU",
				      "preempted, waiting for a CPU in "},
	[INTERVAL_STATE_BLOCKED] = {'b', "blocked", "blocked in "},
	[INTERVAL_STATE_UNINTERRUPTIBLE] = {'D', "blocked uninterruptibly",
					    "blocked uninterruptibly in "},
	[INTERVAL_STATE_DROPPED] = {'?', "not known", "not known"},
};

static enum interval_state known(uint64_t state)
{
	return state < INTERVAL_STATE_COUNT ? (enum interval_state)state : INTERVAL_STATE_DROPPED;
}

static char interval_state_letter(enum interval_state state)
{
	return states[known(state)].letter;
}

void section_text_state(FILE *out, enum interval_state state, struct trace_text name)
{
	state = known(state);
	if (name.size == 0 || state == INTERVAL_STATE_USER || state == INTERVAL_STATE_FAULT ||
	    state == INTERVAL_STATE_DROPPED) {
		(void)fputs(states[state].text, out);
		return;
	}
	(void)fputs(states[state].text_in, out);
	task_text_text(out, name);
}

static void write_peer(FILE *out, const struct trace_file *file,
		       const struct section_interval *interval)
{
	const struct dz_step *step = interval->woken;

	if (step && step->number) {
		(void)fputs(", woken by an interrupt", out);
	} else if (step) {
		(void)fputs(", woken by ", out);
		task_text_task(out, file, dz_reader_task(file->reader, step->peer));
	} else if (interval->state == INTERVAL_STATE_PREEMPTED && interval->out) {
		(void)fputs(", instead of it ran ", out);
		task_text_task(out, file, dz_reader_task(file->reader, interval->out->peer));
	}
}

void section_text_interval(FILE *out, const struct trace_file *file,
			   const struct section_interval *interval)
{
	struct trace_text name = trace_text(file, interval->name);

	if (interval->state == INTERVAL_STATE_INTERRUPT && name.size > 0) {
		(void)fputs("interrupt: ", out);
		task_text_text(out, name);
		return;
	}
	section_text_state(out, interval->state, name);
	write_peer(out, file, interval);
}

/* Returns the state with the largest part of [start_ns, end_ns). Starts at interval *first, and
 * moves it on for the next call. */
static enum interval_state most_of(const struct section_interval *intervals, size_t count,
				   size_t *first, uint64_t start_ns, uint64_t end_ns)
{
	uint64_t share_ns[INTERVAL_STATE_COUNT] = {0};
	enum interval_state most = INTERVAL_STATE_USER;

	while (*first < count && intervals[*first].end_ns <= start_ns)
		(*first)++;
	for (size_t i = *first; i < count && intervals[i].start_ns < end_ns; i++) {
		uint64_t from = intervals[i].start_ns > start_ns ? intervals[i].start_ns : start_ns;
		uint64_t to = intervals[i].end_ns < end_ns ? intervals[i].end_ns : end_ns;

		share_ns[intervals[i].state] += to - from;
	}
	for (int i = 0; i < INTERVAL_STATE_COUNT; i++) {
		if (share_ns[i] > share_ns[most])
			most = (enum interval_state)i;
	}
	return most;
}

void section_text_bar(FILE *out, const struct section_interval *intervals, size_t count,
		      size_t width)
{
	uint64_t start_ns, length_ns;
	size_t first = 0;

	if (count == 0)
		return;
	start_ns = intervals[0].start_ns;
	length_ns = intervals[count - 1].end_ns - start_ns;
	for (size_t i = 0; i < width; i++) {
		uint64_t from =
			start_ns + (uint64_t)((double)length_ns * (double)i / (double)width);
		uint64_t to =
			start_ns + (uint64_t)((double)length_ns * (double)(i + 1) / (double)width);

		(void)fputc(interval_state_letter(most_of(intervals, count, &first, from, to)),
			    out);
	}
}
