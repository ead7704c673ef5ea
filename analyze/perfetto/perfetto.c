/* analyze/perfetto/perfetto.c - a trace in the format of Perfetto */
#include "analyze/perfetto/perfetto.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "abi/signal.h"
#include "analyze/cause/signal_kind.h"
#include "analyze/cause/task_text.h"
#include "analyze/perfetto/perfetto_sections.h"
#include "analyze/perfetto/perfetto_stacks.h"
#include "analyze/perfetto/perfetto_tracks.h"
#include "analyze/perfetto/perfetto_waits.h"
#include "analyze/perfetto/perfetto_writer.h"
#include "analyze/replay/replay.h"
#include "analyze/sections/section_group.h"
#include "analyze/trace/event_field.h"
#include "base/array.h"

/* "thread CRASHED SIGRTMIN+12" */
#define NAME_MAX_BYTES 64u
/* "lost: kind, reason" */
#define COUNTER_NAME_MAX 160u

#define BIT VISITOR_KIND

/* A record of kind lost. */
struct loss_step {
	uint64_t time_ns; /* no lost event is later */
	uint64_t begin_ns;
	uint64_t count;
	struct perfetto_track track;
};

struct perfetto {
	struct perfetto_writer writer;
	struct perfetto_sections *sections;
	struct perfetto_waits *waits;
	struct section_groups *groups;
	uint64_t first_ns; /* when the recording began */
	struct loss_step *losses;
	size_t loss_count, loss_capacity;
	bool out_of_memory;
};

static struct trace_text text_of(const char *text)
{
	return (struct trace_text){text, strlen(text)};
}

/* Signals */

/* What a flow is known by: the same in all files. */
struct flow_key {
	uint64_t pid, process_start, tid;
	uint64_t time_ns, signal;
};

static bool has_flow(const struct cause_signal *signal)
{
	uint64_t result = signal->row.result;

	return result == DZ_SIGNAL_RESULT_DELIVERED || result == DZ_SIGNAL_RESULT_LOST_INFO;
}

static void write_signal(struct perfetto *perfetto, const struct cause_signal *signal,
			 uint64_t flow)
{
	struct dz_reader *reader = signal->file->reader;
	const struct dz_signal *row = &signal->row;
	const struct dz_task *task = dz_reader_task(reader, row->task);
	const struct dz_task *receiver = dz_reader_task(reader, row->receiver);
	bool is_sent = task && cause_kind_has_sender(signal_kind_of_generated(signal));
	struct signal_name name = signal_name((uint32_t)row->signal);
	struct perfetto_event event = {
		.type = PERFETTO_INSTANT,
		.time_ns = row->time,
		.category = PERFETTO_CATEGORY_SIGNAL,
		.name = text_of(name.text),
		.flow = flow,
	};
	char from[PERFETTO_TASK_WORD_MAX], to[PERFETTO_TASK_WORD_MAX];

	event.track =
		is_sent ? perfetto_thread_track(&perfetto->writer, signal->file, task).uuid
			: perfetto_process_track(&perfetto->writer, signal->file, receiver).uuid;
	event.stack =
		perfetto_stack(&perfetto->writer, signal->file, row->kernel_stack, row->user_stack);
	if (is_sent)
		perfetto_event_word(&event, PERFETTO_KEY_FROM,
				    perfetto_task_word(signal->file, task, from));
	perfetto_event_word(&event, PERFETTO_KEY_TO,
			    perfetto_task_word(signal->file, receiver, to));
	perfetto_event_word(&event, PERFETTO_KEY_SOURCE,
			    event_field_word(DZ_KIND_SIGNAL, "source", row->source));
	perfetto_event_word(&event, PERFETTO_KEY_RESULT,
			    event_field_word(DZ_KIND_SIGNAL, "result", row->result));
	perfetto_event_word(&event, PERFETTO_KEY_CODE,
			    signal_code_name((uint32_t)row->signal, (int32_t)row->code));
	perfetto_writer_event(&perfetto->writer, &event);
}

/* Returns the flow that a signal begins; 0: none. Writes the signal if it is not yet written, since
 * it is outside of the selection. */
static uint64_t flow_of(struct perfetto *perfetto, const struct cause_signal *signal, bool *is_new)
{
	const struct dz_task *receiver = dz_reader_task(signal->file->reader, signal->row.receiver);
	struct flow_key key = {.time_ns = signal->row.time, .signal = signal->row.signal};
	uint64_t number;

	*is_new = false;
	if (!receiver || !has_flow(signal))
		return 0;
	key.pid = receiver->pid;
	key.process_start = receiver->process_start;
	key.tid = receiver->tid;
	number = perfetto_writer_number(&perfetto->writer, PERFETTO_FLOWS, &key, sizeof(key),
					is_new);
	return perfetto_writer_uuid(&perfetto->writer, 'f', number);
}

/* Continues the flow of a signal at an event, if the event is not earlier. */
static void continue_flow(struct perfetto *perfetto, const struct cause_signal *signal,
			  struct perfetto_event *event)
{
	bool is_new;
	uint64_t flow;

	if (!signal->file || signal->row.time > event->time_ns)
		return;
	flow = flow_of(perfetto, signal, &is_new);
	if (is_new)
		write_signal(perfetto, signal, flow);
	event->flow = flow;
}

static bool add_signal(struct perfetto *perfetto, const struct visitor_event *event)
{
	struct cause_signal signal = {event->file, *(const struct dz_signal *)event->event->row};
	bool is_new;

	write_signal(perfetto, &signal, flow_of(perfetto, &signal, &is_new));
	return true;
}

static bool add_delivery(struct perfetto *perfetto, const struct visitor_event *event)
{
	const struct dz_delivery *row = event->event->row;
	char name[NAME_MAX_BYTES];
	struct perfetto_event out = {
		.type = PERFETTO_INSTANT,
		.time_ns = row->time,
		.category = PERFETTO_CATEGORY_SIGNAL,
		.name = {name, 0},
	};

	out.name.size = (size_t)snprintf(name, sizeof(name), "%s %s",
					 signal_name((uint32_t)row->signal).text,
					 row->handled ? "handled" : "taken");
	out.track = perfetto_thread_track(&perfetto->writer, event->file, event->task).uuid;
	out.stack = perfetto_stack(&perfetto->writer, event->file, 0, row->user_stack);
	continue_flow(perfetto, event->taken, &out);
	perfetto_event_number(&out, PERFETTO_KEY_HANDLED, row->handled);
	perfetto_event_word(&out, PERFETTO_KEY_CODE,
			    signal_code_name((uint32_t)row->signal, (int32_t)row->code));
	perfetto_writer_event(&perfetto->writer, &out);
	return true;
}

/* Ends */

static void write_process(struct perfetto *perfetto, const struct visitor_event *event,
			  uint64_t track)
{
	const struct dz_exit *row = event->event->row;
	const struct dz_task *task = event->task;
	uint64_t start = task->process_start;
	struct perfetto_event out = {
		.type = PERFETTO_BEGIN,
		.track = track,
		.category = PERFETTO_CATEGORY_PROCESS,
		.name = trace_text(event->file, trace_process_comm(task)),
	};

	out.time_ns = start < perfetto->first_ns ? perfetto->first_ns : start;
	if (start == 0 || out.time_ns > row->time)
		return;
	perfetto_event_number(&out, PERFETTO_KEY_STARTED, start);
	perfetto_event_text(&out, PERFETTO_KEY_CGROUP, trace_text(event->file, task->cgroup));
	perfetto_event_text(&out, PERFETTO_KEY_COMMAND,
			    trace_text(event->file, task->command_line));
	perfetto_writer_event(&perfetto->writer, &out);
	perfetto_writer_event(&perfetto->writer, &(struct perfetto_event){.type = PERFETTO_END,
									  .time_ns = row->time,
									  .track = track});
}

/* "CRASHED SIGSEGV", "FAILED exit code 7", "CLEAN" */
static struct trace_text name_death(const struct cause *cause, bool is_thread,
				    char name[static NAME_MAX_BYTES])
{
	const char *prefix = is_thread ? "thread " : "";
	int size;

	if (cause->signal != 0)
		size = snprintf(name, NAME_MAX_BYTES, "%s%s %s", prefix,
				cause_class_word(cause_class(cause)),
				signal_name(cause->signal).text);
	else if (cause->exit_code != 0)
		size = snprintf(name, NAME_MAX_BYTES, "%s%s exit code %" PRIu32, prefix,
				cause_class_word(cause_class(cause)), cause->exit_code);
	else
		size = snprintf(name, NAME_MAX_BYTES, "%s%s", prefix,
				cause_class_word(cause_class(cause)));
	return (struct trace_text){name, (size_t)size};
}

static void describe_death(const struct visitor_event *event, struct perfetto_event *out)
{
	const struct dz_exit *row = event->event->row;
	const struct cause *cause = event->cause;

	perfetto_event_word(out, PERFETTO_KEY_CLASS, cause_class_word(cause_class(cause)));
	perfetto_event_word(out, PERFETTO_KEY_CAUSE, cause_kind_name(cause->kind));
	perfetto_event_number(out, PERFETTO_KEY_SIGNAL, row->signal);
	perfetto_event_number(out, PERFETTO_KEY_EXIT_CODE, row->exit_code);
	perfetto_event_number(out, PERFETTO_KEY_CORE_DUMPED, row->core_dumped);
	perfetto_event_number(out, PERFETTO_KEY_THREAD, row->thread);
}

static bool write_death(struct perfetto *perfetto, const struct visitor_event *event,
			struct perfetto_event *out, bool ends_flow)
{
	const struct dz_exit *row = event->event->row;
	const struct cause *cause = event->cause;
	const struct dz_task *sender = cause_sender(cause);
	char *text = cause_text_string(cause);
	char from[PERFETTO_TASK_WORD_MAX];

	if (!text)
		return false;
	describe_death(event, out);
	if (sender)
		perfetto_event_word(out, PERFETTO_KEY_FROM,
				    perfetto_task_word(cause->generated.file, sender, from));
	perfetto_event_word(out, PERFETTO_KEY_TEXT, text);
	if (ends_flow)
		continue_flow(perfetto, &cause->generated, out);
	out->ends_flow = true;
	/* The kernel stack is of the thread of this exit, the user stack of the one to blame. */
	out->stack = cause->user.stack ? perfetto_stack(&perfetto->writer, cause->user.file, 0,
							cause->user.stack)
				       : perfetto_stack(&perfetto->writer, event->file,
							row->kernel_stack, row->user_stack);
	perfetto_writer_event(&perfetto->writer, out);
	free(text);
	return true;
}

static bool add_exit(struct perfetto *perfetto, const struct visitor_event *event)
{
	const struct dz_exit *row = event->event->row;
	struct perfetto_writer *writer = &perfetto->writer;
	struct perfetto_track track =
		row->thread ? perfetto_thread_track(writer, event->file, event->task)
			    : perfetto_process_track(writer, event->file, event->task);
	char name[NAME_MAX_BYTES];
	struct perfetto_event out = {
		.type = PERFETTO_INSTANT,
		.time_ns = row->time,
		.track = track.uuid,
		.category = PERFETTO_CATEGORY_DEATH,
		.name = name_death(event->cause, row->thread != 0, name),
	};
	bool is_first = false;

	/* A process ends once; a forged file can say more. */
	if (!row->thread && event->task)
		(void)perfetto_writer_number(writer, PERFETTO_ENDED, &track.number,
					     sizeof(track.number), &is_first);
	if (!write_death(perfetto, event, &out, is_first))
		return false;
	if (is_first)
		write_process(perfetto, event, track.uuid);
	return true;
}

/* Other kinds */

static bool add_oom(struct perfetto *perfetto, const struct visitor_event *event)
{
	const struct dz_oom *row = event->event->row;
	char from[PERFETTO_TASK_WORD_MAX];
	struct perfetto_event out = {
		.type = PERFETTO_INSTANT,
		.time_ns = row->time,
		.category = PERFETTO_CATEGORY_OOM,
		.name = text_of("chosen by the out-of-memory killer"),
	};

	out.track = perfetto_process_track(&perfetto->writer, event->file, event->task).uuid;
	perfetto_event_word(&out, PERFETTO_KEY_FROM,
			    perfetto_task_word(event->file,
					       dz_reader_task(event->file->reader, row->task),
					       from));
	perfetto_event_text(&out, PERFETTO_KEY_CGROUP, trace_text(event->file, row->limit_cgroup));
	perfetto_writer_event(&perfetto->writer, &out);
	return true;
}

static bool add_probe(struct perfetto *perfetto, const struct visitor_event *event)
{
	const struct dz_probe *row = event->event->row;
	struct perfetto_event out = {
		.type = PERFETTO_INSTANT,
		.time_ns = row->time,
		.category = PERFETTO_CATEGORY_PROBE,
		.name = trace_text(event->file, row->probe),
	};

	out.track = perfetto_thread_track(&perfetto->writer, event->file, event->task).uuid;
	out.stack =
		perfetto_stack(&perfetto->writer, event->file, row->kernel_stack, row->user_stack);
	perfetto_event_text(&out, PERFETTO_KEY_ARGUMENTS, trace_text(event->file, row->arguments));
	if (row->latency != 0)
		perfetto_event_number(&out, PERFETTO_KEY_LATENCY, row->latency);
	perfetto_writer_event(&perfetto->writer, &out);
	return true;
}

static bool add_clock(struct perfetto *perfetto, const struct visitor_event *event)
{
	perfetto_writer_clock(&perfetto->writer, event->event->row);
	return true;
}

/* Counters are written at the end: their records are not in the order of `last`. */
static bool add_lost(struct perfetto *perfetto, const struct visitor_event *event)
{
	const struct dz_lost *row = event->event->row;
	struct trace_text kind = trace_text(event->file, row->kind);
	struct trace_text reason = trace_text(event->file, row->reason);
	char name[COUNTER_NAME_MAX];
	struct loss_step *grown =
		array_grow(perfetto->losses, &perfetto->loss_capacity, perfetto->loss_count + 1,
			   sizeof(*grown), ARRAY_NO_LIMIT);
	int size = snprintf(name, sizeof(name), "lost: %.*s, %.*s",
			    kind.size < 64 ? (int)kind.size : 64, kind.bytes,
			    reason.size < 64 ? (int)reason.size : 64, reason.bytes);

	if (!grown)
		return false;
	perfetto->losses = grown;
	grown[perfetto->loss_count++] = (struct loss_step){
		.time_ns = row->last < row->time ? row->time : row->last,
		.begin_ns = row->time,
		.count = row->count,
		.track = perfetto_counter_track(&perfetto->writer,
						(struct trace_text){name, (size_t)size}),
	};
	return true;
}

static int compare_losses(const void *left, const void *right)
{
	const struct loss_step *a = left, *b = right;

	if (a->track.number != b->track.number)
		return a->track.number < b->track.number ? -1 : 1;
	return (a->time_ns > b->time_ns) - (a->time_ns < b->time_ns);
}

static void write_count(struct perfetto *perfetto, const struct loss_step *step, uint64_t time_ns,
			uint64_t count)
{
	perfetto_writer_event(&perfetto->writer, &(struct perfetto_event){.type = PERFETTO_COUNTER,
									  .time_ns = time_ns,
									  .track = step->track.uuid,
									  .count = count});
}

/* Each counter is 0 before its first loss, and then the number of lost events up to then. */
static void write_losses(struct perfetto *perfetto)
{
	uint64_t count = 0;

	if (perfetto->loss_count > 0)
		qsort(perfetto->losses, perfetto->loss_count, sizeof(*perfetto->losses),
		      compare_losses);
	for (size_t i = 0; i < perfetto->loss_count; i++) {
		const struct loss_step *step = &perfetto->losses[i];

		if (i == 0 || step[-1].track.number != step->track.number) {
			count = 0;
			write_count(perfetto, step, step->begin_ns, 0);
		}
		if (__builtin_add_overflow(count, step->count, &count))
			count = UINT64_MAX;
		write_count(perfetto, step, step->time_ns, count);
	}
}

static bool add_runq(struct perfetto *perfetto, const struct visitor_event *event)
{
	return perfetto_waits_add_runq(perfetto->waits, event);
}

static bool add_offcpu(struct perfetto *perfetto, const struct visitor_event *event)
{
	return perfetto_waits_add_offcpu(perfetto->waits, event);
}

static bool add_cpu(struct perfetto *perfetto, const struct visitor_event *event)
{
	return perfetto_waits_add_cpu(perfetto->waits, event);
}

static const struct {
	uint32_t kind;
	bool (*add)(struct perfetto *perfetto, const struct visitor_event *event);
} kinds[] = {
	{DZ_KIND_CLOCK, add_clock},       {DZ_KIND_LOST, add_lost},
	{DZ_KIND_EXIT, add_exit},         {DZ_KIND_SIGNAL, add_signal},
	{DZ_KIND_DELIVERY, add_delivery}, {DZ_KIND_OOM, add_oom},
	{DZ_KIND_PROBE, add_probe},       {DZ_KIND_RUNQ, add_runq},
	{DZ_KIND_OFFCPU, add_offcpu},     {DZ_KIND_CPU, add_cpu},
};

#define KIND_COUNT (sizeof(kinds) / sizeof(kinds[0]))

static bool visit(void *context, const struct visitor_event *event)
{
	struct perfetto *perfetto = context;

	for (size_t i = 0; i < KIND_COUNT && event->event->row; i++)
		if (kinds[i].kind == event->event->kind && !kinds[i].add(perfetto, event))
			perfetto->out_of_memory = true;
	return !perfetto->out_of_memory && !perfetto_writer_failed(&perfetto->writer);
}

static bool take_group(void *context, const struct section_group *group)
{
	struct perfetto *perfetto = context;

	if (!perfetto_sections_add(perfetto->sections, group))
		perfetto->out_of_memory = true;
	return !perfetto->out_of_memory && !ferror(perfetto->writer.out);
}

bool perfetto_is_possible(const struct trace *trace)
{
	const struct trace_file *file, *first = NULL;

	for (size_t i = 0; (file = trace_file(trace, i)); i++) {
		if (!file->reader)
			continue;
		if (!first)
			first = file;
		if (file->boot != first->boot)
			return false;
	}
	return true;
}

/* Takes the earliest start of the recordings, and the uuid of the first file. */
static void begin(struct perfetto *perfetto, const struct perfetto_request *request)
{
	struct dz_file_header first = {0};
	const struct trace_file *file;

	for (size_t i = 0; (file = trace_file(request->trace, i)); i++) {
		const struct dz_file_header *header =
			file->reader ? dz_reader_header(file->reader) : NULL;

		if (header && (first.boottime_ns == 0 || header->boottime_ns < first.boottime_ns))
			first = *header;
	}
	perfetto->first_ns = first.boottime_ns;
	perfetto_writer_begin(&perfetto->writer, &first, request->out);
	perfetto_writer_clock(&perfetto->writer,
			      &(struct dz_clock){.time = first.boottime_ns,
						 .realtime = first.realtime_ns,
						 .monotonic = first.monotonic_ns});
}

static void run(struct perfetto *perfetto, const struct perfetto_request *request)
{
	const struct replay replay = {
		.trace = request->trace,
		.selection = request->selection,
		.progress = request->progress,
	};
	struct visitor visitors[2] = {{.context = perfetto, .visit = visit},
				      section_groups_visitor(perfetto->groups)};
	enum replay_status status;

	for (size_t i = 0; i < KIND_COUNT; i++)
		visitors[0].kinds |= BIT(kinds[i].kind);
	status = replay_run(&replay, visitors, 2);
	if (status != REPLAY_STOPPED)
		(void)section_groups_finish(perfetto->groups);
	perfetto->out_of_memory |= section_groups_out_of_memory(perfetto->groups);
	if (status == REPLAY_FAILED &&
	    (!trace_collect_problems(request->trace) || !trace_has_failed(request->trace)))
		perfetto->out_of_memory = true;
	write_losses(perfetto);
}

bool perfetto_write(const struct perfetto_request *request)
{
	struct perfetto perfetto = {.first_ns = 0};
	struct section_group_consumer consumer = {&perfetto, take_group};

	begin(&perfetto, request);
	perfetto.sections = perfetto_sections_new(&perfetto.writer);
	perfetto.waits = perfetto_waits_new(&perfetto.writer);
	if (perfetto.sections && perfetto.waits && section_groups_new(&consumer, &perfetto.groups))
		run(&perfetto, request);
	else
		perfetto.out_of_memory = true;
	perfetto.out_of_memory |= perfetto.writer.out_of_memory;
	section_groups_free(perfetto.groups);
	perfetto_sections_free(perfetto.sections);
	perfetto_waits_free(perfetto.waits);
	perfetto_writer_release(&perfetto.writer);
	free(perfetto.losses);
	return !perfetto.out_of_memory;
}
