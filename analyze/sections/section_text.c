/* analyze/sections/section_text.c - what a section spent its time with, in words */
#include "analyze/sections/section_text.h"

#include "analyze/cause/task_text.h"

static const struct {
	char letter;
	const char *text;    /* in no system call */
	const char *text_in; /* before the name of one */
} conditions[RUN_CONDITION_COUNT] = {
	[RUN_USER] = {'U', "running in user mode", "running in user mode, "},
	[RUN_KERNEL] = {'S', "running in the kernel", "running in "},
	[RUN_FAULT] = {'F', "page faults", "page faults in "},
	[RUN_INTERRUPT] = {'I', "interrupted", "interrupted in "},
	[RUN_WOKEN] = {'w', "woken, waiting for a CPU", "woken, waiting for a CPU in "},
	[RUN_PREEMPTED] = {'p', "preempted, waiting for a CPU", "preempted, waiting for a CPU in "},
	[RUN_BLOCKED] = {'b', "blocked", "blocked in "},
	[RUN_BLOCKED_UNINTERRUPTIBLY] = {'D', "blocked uninterruptibly",
					 "blocked uninterruptibly in "},
	[RUN_DROPPED] = {'?', "not known", "not known"},
};

static enum run_condition known(uint64_t condition)
{
	return condition < RUN_CONDITION_COUNT ? (enum run_condition)condition : RUN_DROPPED;
}

char run_condition_letter(enum run_condition condition)
{
	return conditions[known(condition)].letter;
}

void run_wording_condition(FILE *out, enum run_condition condition, struct trace_text name)
{
	condition = known(condition);
	if (name.size == 0 || condition == RUN_USER || condition == RUN_FAULT ||
	    condition == RUN_DROPPED) {
		(void)fputs(conditions[condition].text, out);
		return;
	}
	(void)fputs(conditions[condition].text_in, out);
	wording_text(out, name);
}

static void write_peer(FILE *out, const struct trace_file *file,
		       const struct run_interval *interval)
{
	const struct dz_step *step = interval->woken;

	if (step) {
		(void)fputs(step->number ? ", woken by an interrupt of " : ", woken by ", out);
		wording_task(out, file, dz_reader_task(file->reader, step->peer));
	} else if (interval->condition == RUN_PREEMPTED && interval->out) {
		(void)fputs(", instead of it ran ", out);
		wording_task(out, file, dz_reader_task(file->reader, interval->out->peer));
	}
}

void run_wording_interval(FILE *out, const struct trace_file *file,
			  const struct run_interval *interval)
{
	struct trace_text name = trace_text(file, interval->name);

	if (interval->condition == RUN_INTERRUPT && name.size > 0) {
		(void)fputs("interrupt: ", out);
		wording_text(out, name);
		return;
	}
	run_wording_condition(out, interval->condition, name);
	write_peer(out, file, interval);
}

/* The condition that has most of [start, end). */
static enum run_condition most_of(const struct run_interval *intervals, size_t count, size_t *first,
				  uint64_t start_ns, uint64_t end_ns)
{
	uint64_t share_ns[RUN_CONDITION_COUNT] = {0};
	enum run_condition most = RUN_USER;

	while (*first < count && intervals[*first].end_ns <= start_ns)
		(*first)++;
	for (size_t i = *first; i < count && intervals[i].start_ns < end_ns; i++) {
		uint64_t from = intervals[i].start_ns > start_ns ? intervals[i].start_ns : start_ns;
		uint64_t to = intervals[i].end_ns < end_ns ? intervals[i].end_ns : end_ns;

		share_ns[intervals[i].condition] += to - from;
	}
	for (int i = 0; i < RUN_CONDITION_COUNT; i++) {
		if (share_ns[i] > share_ns[most])
			most = (enum run_condition)i;
	}
	return most;
}

void run_wording_bar(FILE *out, const struct run_interval *intervals, size_t count, size_t width)
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

		(void)fputc(run_condition_letter(most_of(intervals, count, &first, from, to)), out);
	}
}
