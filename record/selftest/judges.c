/* record/selftest/judges.c - comparison of each kind of self-test with its recording */
#include "record/selftest/judges.h"

#include <inttypes.h>
#include <signal.h>
#include <string.h>

#include "record/common/kernel_release.h"
#include "record/selftest/actions.h"
#include <dz/enums.h>

#define NS_PER_MS     1000000u
#define SLEEP_MIN_NS  ((uint64_t)ACTIONS_SLEEP_MS * NS_PER_MS)
#define TOLERANCE_NS  (UINT64_C(10) * NS_PER_MS) /* of waits, and 30 percent */
#define TOLERANCE_MIN 70
#define TOLERANCE_MAX 130
/* Of samples, which are a few only, and which a slow machine takes late. */
#define SAMPLE_NS   (UINT64_C(20) * NS_PER_MS)
#define SAMPLES_MIN 50
#define SAMPLES_MAX 150
#define BLOCKED_MIN 90
#define PERCENT     100

static bool is_text(const struct verdict *verdict, uint64_t string, const char *text)
{
	struct dz_bytes bytes = dz_reader_string(verdict->reader, string);

	return bytes.size == strlen(text) && memcmp(bytes.data, text, bytes.size) == 0;
}

static void check_text(struct verdict *verdict, const char *what, uint64_t string, const char *must)
{
	struct dz_bytes is = dz_reader_string(verdict->reader, string);

	if (!is_text(verdict, string, must))
		verdict_wrong(verdict, "%s \"%.*s\", not \"%s\"", what, (int)is.size,
			      is.size ? (const char *)is.data : "", must);
}

static void check_number(struct verdict *verdict, const char *what, uint64_t is, uint64_t must)
{
	if (is != must)
		verdict_wrong(verdict, "%s is %" PRIu64 ", not %" PRIu64, what, is, must);
}

static void check_rows(struct verdict *verdict, const char *what, size_t worker, uint64_t must)
{
	if (verdict->rows[worker] != must)
		verdict_wrong(verdict, "%u %s of %s, not %" PRIu64, verdict->rows[worker], what,
			      deeds_name(worker), must);
}

static void see_exit(struct verdict *verdict, const struct dz_event *event)
{
	const struct dz_exit *row = event->row;
	const struct deeds_worker *worker;
	const struct dz_task *task;
	int index;

	if (event->kind != DZ_KIND_EXIT || (index = verdict_worker(verdict, row->task)) < 0)
		return;
	worker = &verdict->deeds->workers[index];
	task = dz_reader_task(verdict->reader, row->task);
	verdict->rows[index]++;
	check_number(verdict, "the exit code", row->exit_code, index ? 0 : ACTIONS_EXIT_CODE);
	check_number(verdict, "the signal", row->signal, index ? SIGKILL : 0);
	verdict_check_time(verdict, "the start", task->process_start, worker->life.before_start_ns,
			   worker->life.after_start_ns);
	verdict_check_time(verdict, "the end", row->time, worker->life.before_end_ns,
			   worker->life.after_end_ns);
	check_text(verdict, "the arguments are", task->command_line, worker->command);
}

static void conclude_exit(struct verdict *verdict)
{
	check_rows(verdict, "ends", 0, 1);
	check_rows(verdict, "ends", 1, 1);
}

const struct verdict_judge judges_exit = {see_exit, conclude_exit};

/* The sender is the second worker, and the receiver the first. */
static void see_generated(struct verdict *verdict, const struct dz_signal *row)
{
	const unsigned int number = verdict->rows[0];
	const int numbers[] = {SIGUSR1, SIGTERM};
	const struct deeds_span *span;

	if (verdict_worker(verdict, row->receiver) != 0)
		return;
	verdict->rows[0]++;
	if (number > 1)
		return;
	span = &verdict->deeds->workers[1].spans[number];
	check_number(verdict, "a signal", row->signal, (uint64_t)numbers[number]);
	check_number(verdict, "si_code", (uint64_t)row->code, SI_USER);
	check_number(verdict, "the source", row->source, DZ_SIGNAL_SOURCE_PROCESS);
	verdict_check_time(verdict, "the signal", row->time, span->before_start_ns,
			   span->after_start_ns);
	if (verdict_worker(verdict, row->task) != 1)
		verdict_wrong(verdict, "the sender is not %s", deeds_name(1));
}

static void see_delivered(struct verdict *verdict, const struct dz_delivery *row)
{
	const unsigned int number = verdict->others[0];
	/* The kernel ends a process with 9, and keeps the signal that is the reason. */
	const bool ends = row->signal == SIGKILL && row->group_code;
	const uint64_t signal = ends ? row->group_code : row->signal;

	if (verdict_worker(verdict, row->task) != 0)
		return;
	verdict->others[0]++;
	check_number(verdict, "a signal that was taken", signal, number ? SIGTERM : SIGUSR1);
	check_number(verdict, "whether it was handled", row->handled, !number);
}

static void see_signal(struct verdict *verdict, const struct dz_event *event)
{
	if (event->kind == DZ_KIND_SIGNAL)
		see_generated(verdict, event->row);
	else if (event->kind == DZ_KIND_DELIVERY)
		see_delivered(verdict, event->row);
}

static void conclude_signal(struct verdict *verdict)
{
	check_rows(verdict, "signals", 0, 2);
	check_number(verdict, "the number of signals that were taken", verdict->others[0], 2);
}

const struct verdict_judge judges_signal = {see_signal, conclude_signal};

/* Whether a section of this span reaches the threshold: as it took at least, and at most. */
static bool reaches(uint64_t duration_ns)
{
	return duration_ns >= (uint64_t)ACTIONS_THRESHOLD_MS * NS_PER_MS;
}

static uint64_t least_ns(const struct deeds_span *span)
{
	return span->before_end_ns - span->after_start_ns;
}

static uint64_t most_ns(const struct deeds_span *span)
{
	return span->after_end_ns - span->before_start_ns;
}

/* Sections that take less than the threshold are not kept: the first span is long. */
static void see_section_of(struct verdict *verdict, const struct dz_event *event, uint64_t source)
{
	const struct dz_section *row = event->row;
	const struct deeds_span *span = verdict->deeds->workers[0].spans;

	if (event->kind != DZ_KIND_SECTION || verdict_worker(verdict, row->task) != 0)
		return;
	if (verdict->rows[0] && row->start >= span[1].before_start_ns)
		span++;
	verdict->rows[0]++;
	check_number(verdict, "the source", row->source, source);
	check_number(verdict, "how it ended", row->end, DZ_SECTION_END_STOPPED);
	check_number(verdict, "the threshold", row->threshold,
		     (uint64_t)ACTIONS_THRESHOLD_MS * NS_PER_MS);
	verdict_check_time(verdict, "the start", row->start, span->before_start_ns,
			   span->after_start_ns);
	verdict_check_time(verdict, "the stop", row->time, span->before_end_ns, span->after_end_ns);
	if (source == DZ_SECTION_SOURCE_UPROBE && !is_text(verdict, row->label, ACTIONS_LABEL))
		verdict_wrong(verdict, "the label is not " ACTIONS_LABEL);
}

static void see_section(struct verdict *verdict, const struct dz_event *event)
{
	see_section_of(verdict, event, DZ_SECTION_SOURCE_MARKER);
}

static void see_uprobe(struct verdict *verdict, const struct dz_event *event)
{
	see_section_of(verdict, event, DZ_SECTION_SOURCE_UPROBE);
}

/* On a busy machine the short one can take long, too. */
static void conclude_section(struct verdict *verdict)
{
	const struct deeds_span *spans = verdict->deeds->workers[0].spans;
	unsigned int least = 0, most = 0;

	for (size_t i = 0; i < DEEDS_SPANS_MAX; i++) {
		least += reaches(least_ns(&spans[i]));
		most += reaches(most_ns(&spans[i]));
	}
	if (verdict->rows[0] < least || verdict->rows[0] > most)
		verdict_wrong(verdict, "%u sections were kept, not %u", verdict->rows[0], least);
}

const struct verdict_judge judges_section = {see_section, conclude_section};
const struct verdict_judge judges_uprobe = {see_uprobe, conclude_section};

static void see_probe(struct verdict *verdict, const struct dz_event *event)
{
	const struct dz_probe *row = event->row;
	const struct deeds_span *span = &verdict->deeds->workers[0].spans[0];

	if (event->kind != DZ_KIND_PROBE || verdict_worker(verdict, row->task) != 0)
		return;
	/* The C library sleeps at no other time; nothing else is called in it. */
	if (row->time < span->before_start_ns || row->time > span->after_end_ns)
		return;
	verdict->rows[0]++;
}

static void see_kretprobe(struct verdict *verdict, const struct dz_event *event)
{
	const struct dz_probe *row = event->row;

	see_probe(verdict, event);
	if (event->kind != DZ_KIND_PROBE || verdict_worker(verdict, row->task) != 0)
		return;
	verdict->sum_ns[0] += row->latency;
	check_number(verdict, "the result", (uint64_t)row->result, 0);
	if (row->latency < SLEEP_MIN_NS)
		verdict_wrong(verdict, "a sleep of %u ms took %" PRIu64 " ns", ACTIONS_SLEEP_MS,
			      row->latency);
}

static void conclude_probe(struct verdict *verdict)
{
	check_rows(verdict, "hits", 0, verdict->deeds->workers[0].count);
}

static void conclude_kretprobe(struct verdict *verdict)
{
	conclude_probe(verdict);
	if (verdict->sum_ns[0] > most_ns(&verdict->deeds->workers[0].spans[0]))
		verdict_wrong(verdict, "the calls took %" PRIu64 " ns, longer than they did",
			      verdict->sum_ns[0]);
}

const struct verdict_judge judges_probe = {see_probe, conclude_probe};
const struct verdict_judge judges_kretprobe = {see_kretprobe, conclude_kretprobe};

static void see_runq(struct verdict *verdict, const struct dz_event *event)
{
	const struct dz_runq *wait = event->row;
	const struct dz_runq_holder *part = event->row;
	int index;

	if (event->kind == DZ_KIND_RUNQ) {
		index = verdict_worker(verdict, wait->task);
		if (index < 0 ||
		    wait->time < verdict->deeds->workers[index].spans[0].before_start_ns)
			return;
		verdict->rows[index]++;
		verdict->sum_ns[index] += wait->waited;
	}
	if (event->kind != DZ_KIND_RUNQ_HOLDER)
		return;
	index = verdict_worker(verdict, part->task);
	if (index >= 0 && verdict_worker(verdict, part->holder) == 1 - index)
		verdict->others[index]++;
}

/* Linux before 5.17 names no task that ran meanwhile. */
static bool kernel_names_holders(void)
{
	return !kernel_is_before(5, 17);
}

/* A process that only computes waits whenever it does not run. */
static void conclude_runq(struct verdict *verdict)
{
	for (size_t i = 0; i < verdict->deeds->count; i++) {
		const struct deeds_worker *worker = &verdict->deeds->workers[i];
		uint64_t waited_ns = most_ns(&worker->spans[0]) - worker->awake_ns;

		if (!verdict->rows[i])
			verdict_wrong(verdict, "no wait of %s", deeds_name(i));
		if (verdict->sum_ns[i] > waited_ns * TOLERANCE_MAX / PERCENT + TOLERANCE_NS ||
		    verdict->sum_ns[i] + TOLERANCE_NS < waited_ns * TOLERANCE_MIN / PERCENT)
			verdict_wrong(verdict,
				      "waits of %s of %" PRIu64 " us, and %" PRIu64
				      " us in which it did not run",
				      deeds_name(i), verdict->sum_ns[i] / 1000, waited_ns / 1000);
		if (!verdict->others[i] && kernel_names_holders())
			verdict_wrong(verdict, "%s did not wait for %s", deeds_name(i),
				      deeds_name(1 - i));
	}
}

const struct verdict_judge judges_runq = {see_runq, conclude_runq};

static void see_cpu(struct verdict *verdict, const struct dz_event *event)
{
	const struct dz_cpu *row = event->row;
	const struct deeds_span *span = &verdict->deeds->workers[0].spans[0];

	if (event->kind != DZ_KIND_CPU || verdict_worker(verdict, row->task) != 0 ||
	    row->time < span->before_start_ns || row->time > span->after_end_ns)
		return;
	verdict->rows[0]++;
	verdict->sum_ns[0] += row->period * (row->count ? row->count : 1);
}

static void conclude_cpu(struct verdict *verdict)
{
	const uint64_t cpu_ns = verdict->deeds->workers[0].awake_ns;
	const uint64_t sum_ns = verdict->sum_ns[0];

	if (sum_ns + SAMPLE_NS < cpu_ns * SAMPLES_MIN / PERCENT ||
	    sum_ns > cpu_ns * SAMPLES_MAX / PERCENT + SAMPLE_NS)
		verdict_wrong(verdict,
			      "samples of %" PRIu64 " ms, and %" PRIu64 " ms of CPU time were used",
			      sum_ns / NS_PER_MS, cpu_ns / NS_PER_MS);
}

const struct verdict_judge judges_cpu = {see_cpu, conclude_cpu};

/* A timer ends a sleep in an interrupt. */
static void see_offcpu(struct verdict *verdict, const struct dz_event *event)
{
	const struct dz_offcpu *row = event->row;
	const struct deeds_span *span = &verdict->deeds->workers[0].spans[0];

	if (event->kind != DZ_KIND_OFFCPU || verdict_worker(verdict, row->task) != 0 ||
	    row->time < span->before_start_ns || row->time > span->after_end_ns)
		return;
	verdict->rows[0] += row->interrupt ? (unsigned int)row->count : 0;
	verdict->sum_ns[0] += row->blocked;
}

/* Reading from a disk blocks too. */
static void conclude_offcpu(struct verdict *verdict)
{
	const struct deeds_worker *worker = &verdict->deeds->workers[0];
	const uint64_t sum_ns = verdict->sum_ns[0];
	const uint64_t slept_ns = worker->count * SLEEP_MIN_NS;

	if (verdict->rows[0] < worker->count)
		verdict_wrong(verdict, "%u times were recorded, not %u", verdict->rows[0],
			      worker->count);
	/* The timer of a sleep starts before the process leaves its CPU, which can be a while. How
	 * late its interrupt lets the process run is partly in neither account. */
	if (sum_ns + worker->awake_ns < slept_ns * BLOCKED_MIN / PERCENT ||
	    sum_ns > most_ns(&worker->spans[0]))
		verdict_wrong(verdict, "blocked for %" PRIu64 " us, in %" PRIu64 " us",
			      sum_ns / 1000, most_ns(&worker->spans[0]) / 1000);
}

const struct verdict_judge judges_offcpu = {see_offcpu, conclude_offcpu};
