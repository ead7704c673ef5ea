/* analyze/cause/cause_tracker.c - finds the causes of exits in the events before them */
#include "analyze/cause/cause_tracker.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "abi/system_call.h"
#include "analyze/cause/process_table.h"
#include <dz/enums.h>

/* SI_KERNEL, which the headers of libc do not always define. */
#define CODE_KERNEL 0x80

struct cause_tracker {
	struct process_table *processes;
};

static const enum cause_kind kinds_of_source[DZ_SIGNAL_SOURCE_COUNT] = {
	[DZ_SIGNAL_SOURCE_PROCESS] = CAUSE_SIGNAL,
	[DZ_SIGNAL_SOURCE_KERNEL] = CAUSE_KERNEL,
	[DZ_SIGNAL_SOURCE_FAULT] = CAUSE_FAULT,
	[DZ_SIGNAL_SOURCE_TIMER] = CAUSE_TIMER,
	[DZ_SIGNAL_SOURCE_TERMINAL] = CAUSE_TERMINAL,
	[DZ_SIGNAL_SOURCE_OUT_OF_MEMORY] = CAUSE_OOM,
	[DZ_SIGNAL_SOURCE_SECCOMP] = CAUSE_SECCOMP,
	[DZ_SIGNAL_SOURCE_PARENT_DEATH] = CAUSE_PARENT_DEATH,
	[DZ_SIGNAL_SOURCE_PIPE] = CAUSE_PIPE,
	[DZ_SIGNAL_SOURCE_CHILD] = CAUSE_CHILD,
	[DZ_SIGNAL_SOURCE_RESOURCE_LIMIT] = CAUSE_RESOURCE_LIMIT,
	[DZ_SIGNAL_SOURCE_INPUT_OUTPUT] = CAUSE_IO,
	[DZ_SIGNAL_SOURCE_PID_NAMESPACE] = CAUSE_PID_NAMESPACE,
	[DZ_SIGNAL_SOURCE_CGROUP_KILL] = CAUSE_CGROUP_KILL,
	[DZ_SIGNAL_SOURCE_TRACER] = CAUSE_SIGNAL,
	[DZ_SIGNAL_SOURCE_TRACER_EXIT] = CAUSE_KERNEL,
};

/* Causes of signals from the kernel, if only the number of the signal is known. */
static const struct {
	uint32_t signal;
	enum cause_kind kind;
} kinds_of_kernel_signals[] = {
	{SIGPIPE, CAUSE_PIPE},     {SIGALRM, CAUSE_TIMER},          {SIGVTALRM, CAUSE_TIMER},
	{SIGPROF, CAUSE_TIMER},    {SIGHUP, CAUSE_TERMINAL},        {SIGINT, CAUSE_TERMINAL},
	{SIGQUIT, CAUSE_TERMINAL}, {SIGXCPU, CAUSE_RESOURCE_LIMIT}, {SIGXFSZ, CAUSE_RESOURCE_LIMIT},
	{SIGSEGV, CAUSE_FAULT},    {SIGBUS, CAUSE_FAULT},           {SIGFPE, CAUSE_FAULT},
	{SIGILL, CAUSE_FAULT},     {SIGTRAP, CAUSE_FAULT},          {SIGSYS, CAUSE_SECCOMP},
	{SIGIO, CAUSE_IO},         {SIGCHLD, CAUSE_CHILD},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

bool cause_tracker_new(struct cause_tracker **ret_tracker)
{
	struct cause_tracker *tracker = calloc(1, sizeof(*tracker));

	if (!tracker)
		return false;
	if (!process_table_new(&tracker->processes)) {
		free(tracker);
		return false;
	}
	*ret_tracker = tracker;
	return true;
}

void cause_tracker_reset(struct cause_tracker *tracker)
{
	process_table_clear(tracker->processes);
}

void cause_tracker_free(struct cause_tracker *tracker)
{
	if (!tracker)
		return;
	process_table_free(tracker->processes);
	free(tracker);
}

bool cause_tracker_signal(struct cause_tracker *tracker, const struct trace_event *event)
{
	const struct dz_signal *row = event->event.row;
	const struct dz_task *receiver = dz_reader_task(event->file->reader, row->receiver);
	const struct cause_signal signal = {.file = event->file, .row = *row};
	struct process *process;

	if (!receiver || (row->result != DZ_SIGNAL_RESULT_DELIVERED &&
			  row->result != DZ_SIGNAL_RESULT_LOST_INFO))
		return true;
	process = process_table_touch(tracker->processes, event->file, receiver);
	return process &&
	       process_add_signal(tracker->processes, process, &signal, (uint32_t)receiver->tid);
}

bool cause_tracker_oom(struct cause_tracker *tracker, const struct trace_event *event)
{
	const struct dz_oom *row = event->event.row;
	const struct dz_task *victim = dz_reader_task(event->file->reader, row->victim);
	struct process *process;

	if (!victim)
		return true;
	process = process_table_touch(tracker->processes, event->file, victim);
	if (!process)
		return false;
	process->oom = (struct cause_oom){.file = event->file, .row = *row};
	return true;
}

/* The kernel wakes all threads of a group that it ends with SIGKILL, for any reason. The reason is
 * in group_code. */
static uint32_t real_number(const struct dz_delivery *row)
{
	return (uint32_t)(row->signal == SIGKILL ? row->group_code & 0x7f : row->signal);
}

bool cause_tracker_delivery(struct cause_tracker *tracker, const struct trace_event *event,
			    struct cause_signal *ret_signal, uint32_t *ret_number)
{
	const struct dz_delivery *row = event->event.row;
	const struct dz_task *task = dz_reader_task(event->file->reader, row->task);
	const struct process_signal *found;
	struct process *process;

	*ret_signal = (struct cause_signal){0};
	*ret_number = real_number(row);
	if (!task)
		return true;
	process = process_table_touch(tracker->processes, event->file, task);
	if (!process)
		return false;
	found = process_find_signal(process, *ret_number, (uint32_t)task->tid);
	if (found)
		*ret_signal = found->signal;
	if (!row->handled)
		process->delivery = (struct cause_delivery){.file = event->file, .row = *row};
	else if (found)
		process_remove_signal(tracker->processes, process, found);
	return true;
}

static enum cause_kind kind_of_kernel_signal(uint32_t number)
{
	for (size_t i = 0; i < COUNT(kinds_of_kernel_signals); i++)
		if (kinds_of_kernel_signals[i].signal == number)
			return kinds_of_kernel_signals[i].kind;
	return CAUSE_KERNEL;
}

/* abort() sends the signal to its own thread; kill() sends it to the process. */
static enum cause_kind kind_of_own_signal(uint32_t number, int32_t code)
{
	return number == SIGABRT && code == SI_TKILL ? CAUSE_ABORT : CAUSE_RAISED;
}

static bool is_same_process(const struct dz_task *a, const struct dz_task *b)
{
	return a && b && a->pid == b->pid && a->process_start == b->process_start;
}

static enum cause_kind kind_of_generated(const struct cause_signal *signal)
{
	const struct dz_reader *reader = signal->file->reader;
	const struct dz_signal *row = &signal->row;
	enum cause_kind kind = CAUSE_KERNEL;

	if (row->source < COUNT(kinds_of_source))
		kind = kinds_of_source[row->source];
	if (kind == CAUSE_SIGNAL && is_same_process(dz_reader_task(reader, row->task),
						    dz_reader_task(reader, row->receiver)))
		return kind_of_own_signal((uint32_t)row->signal, (int32_t)row->code);
	return kind;
}

/* If a signal was generated before the recording began, its delivery is the only event about it. */
static enum cause_kind kind_of_delivered(const struct cause_delivery *delivery,
					 const struct dz_task *task)
{
	const struct dz_delivery *row = &delivery->row;
	int32_t code = (int32_t)row->code;

	/* When the kernel ends a group, it fills in the fields of this SIGKILL itself. */
	if (row->signal == SIGKILL && row->sender_pid == 0)
		return CAUSE_UNKNOWN;
	if (code == SI_TIMER)
		return CAUSE_TIMER;
	if (code == CODE_KERNEL || code > 0)
		return kind_of_kernel_signal((uint32_t)row->signal);
	if (row->sender_pid != 0 && row->sender_pid == task->ns_pid)
		return kind_of_own_signal((uint32_t)row->signal, code);
	return CAUSE_SIGNAL;
}

static void explain_signal(struct cause *cause, const struct process *process,
			   const struct dz_exit *row, const struct dz_task *task)
{
	const struct process_signal *generated =
		process_find_signal(process, cause->signal, (uint32_t)task->tid);
	const struct cause_delivery *delivery = &process->delivery;

	cause->kind = CAUSE_UNKNOWN;
	if (delivery->file && real_number(&delivery->row) == cause->signal) {
		cause->delivery = *delivery;
		cause->kind = kind_of_delivered(delivery, task);
	}
	if (generated) {
		uint64_t taken_ns = cause->delivery.file ? delivery->row.time : row->time;

		cause->generated = generated->signal;
		cause->kind = kind_of_generated(&generated->signal);
		if (taken_ns > generated->signal.row.time)
			cause->pending_ns = taken_ns - generated->signal.row.time;
	}
	if (process->oom.file && cause->signal == SIGKILL) {
		cause->oom = process->oom;
		cause->kind = CAUSE_OOM;
	}
}

/* How a thread ended itself. */
enum own_end {
	NOT_BY_ITSELF,
	THREAD_ALONE, /* exit(2), of pthread_exit() */
	WHOLE_GROUP,  /* exit_group(2), of exit() */
};

static enum own_end find_own_end(const struct trace_file *file, const struct dz_exit *row)
{
	uint32_t machine = dz_reader_header(file->reader)->arch;
	struct system_call_name name = system_call_name(machine, (int32_t)row->system_call);

	if (strcmp(name.text, "exit_group") == 0)
		return WHOLE_GROUP;
	return strcmp(name.text, "exit") == 0 ? THREAD_ALONE : NOT_BY_ITSELF;
}

static enum cause_kind kind_of_thread_end(enum own_end end, const struct process *process,
					  const struct dz_exit *row, const struct dz_task *task)
{
	if (end == THREAD_ALONE)
		return CAUSE_THREAD_EXIT;
	if (end == WHOLE_GROUP)
		return row->exit_code == 0 ? CAUSE_EXIT : CAUSE_EXIT_CODE;
	/* After an exec, the remaining thread has the thread id of the first one, which ended. */
	if (!process->culprit.file && row->exit_code == 0 && task->tid == task->pid)
		return CAUSE_EXEC;
	return CAUSE_GROUP_EXIT;
}

/* Returns whether another thread ended this one: it was in another system call, or had taken the
 * SIGKILL with which the kernel ends a group. */
static bool was_ended(const struct process *process, const struct dz_exit *row)
{
	const struct dz_delivery *delivery = &process->delivery.row;

	if ((int64_t)row->system_call >= 0)
		return true;
	return process->delivery.file && delivery->signal == SIGKILL &&
	       delivery->group_code >> 8 == row->exit_code;
}

static void explain_exit(struct cause *cause, struct process *process,
			 const struct trace_event *event, const struct dz_task *task)
{
	const struct dz_exit *row = event->event.row;
	enum own_end end = find_own_end(event->file, row);

	if (row->thread)
		cause->kind = kind_of_thread_end(end, process, row, task);
	else
		cause->kind = row->exit_code == 0 ? CAUSE_EXIT : CAUSE_EXIT_CODE;
	if (end == NOT_BY_ITSELF) {
		cause->culprit = process->culprit;
		cause->by_other_thread = cause->culprit.file || was_ended(process, row);
	}
	if (row->thread && end == WHOLE_GROUP && !process->culprit.file)
		process->culprit = (struct cause_culprit){
			.file = event->file, .task = row->task, .user_stack = row->user_stack};
}

static struct cause_stack find_user_stack(const struct cause *cause,
					  const struct trace_event *event)
{
	const struct dz_exit *row = event->event.row;
	bool by_itself = cause->kind == CAUSE_ABORT || cause->kind == CAUSE_RAISED ||
			 cause->kind == CAUSE_FAULT;

	if (cause->delivery.file && cause->delivery.row.user_stack != 0)
		return (struct cause_stack){cause->delivery.file, cause->delivery.row.user_stack};
	if (cause->culprit.file && cause->culprit.user_stack != 0)
		return (struct cause_stack){cause->culprit.file, cause->culprit.user_stack};
	if (row->user_stack == 0 && by_itself && cause->generated.file)
		return (struct cause_stack){cause->generated.file, cause->generated.row.user_stack};
	return (struct cause_stack){event->file, row->user_stack};
}

bool cause_tracker_exit(struct cause_tracker *tracker, const struct trace_event *event,
			struct cause *ret_cause)
{
	const struct dz_exit *row = event->event.row;
	const struct dz_task *task = dz_reader_task(event->file->reader, row->task);
	struct cause cause = {
		.kind = row->signal != 0      ? CAUSE_UNKNOWN
			: row->exit_code != 0 ? CAUSE_EXIT_CODE
					      : CAUSE_EXIT,
		.signal = (uint32_t)row->signal,
		.exit_code = (uint32_t)row->exit_code,
		.core_dumped = row->core_dumped,
	};
	struct process *process;

	cause.user = find_user_stack(&cause, event);
	*ret_cause = cause;
	if (!task)
		return true;
	process = process_table_touch(tracker->processes, event->file, task);
	if (!process)
		return false;
	if (cause.signal != 0)
		explain_signal(&cause, process, row, task);
	else
		explain_exit(&cause, process, event, task);
	if (!row->thread)
		process_table_remove(tracker->processes, process);
	cause.user = find_user_stack(&cause, event);
	*ret_cause = cause;
	return true;
}
