/* analyze/rows/rows_tables.c - the columns of all tables of rows */
#include "analyze/rows/rows_tables.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "abi/signal.h"
#include "analyze/cause/culprit.h"
#include "analyze/cause/task_text.h"
#include "analyze/trace/call_chain.h"
#include "analyze/trace/container.h"
#include "analyze/trace/event_field.h"
#include <dz/enums.h>

#define UNKNOWN_ID UINT32_MAX

/* Frames of a stack in one column. */
#define FRAMES_MAX 64u

static void put_uint(struct json_writer *writer, const struct rows_column *column, uint64_t value)
{
	json_text_name(&writer->buffer, column->name);
	json_text_uint(&writer->buffer, value);
}

static void put_int(struct json_writer *writer, const struct rows_column *column, uint64_t value)
{
	json_text_name(&writer->buffer, column->name);
	json_text_int(&writer->buffer, (int64_t)value);
}

static void put_text(struct json_writer *writer, const struct rows_column *column,
		     struct trace_text text)
{
	json_text_name(&writer->buffer, column->name);
	json_text_string(&writer->buffer, text);
}

static void put_word(struct json_writer *writer, const struct rows_column *column, const char *word)
{
	if (word)
		put_text(writer, column, (struct trace_text){word, strlen(word)});
}

static void put_string(struct json_writer *writer, const struct rows_column *column,
		       const struct trace_file *file, uint64_t id)
{
	if (id != 0 && id != DZ_ID_DAMAGED)
		put_text(writer, column, trace_text(file, id));
}

/* The value of the field at column->offset. */
static uint64_t value_of(const struct visitor_event *event, const struct rows_column *column)
{
	uint64_t value;

	memcpy(&value, (const char *)event->event->row + column->offset, sizeof(value));
	return value;
}

#define PUT(name)                                                                                  \
	static void put_##name(struct json_writer *writer, const struct visitor_event *event,      \
			       const struct rows_column *column)

/* Columns of all tables, and columns that are fields. */

PUT(time)
{
	(void)column;
	json_value_time(writer, JSON_MEMBER_TIME, event->unix_ns);
}

PUT(time_ns)
{
	put_uint(writer, column, event->unix_ns);
}

/* The columns host, boot and file, of which this is the first. */
PUT(origin)
{
	(void)column;
	json_value_file(writer, event->file);
}

PUT(nothing)
{
	(void)writer;
	(void)event;
	(void)column;
}

PUT(field)
{
	put_uint(writer, column, value_of(event, column));
}

PUT(signed_field)
{
	put_int(writer, column, value_of(event, column));
}

PUT(flag)
{
	put_uint(writer, column, value_of(event, column) != 0);
}

PUT(string_field)
{
	put_string(writer, column, event->file, value_of(event, column));
}

/* A number that is 0 if there is none. */
PUT(some_field)
{
	uint64_t value = value_of(event, column);

	if (value != 0)
		put_uint(writer, column, value);
}

PUT(unix_field)
{
	put_uint(writer, column,
		 dz_reader_realtime_ns(event->file->reader, value_of(event, column)));
}

/* An enum: the column has the word of the field `name`. */
static void put_enum(struct json_writer *writer, const struct visitor_event *event,
		     const struct rows_column *column, const char *name)
{
	uint64_t value = value_of(event, column);
	const char *word = event_field_word(event->event->kind, name, value);
	char number[24];

	snprintf(number, sizeof(number), "%" PRIu64, value);
	put_word(writer, column, word ? word : number);
}

PUT(source_enum)
{
	put_enum(writer, event, column, "source");
}

PUT(result_enum)
{
	put_enum(writer, event, column, "result");
}

PUT(end_enum)
{
	put_enum(writer, event, column, "end");
}

/* Columns of the task at column->offset. */

static const struct dz_task *task_of(const struct visitor_event *event,
				     const struct rows_column *column)
{
	return dz_reader_task(event->file->reader, value_of(event, column));
}

PUT(pid)
{
	const struct dz_task *task = task_of(event, column);

	if (task)
		put_uint(writer, column, task->pid);
}

PUT(tid)
{
	const struct dz_task *task = task_of(event, column);

	if (task)
		put_uint(writer, column, task->tid);
}

PUT(comm)
{
	const struct dz_task *task = task_of(event, column);

	if (task)
		put_string(writer, column, event->file, trace_process_comm(task));
}

PUT(uid)
{
	const struct dz_task *task = task_of(event, column);

	if (task && task->uid != UNKNOWN_ID)
		put_uint(writer, column, task->uid);
}

PUT(cgroup)
{
	const struct dz_task *task = task_of(event, column);

	if (task)
		put_string(writer, column, event->file, task->cgroup);
}

PUT(container)
{
	const struct dz_task *task = task_of(event, column);
	struct container container;

	if (!task)
		return;
	container = container_find(trace_text(event->file, task->cgroup));
	if (container.id.size > 0)
		put_text(writer, column, container.id);
}

PUT(ppid)
{
	const struct dz_task *task = task_of(event, column);
	const struct dz_task *parent =
		task ? dz_reader_task(event->file->reader, task->parent) : NULL;

	if (parent)
		put_uint(writer, column, parent->pid);
}

/* CLOCK_BOOTTIME, since it identifies the process in all files of a boot. */
PUT(start)
{
	const struct dz_task *task = task_of(event, column);

	if (task && task->process_start != 0)
		put_uint(writer, column, task->process_start);
}

PUT(ns_pid)
{
	const struct dz_task *task = task_of(event, column);

	if (task && task->ns_pid != 0)
		put_uint(writer, column, task->ns_pid);
}

PUT(cmdline)
{
	const struct dz_task *task = task_of(event, column);

	if (task)
		put_string(writer, column, event->file, task->command_line);
}

/* Columns of exits. */

PUT(thread_name)
{
	const struct cause_thread *thread = &event->cause->thread;
	const struct dz_task *task = task_of(event, column);

	if (thread->file)
		put_string(writer, column, thread->file, thread->comm);
	else if (task)
		put_string(writer, column, event->file, task->comm);
}

PUT(class)
{
	put_word(writer, column, cause_class_word(cause_class(event->cause)));
}

PUT(cause)
{
	put_word(writer, column, cause_kind_name(event->cause->kind));
}

PUT(lifetime)
{
	const struct dz_exit *row = event->event->row;
	uint64_t start = 0;

	if (event->task)
		start = row->thread ? event->task->start
				    : trace_program_start(event->file, event->task);
	if (start != 0 && start <= row->time)
		put_uint(writer, column, row->time - start);
}

PUT(sender_pid)
{
	const struct cause *cause = event->cause;
	const struct dz_task *sender = cause_sender(cause);

	if (sender)
		put_uint(writer, column, sender->pid);
	else if (cause->kind == CAUSE_SIGNAL && cause->delivery.file)
		put_uint(writer, column, cause->delivery.row.sender_pid);
}

PUT(sender_comm)
{
	const struct dz_task *sender = cause_sender(event->cause);

	if (sender)
		put_string(writer, column, event->cause->generated.file,
			   trace_process_comm(sender));
}

PUT(sender_uid)
{
	const struct cause *cause = event->cause;
	const struct dz_task *sender = cause_sender(cause);

	if (sender && sender->uid != UNKNOWN_ID)
		put_uint(writer, column, sender->uid);
	else if (!sender && cause->kind == CAUSE_SIGNAL && cause->delivery.file)
		put_uint(writer, column, cause->delivery.row.sender_uid);
}

PUT(reraised)
{
	put_uint(writer, column, event->cause->handling == CAUSE_RERAISED);
}

PUT(after_signal)
{
	if (event->cause->handling != CAUSE_NOT_HANDLED)
		put_uint(writer, column, event->cause->handled.delivery.row.signal);
}

/* The frame held responsible, with its file. */
struct place {
	const struct trace_file *file;
	const struct dz_frame *frame; /* NULL: none */
};

static struct place place_of(const struct cause *cause)
{
	struct cause storage;
	const struct cause *first = cause_at_fault(cause, &storage);
	struct culprit culprit = culprit_find(first);

	return (struct place){first->user.file, culprit.frame};
}

PUT(function)
{
	struct place place = place_of(event->cause);
	char name[CALL_NAME_MAX];

	if (place.frame && place.frame->symbol != 0)
		put_text(writer, column,
			 (struct trace_text){name, call_frame_name(place.file, place.frame, name)});
}

PUT(module)
{
	struct place place = place_of(event->cause);
	struct trace_text module = call_frame_module(place.file, place.frame);

	if (module.size > 0)
		put_text(writer, column, module);
}

/* "parse.c:12" */
PUT(source)
{
	struct place place = place_of(event->cause);
	struct trace_text source;
	char text[4200];

	if (!place.frame || place.frame->file == 0)
		return;
	source = trace_text(place.file, place.frame->file);
	snprintf(text, sizeof(text), "%.*s:%" PRIu64, (int)source.size, source.bytes,
		 place.frame->line);
	put_word(writer, column, text);
}

PUT(address)
{
	const struct cause *cause = event->cause;
	uint64_t address =
		cause->generated.file ? cause->generated.row.address : cause->delivery.row.address;

	if (cause->kind != CAUSE_FAULT || (!cause->generated.file && !cause->delivery.file))
		return;
	json_text_name(&writer->buffer, column->name);
	json_text_hex(&writer->buffer, address);
}

PUT(text_of_cause)
{
	char *text = cause_text_string(event->cause);

	writer->buffer.failed |= !text;
	put_word(writer, column, text);
	free(text);
}

PUT(duration)
{
	const struct dz_section *row = event->event->row;

	if (row->time >= row->start)
		put_uint(writer, column, row->time - row->start);
}

/* Columns of probes. */

/* Whether it is a hit of a kretprobe or a uretprobe. */
static bool is_return(const struct visitor_event *event)
{
	static const char *const prefixes[] = {"kretprobe:", "uretprobe:"};
	struct trace_text probe =
		trace_text(event->file, ((const struct dz_probe *)event->event->row)->probe);
	bool is = false;

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		is |= probe.size >= strlen(prefixes[i]) &&
		      memcmp(probe.bytes, prefixes[i], strlen(prefixes[i])) == 0;
	return is;
}

PUT(latency)
{
	if (is_return(event))
		put_uint(writer, column, value_of(event, column));
}

PUT(result)
{
	const struct dz_probe *row = event->event->row;

	if (is_return(event) && !row->no_result)
		put_int(writer, column, value_of(event, column));
}

static void add_frames(struct buffer *text, const struct trace_file *file, uint64_t stack)
{
	struct call_chain chain;
	char name[CALL_NAME_MAX];

	call_chain_load(file, stack, &chain);
	for (size_t i = 0; i < chain.count && i < FRAMES_MAX; i++) {
		if (text->size > 0)
			buffer_put(text, " <- ", 4);
		buffer_put(text, name, call_frame_name(file, chain.frames[i], name));
	}
}

/* "vfs_read <- ksys_read <- read <- main": leaf first */
PUT(stack)
{
	static const char *const fields[] = {"kernel_stack", "user_stack"};
	struct buffer text = {0};
	uint64_t stack;

	for (size_t i = 0; i < 2; i++)
		if (event_field_find(event->event, fields[i], DZ_TYPE_STACK, &stack))
			add_frames(&text, event->file, stack);
	writer->buffer.failed |= text.failed;
	if (text.size > 0)
		put_text(writer, column, (struct trace_text){(const char *)text.data, text.size});
	buffer_release(&text);
}

#define INTEGER "INTEGER"
#define TEXT    "TEXT"

#define ORIGIN                                                                                     \
	{"host", TEXT, put_origin, 0}, {"boot", TEXT, put_nothing, 0},                             \
	{                                                                                          \
		"file", TEXT, put_nothing, 0                                                       \
	}

#define START                                                                                      \
	{"time", TEXT, put_time, 0},                                                               \
	{                                                                                          \
		"time_ns", INTEGER, put_time_ns, 0                                                 \
	}

#define EXIT(field) offsetof(struct dz_exit, field)
static const struct rows_column exits[] = {
	START,
	ORIGIN,
	{"pid", INTEGER, put_pid, EXIT(task)},
	{"tid", INTEGER, put_tid, EXIT(task)},
	{"ppid", INTEGER, put_ppid, EXIT(task)},
	{"start_ns", INTEGER, put_start, EXIT(task)},
	{"ns_pid", INTEGER, put_ns_pid, EXIT(task)},
	{"comm", TEXT, put_comm, EXIT(task)},
	{"thread_name", TEXT, put_thread_name, EXIT(task)},
	{"uid", INTEGER, put_uid, EXIT(task)},
	{"cgroup", TEXT, put_cgroup, EXIT(task)},
	{"container", TEXT, put_container, EXIT(task)},
	{"class", TEXT, put_class, 0},
	{"cause", TEXT, put_cause, 0},
	{"signal", INTEGER, put_field, EXIT(signal)},
	{"exit_code", INTEGER, put_field, EXIT(exit_code)},
	{"core_dumped", INTEGER, put_flag, EXIT(core_dumped)},
	{"is_thread", INTEGER, put_flag, EXIT(thread)},
	{"lifetime_ns", INTEGER, put_lifetime, 0},
	{"user_us", INTEGER, put_field, EXIT(user_time)},
	{"system_us", INTEGER, put_field, EXIT(system_time)},
	{"max_rss_bytes", INTEGER, put_field, EXIT(max_rss)},
	{"sender_pid", INTEGER, put_sender_pid, 0},
	{"sender_comm", TEXT, put_sender_comm, 0},
	{"sender_uid", INTEGER, put_sender_uid, 0},
	{"reraised", INTEGER, put_reraised, 0},
	{"after_signal", INTEGER, put_after_signal, 0},
	{"function", TEXT, put_function, 0},
	{"module", TEXT, put_module, 0},
	{"source", TEXT, put_source, 0},
	{"address", TEXT, put_address, 0},
	{"cmdline", TEXT, put_cmdline, EXIT(task)},
	{"text", TEXT, put_text_of_cause, 0},
};

#define SIGNAL(field) offsetof(struct dz_signal, field)
static const struct rows_column signals[] = {
	START,
	ORIGIN,
	{"signal", INTEGER, put_field, SIGNAL(signal)},
	{"code", INTEGER, put_signed_field, SIGNAL(code)},
	{"origin", TEXT, put_source_enum, SIGNAL(source)},
	{"result", TEXT, put_result_enum, SIGNAL(result)},
	{"handled", INTEGER, put_nothing, 0},
	{"pending_ns", INTEGER, put_nothing, 0},
	{"killed", INTEGER, put_nothing, 0},
	{"pid", INTEGER, put_pid, SIGNAL(task)},
	{"comm", TEXT, put_comm, SIGNAL(task)},
	{"uid", INTEGER, put_uid, SIGNAL(task)},
	{"receiver_pid", INTEGER, put_pid, SIGNAL(receiver)},
	{"receiver_tid", INTEGER, put_tid, SIGNAL(receiver)},
	{"receiver_comm", TEXT, put_comm, SIGNAL(receiver)},
	{"receiver_cgroup", TEXT, put_cgroup, SIGNAL(receiver)},
};
#define SIGNALS_LATE 9u

#define OOM(field) offsetof(struct dz_oom, field)
static const struct rows_column ooms[] = {
	START,
	ORIGIN,
	{"victim_pid", INTEGER, put_pid, OOM(victim)},
	{"victim_comm", TEXT, put_comm, OOM(victim)},
	{"victim_cgroup", TEXT, put_cgroup, OOM(victim)},
	{"asker_pid", INTEGER, put_pid, OOM(task)},
	{"asker_comm", TEXT, put_comm, OOM(task)},
	{"limit_cgroup", TEXT, put_string_field, OOM(limit_cgroup)},
	{"limit_bytes", INTEGER, put_some_field, OOM(limit)},
	{"usage_bytes", INTEGER, put_some_field, OOM(usage)},
	{"anonymous_bytes", INTEGER, put_field, OOM(anon_rss)},
	{"file_bytes", INTEGER, put_field, OOM(file_rss)},
	{"score_adjust", INTEGER, put_signed_field, OOM(score_adjustment)},
};

#define SECTION(field) offsetof(struct dz_section, field)
static const struct rows_column sections[] = {
	START,
	ORIGIN,
	{"id", INTEGER, put_field, SECTION(id)},
	{"outer_id", INTEGER, put_some_field, SECTION(outer)},
	{"pid", INTEGER, put_pid, SECTION(task)},
	{"tid", INTEGER, put_tid, SECTION(task)},
	{"comm", TEXT, put_comm, SECTION(task)},
	{"source", TEXT, put_source_enum, SECTION(source)},
	{"label", TEXT, put_string_field, SECTION(label)},
	{"duration_ns", INTEGER, put_duration, 0},
	{"threshold_ns", INTEGER, put_field, SECTION(threshold)},
	{"ended", TEXT, put_end_enum, SECTION(end)},
	{"user_ns", INTEGER, put_nothing, 0},
	{"kernel_ns", INTEGER, put_nothing, 0},
	{"fault_ns", INTEGER, put_nothing, 0},
	{"interrupt_ns", INTEGER, put_nothing, 0},
	{"runnable_ns", INTEGER, put_nothing, 0},
	{"blocked_ns", INTEGER, put_nothing, 0},
	{"worst_call", TEXT, put_nothing, 0},
};
#define SECTIONS_LATE 15u

#define PROBE(field) offsetof(struct dz_probe, field)
static const struct rows_column probes[] = {
	START,
	ORIGIN,
	{"probe", TEXT, put_string_field, PROBE(probe)},
	{"pid", INTEGER, put_pid, PROBE(task)},
	{"tid", INTEGER, put_tid, PROBE(task)},
	{"comm", TEXT, put_comm, PROBE(task)},
	{"cgroup", TEXT, put_cgroup, PROBE(task)},
	{"cpu", INTEGER, put_field, PROBE(cpu)},
	{"latency_ns", INTEGER, put_latency, PROBE(latency)},
	{"result", INTEGER, put_result, PROBE(result)},
	{"arguments", TEXT, put_string_field, PROBE(arguments)},
	{"stack", TEXT, put_stack, 0},
};

PUT(cause_enum)
{
	put_enum(writer, event, column, "cause");
}

#define RUNQ(field) offsetof(struct dz_runq, field)
static const struct rows_column runq[] = {
	START,
	ORIGIN,
	{"pid", INTEGER, put_pid, RUNQ(task)},
	{"tid", INTEGER, put_tid, RUNQ(task)},
	{"comm", TEXT, put_comm, RUNQ(task)},
	{"cgroup", TEXT, put_cgroup, RUNQ(task)},
	{"cpu", INTEGER, put_field, RUNQ(cpu)},
	{"waited_ns", INTEGER, put_field, RUNQ(waited)},
	{"cause", TEXT, put_cause_enum, RUNQ(cause)},
	{"waker_pid", INTEGER, put_pid, RUNQ(waker)},
	{"waker_comm", TEXT, put_comm, RUNQ(waker)},
	{"is_interrupt", INTEGER, put_flag, RUNQ(interrupt)},
	{"is_throttled", INTEGER, put_flag, RUNQ(throttled)},
	{"moves", INTEGER, put_field, RUNQ(moves)},
};

#define HOLDER(field) offsetof(struct dz_runq_holder, field)
static const struct rows_column runq_holders[] = {
	START,
	ORIGIN,
	{"pid", INTEGER, put_pid, HOLDER(task)},
	{"tid", INTEGER, put_tid, HOLDER(task)},
	{"comm", TEXT, put_comm, HOLDER(task)},
	{"cpu", INTEGER, put_field, HOLDER(cpu)},
	{"holder_pid", INTEGER, put_pid, HOLDER(holder)},
	{"holder_tid", INTEGER, put_tid, HOLDER(holder)},
	{"holder_comm", TEXT, put_comm, HOLDER(holder)},
	{"held_ns", INTEGER, put_field, HOLDER(held)},
};

#define CPU(field) offsetof(struct dz_cpu, field)
static const struct rows_column samples[] = {
	START,
	ORIGIN,
	{"pid", INTEGER, put_pid, CPU(task)},
	{"tid", INTEGER, put_tid, CPU(task)},
	{"comm", TEXT, put_comm, CPU(task)},
	{"cgroup", TEXT, put_cgroup, CPU(task)},
	{"cpu", INTEGER, put_field, CPU(cpu)},
	{"period_ns", INTEGER, put_field, CPU(period)},
	{"count", INTEGER, put_field, CPU(count)},
	{"span_ns", INTEGER, put_field, CPU(span)},
	{"events", INTEGER, put_field, CPU(events)},
	{"stack", TEXT, put_stack, 0},
};

static void put_state_enum(struct json_writer *writer, const struct visitor_event *event,
			   const struct rows_column *column)
{
	put_enum(writer, event, column, "state");
}

#define OFFCPU(field) offsetof(struct dz_offcpu, field)
static const struct rows_column offcpu[] = {
	START,
	ORIGIN,
	{"pid", INTEGER, put_pid, OFFCPU(task)},
	{"tid", INTEGER, put_tid, OFFCPU(task)},
	{"comm", TEXT, put_comm, OFFCPU(task)},
	{"cgroup", TEXT, put_cgroup, OFFCPU(task)},
	{"cpu", INTEGER, put_field, OFFCPU(cpu)},
	{"blocked_ns", INTEGER, put_field, OFFCPU(blocked)},
	{"count", INTEGER, put_field, OFFCPU(count)},
	{"span_ns", INTEGER, put_field, OFFCPU(span)},
	{"state", TEXT, put_state_enum, OFFCPU(state)},
	{"waker_pid", INTEGER, put_pid, OFFCPU(waker)},
	{"waker_comm", TEXT, put_comm, OFFCPU(waker)},
	{"is_interrupt", INTEGER, put_flag, OFFCPU(interrupt)},
	{"is_open", INTEGER, put_flag, OFFCPU(open)},
	{"stack", TEXT, put_stack, 0},
};

#define LOST(field) offsetof(struct dz_lost, field)
static const struct rows_column lost[] = {
	START,
	{"until_ns", INTEGER, put_unix_field, LOST(last)},
	ORIGIN,
	{"kind", TEXT, put_string_field, LOST(kind)},
	{"reason", TEXT, put_string_field, LOST(reason)},
	{"cpu", INTEGER, put_signed_field, LOST(cpu)},
	{"count", INTEGER, put_field, LOST(count)},
};

#define COUNT(array)   (sizeof(array) / sizeof((array)[0]))
#define COLUMNS(array) array, COUNT(array)

const struct rows_table rows_tables[] = {
	{"exits", DZ_KIND_EXIT, COLUMNS(exits), 0, 0},
	{"signals", DZ_KIND_SIGNAL, COLUMNS(signals), SIGNALS_LATE, SIGNALS_LATE + 3},
	{"ooms", DZ_KIND_OOM, COLUMNS(ooms), 0, 0},
	{"sections", DZ_KIND_SECTION, COLUMNS(sections), SECTIONS_LATE, SECTIONS_LATE + 7},
	{"probes", DZ_KIND_PROBE, COLUMNS(probes), 0, 0},
	{"runq", DZ_KIND_RUNQ, COLUMNS(runq), 0, 0},
	{"runq_holders", DZ_KIND_RUNQ_HOLDER, COLUMNS(runq_holders), 0, 0},
	{"cpu", DZ_KIND_CPU, COLUMNS(samples), 0, 0},
	{"offcpu", DZ_KIND_OFFCPU, COLUMNS(offcpu), 0, 0},
	{"lost", DZ_KIND_LOST, COLUMNS(lost), 0, 0},
};
const size_t rows_table_count = COUNT(rows_tables);

/* Whether a signal without a handler ends the process. */
static bool is_deadly(uint64_t signal)
{
	switch (signal) {
	case SIGSTOP:
	case SIGTSTP:
	case SIGTTIN:
	case SIGTTOU:
	case SIGCONT:
	case SIGCHLD:
	case SIGURG:
	case SIGWINCH:
		return false;
	default:
		return true;
	}
}

void rows_tables_put_delivery(struct json_writer *writer, const struct rows_late_signal *late)
{
	const struct rows_column *column = &signals[SIGNALS_LATE];
	bool handled = late->delivery->handled != 0;

	put_uint(writer, column, handled);
	if (late->is_pending_known)
		put_uint(writer, column + 1, late->pending_ns);
	put_uint(writer, column + 2, !handled && is_deadly(late->delivery->signal));
}

void rows_tables_put_sums(struct json_writer *writer, const struct trace_file *file,
			  const struct rows_phase_sums *sums)
{
	const struct rows_column *column = &sections[SECTIONS_LATE];

	put_uint(writer, column, sums->user_ns);
	put_uint(writer, column + 1, sums->kernel_ns);
	put_uint(writer, column + 2, sums->fault_ns);
	put_uint(writer, column + 3, sums->interrupt_ns);
	put_uint(writer, column + 4, sums->runnable_ns);
	put_uint(writer, column + 5, sums->blocked_ns);
	put_string(writer, column + 6, file, sums->worst_call);
}
