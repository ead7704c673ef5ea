/* analyze/cause/cause_tracker.c - finds the causes of exits in the events before them */
#include "analyze/cause/cause_tracker.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "abi/signal.h"
#include "abi/system_call.h"
#include "analyze/cause/culprit.h"
#include "analyze/cause/exit_code.h"
#include "analyze/cause/handled_signal.h"
#include "analyze/cause/process_table.h"
#include "analyze/cause/signal_kind.h"
#include "analyze/cause/task_text.h"
#include "analyze/trace/call_chain.h"
#include <dz/enums.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define EXECUTE_ERROR_MAX 4095u /* of the kernel: MAX_ERRNO */

/* A signal that was not queued explains nothing. */
const struct dz_row_filter cause_tracker_rows = {
	.kind = DZ_KIND_SIGNAL,
	.field = offsetof(struct dz_signal, result) / sizeof(uint64_t),
	.values = UINT64_C(1) << DZ_SIGNAL_RESULT_DELIVERED | UINT64_C(1)
								      << DZ_SIGNAL_RESULT_LOST_INFO,
};

struct cause_tracker {
	struct process_table *processes;
	bool signals_seen;
};

bool cause_tracker_new(struct cause_tracker **ret_tracker)
{
	struct cause_tracker *tracker = calloc(1, sizeof(*tracker));

	if (!tracker)
		return false;
	if (!process_table_new(&tracker->processes)) {
		free(tracker);
		return false;
	}
	culprit_forget();
	culprit_text_forget();
	*ret_tracker = tracker;
	return true;
}

void cause_tracker_free(struct cause_tracker *tracker)
{
	if (!tracker)
		return;
	process_table_free(tracker->processes);
	free(tracker);
}

static bool is_one_of(struct trace_text text, const char *const words[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (text.size == strlen(words[i]) && memcmp(text.bytes, words[i], text.size) == 0)
			return true;
	return false;
}

void cause_tracker_note_signals(struct cause_tracker *tracker)
{
	tracker->signals_seen = true;
}

bool cause_tracker_signal(struct cause_tracker *tracker, const struct trace_event *event)
{
	const struct dz_signal *row = event->event.row;
	const struct dz_task *receiver;
	struct process *process;

	tracker->signals_seen = true;
	if (row->result != DZ_SIGNAL_RESULT_DELIVERED && row->result != DZ_SIGNAL_RESULT_LOST_INFO)
		return true;
	receiver = dz_reader_task(event->file->reader, row->receiver);
	if (!receiver)
		return true;
	process = process_table_touch(tracker->processes, event->file, receiver);
	return process &&
	       process_add_signal(tracker->processes, process,
				  &(struct cause_signal){.file = event->file, .row = *row},
				  (uint32_t)receiver->tid);
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

/* Tracepoints at the end of execve(), whose first argument is "ret". */
static const char *const execute_probes[] = {
	"tracepoint:syscalls:sys_exit_execve",
	"tracepoint:syscalls:sys_exit_execveat",
};

/* Returns the errno of "ret=-2 filename=..."; 0 for success, and for other texts. */
static uint32_t read_error(struct trace_text arguments)
{
	static const char before[] = "ret=-";
	size_t at = sizeof(before) - 1;
	uint32_t error = 0;

	if (arguments.size <= at || memcmp(arguments.bytes, before, at) != 0)
		return 0;
	for (; at < arguments.size && arguments.bytes[at] != ' ' && error <= EXECUTE_ERROR_MAX;
	     at++) {
		if (arguments.bytes[at] < '0' || arguments.bytes[at] > '9')
			return 0;
		error = error * 10 + (uint32_t)(arguments.bytes[at] - '0');
	}
	return error <= EXECUTE_ERROR_MAX ? error : 0;
}

bool cause_tracker_probe(struct cause_tracker *tracker, const struct trace_event *event)
{
	const struct dz_probe *row = event->event.row;
	const struct dz_task *task = dz_reader_task(event->file->reader, row->task);
	struct trace_text probe = trace_text(event->file, row->probe);
	struct process *process;

	if (!task || !is_one_of(probe, execute_probes, COUNT(execute_probes)))
		return true;
	process = process_table_touch(tracker->processes, event->file, task);
	if (!process)
		return false;
	process->execution = (struct cause_execution){
		.file = event->file,
		.arguments = row->arguments,
		.error = read_error(trace_text(event->file, row->arguments)),
	};
	return true;
}

/* Moves a signal that a handler took from the pending ones to the handled ones. */
static bool add_handled(struct cause_tracker *tracker, struct process *process,
			const struct cause_delivery *delivery, const struct process_signal *found)
{
	const struct dz_task *task = dz_reader_task(delivery->file->reader, delivery->row.task);
	struct process_handled handled = {
		.delivery = *delivery,
		.tid = (uint32_t)task->tid,
		.kind = signal_kind_of_delivered(&delivery->row, task),
	};

	if (delivery->row.signal < 1 || delivery->row.signal > SIGNAL_LARGEST)
		return true;
	if (found) {
		handled.generated = found->signal;
		handled.kind = signal_kind_of_generated(&found->signal);
		process_remove_signal(tracker->processes, process, found);
	}
	return handled_signal_is_repeated(process, &handled) ||
	       process_add_handled(tracker->processes, process, &handled);
}

bool cause_tracker_delivery(struct cause_tracker *tracker, const struct trace_event *event,
			    struct cause_signal *ret_signal, uint32_t *ret_number)
{
	const struct dz_delivery *row = event->event.row;
	const struct dz_task *task = dz_reader_task(event->file->reader, row->task);
	const struct process_signal *found;
	struct process *process;

	*ret_signal = (struct cause_signal){0};
	*ret_number = signal_kind_number(row);
	if (!task)
		return true;
	process = process_table_touch(tracker->processes, event->file, task);
	if (!process)
		return false;
	found = process_find_signal(process, *ret_number, (uint32_t)task->tid);
	if (found)
		*ret_signal = found->signal;
	if (row->handled)
		return add_handled(tracker, process,
				   &(struct cause_delivery){.file = event->file, .row = *row},
				   found);
	process->delivery = (struct cause_delivery){.file = event->file, .row = *row};
	return true;
}

/* Functions of the kernel that end a thread without a signal. */
static const char *const seccomp_functions[] = {"__secure_computing", "__seccomp_filter"};

/* Functions of the kernel that send SIGKILL for a hard limit of CPU time. */
static const char *const limit_functions[] = {"check_process_timers", "run_posix_cpu_timers",
					      "posix_cpu_timers_work", "handle_posix_cpu_timers"};

/* The out-of-memory killer is the cause only with its choice of this victim. */
static void explain_kill(struct cause *cause, const struct process *process)
{
	const struct cause_signal *generated = &cause->generated;

	if (process->oom.file) {
		cause->oom = process->oom;
		cause->kind = CAUSE_OOM;
	} else if (cause->kind == CAUSE_OOM) {
		cause->kind = call_stack_is_named(generated->file, generated->row.kernel_stack,
						  limit_functions, COUNT(limit_functions))
				      ? CAUSE_RESOURCE_LIMIT
				      : CAUSE_KERNEL;
	}
}

/* Strict mode ends the thread without a signal, as some filters do. */
static void explain_without_signal(struct cause *cause, const struct trace_event *event)
{
	const struct dz_exit *row = event->event.row;

	if ((row->signal != SIGKILL && row->signal != SIGSYS) ||
	    !call_stack_is_named(event->file, row->kernel_stack, seccomp_functions,
				 COUNT(seccomp_functions)))
		return;
	cause->kind = CAUSE_SECCOMP;
	if ((int64_t)row->system_call >= 0)
		cause->forbidden_call = system_call_name(
			trace_call_machine(event->file, row->compat), (int32_t)row->system_call);
}

static void explain_signal(struct cause *cause, const struct process *process,
			   const struct dz_exit *row, const struct dz_task *task)
{
	const struct process_signal *generated =
		process_find_signal(process, cause->signal, (uint32_t)task->tid);
	const struct cause_delivery *delivery = &process->delivery;

	cause->kind = CAUSE_UNKNOWN;
	if (delivery->file && signal_kind_number(&delivery->row) == cause->signal) {
		cause->delivery = *delivery;
		cause->kind = signal_kind_of_delivered(&delivery->row, task);
	}
	if (generated) {
		uint64_t taken_ns = cause->delivery.file ? delivery->row.time : row->time;

		cause->generated = generated->signal;
		cause->kind = signal_kind_of_generated(&generated->signal);
		if (taken_ns > generated->signal.row.time)
			cause->pending_ns = taken_ns - generated->signal.row.time;
	}
	if (cause->signal == SIGKILL)
		explain_kill(cause, process);
}

/* How a thread ended itself. */
enum own_end {
	NOT_BY_ITSELF,
	THREAD_ALONE, /* exit(2), of pthread_exit() */
	WHOLE_GROUP,  /* exit_group(2), of exit() */
};

static enum own_end find_own_end(const struct trace_file *file, const struct dz_exit *row)
{
	/* The answer for the last question: most exits are in the same system call. */
	static uint32_t last_machine;
	static uint64_t last_call = UINT64_MAX;
	static enum own_end last_end = NOT_BY_ITSELF;
	uint32_t machine = trace_call_machine(file, row->compat);
	struct system_call_name name;

	if (row->system_call == last_call && machine == last_machine)
		return last_end;
	name = system_call_name(machine, (int32_t)row->system_call);
	last_machine = machine;
	last_call = row->system_call;
	last_end = strcmp(name.text, "exit_group") == 0 ? WHOLE_GROUP
		   : strcmp(name.text, "exit") == 0     ? THREAD_ALONE
							: NOT_BY_ITSELF;
	return last_end;
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

/* Returns the thread that ended the process by exit(); 0 if it is unknown. `cause` has its culprit.
 */
static uint32_t find_exit_tid(const struct cause *cause, enum own_end end,
			      const struct process *process, const struct dz_exit *row,
			      const struct dz_task *task)
{
	const struct dz_task *culprit = NULL;

	if (end != NOT_BY_ITSELF)
		return (uint32_t)task->tid;
	if (row->end_tid != 0)
		return (uint32_t)row->end_tid;
	if (cause->culprit.file)
		culprit = dz_reader_task(cause->culprit.file->reader, cause->culprit.task);
	if (culprit)
		return (uint32_t)culprit->tid;
	return cause->culprit.file || was_ended(process, row) ? 0 : (uint32_t)task->tid;
}

static struct cause_thread thread_of(const struct trace_file *file, const struct dz_task *task)
{
	return (struct cause_thread){file, task->comm, (uint32_t)task->tid, (uint32_t)task->ns_tid};
}

/* Sets the thread that called exit(), if it is not the first. */
static void set_exit_thread(struct cause *cause, const struct trace_event *event,
			    const struct dz_task *task, uint32_t tid)
{
	const struct dz_exit *row = event->event.row;
	const struct dz_task *culprit;

	cause->by_unknown = tid == 0 && task->tid == task->pid;
	if (tid == 0 || tid == task->pid)
		return;
	cause->thread =
		(struct cause_thread){event->file, row->end_comm, tid, (uint32_t)row->end_ns_tid};
	if (tid == task->tid)
		cause->thread = thread_of(event->file, task);
	if (row->end_tid == tid || !cause->culprit.file)
		return;
	culprit = dz_reader_task(cause->culprit.file->reader, cause->culprit.task);
	if (culprit)
		cause->thread = thread_of(cause->culprit.file, culprit);
}

/* Sets the thread that a fault or a signal to itself came from, if it is not the first. */
static void set_signal_thread(struct cause *cause)
{
	const struct cause_signal *generated = &cause->generated;
	const struct dz_task *task;

	if (cause->kind != CAUSE_FAULT && cause->kind != CAUSE_SECCOMP &&
	    !signal_kind_is_own(cause->kind))
		return;
	if (!generated->file)
		return;
	task = dz_reader_task(generated->file->reader, generated->row.task);
	if (task && task->tid != task->pid)
		cause->thread = thread_of(generated->file, task);
}

/* Returns the thread that ended the process by exit(); 0 if it is unknown. */
static uint32_t explain_exit(struct cause *cause, const struct process *process,
			     const struct trace_event *event, const struct dz_task *task)
{
	const struct dz_exit *row = event->event.row;
	enum own_end end = find_own_end(event->file, row);
	uint32_t tid;

	if (row->thread)
		cause->kind = kind_of_thread_end(end, process, row, task);
	else
		cause->kind = row->exit_code == 0 ? CAUSE_EXIT : CAUSE_EXIT_CODE;
	if (end == NOT_BY_ITSELF)
		cause->culprit = process->culprit;
	tid = find_exit_tid(cause, end, process, row, task);
	if (!row->thread)
		set_exit_thread(cause, event, task, tid);
	return tid;
}

/* Notes the first thread that called exit(). */
static void note_culprit(struct process *process, const struct trace_event *event)
{
	const struct dz_exit *row = event->event.row;

	if (row->signal == 0 && !process->culprit.file &&
	    find_own_end(event->file, row) == WHOLE_GROUP)
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

static void join_handled(struct cause *cause, const struct process *process,
			 const struct ending_thread *thread)
{
	if (cause->signal != 0) {
		handled_signal_join_death(cause, process);
		set_signal_thread(cause);
	} else if (cause->kind == CAUSE_EXIT || cause->kind == CAUSE_EXIT_CODE) {
		handled_signal_join_exit(cause, process, thread);
	}
}

/* Notes an end that can explain the exit code of the parent. Returns false on allocation failure.
 */
static bool note_child(struct cause_tracker *tracker, const struct trace_event *event,
		       const struct cause *cause, const struct dz_task *task)
{
	const struct dz_exit *row = event->event.row;
	const struct dz_task *parent;
	struct process *process;

	if (cause->signal == 0 && !exit_code_is_of_execution(cause->exit_code))
		return true;
	parent = dz_reader_task(event->file->reader, task->parent);
	if (!parent || parent->process_start == 0)
		return true;
	process = process_table_touch(tracker->processes, event->file, parent);
	return process && process_add_child(tracker->processes, process,
					    &(struct cause_child){
						    .file = event->file,
						    .task = row->task,
						    .signal = cause->signal,
						    .exit_code = cause->exit_code,
						    .kind = cause->kind,
						    .generated = cause->generated,
					    });
}

/* Finds the cause of the end of a task, whose process had these signals. */
static void explain(struct cause *cause, const struct process *process,
		    const struct trace_event *event, const struct dz_task *task)
{
	const struct dz_exit *row = event->event.row;
	struct ending_thread thread = {.time = row->time};

	if (cause->signal != 0)
		explain_signal(cause, process, row, task);
	else
		thread.tid = explain_exit(cause, process, event, task);
	if (cause->kind == CAUSE_UNKNOWN)
		explain_without_signal(cause, event);
	cause->user = find_user_stack(cause, event);
	join_handled(cause, process, &thread);
	if (cause->kind == CAUSE_EXIT_CODE)
		exit_code_explain(cause, process, event, task);
}

bool cause_tracker_exit(struct cause_tracker *tracker, const struct trace_event *event,
			struct cause *ret_cause)
{
	/* Of a process that had no signal before its end, as most have none: it is not in the
	 * table. */
	static const struct process unseen = {.signals = NULL};
	const struct dz_exit *row = event->event.row;
	const struct dz_task *task = dz_reader_task(event->file->reader, row->task);
	struct process *known;

	*ret_cause = (struct cause){
		.kind = row->signal != 0      ? CAUSE_UNKNOWN
			: row->exit_code != 0 ? CAUSE_EXIT_CODE
					      : CAUSE_EXIT,
		.signal = (uint32_t)row->signal,
		.exit_code = (uint32_t)row->exit_code,
		.core_dumped = row->core_dumped,
		.signals_seen = tracker->signals_seen,
		.user = {event->file, row->user_stack},
	};
	if (!task)
		return true;
	known = row->thread ? process_table_touch(tracker->processes, event->file, task)
			    : process_table_find(tracker->processes, event->file, task);
	if (row->thread && !known)
		return false;
	explain(ret_cause, known ? known : &unseen, event, task);
	if (row->thread) {
		note_culprit(known, event);
		return true;
	}
	if (known)
		process_table_remove(tracker->processes, known);
	return note_child(tracker, event, ret_cause, task);
}
