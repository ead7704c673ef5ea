/* analyze/cause/cause_text.c - causes as text */
#define _GNU_SOURCE
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/signal.h"
#include "abi/system_call.h"
#include "analyze/cause/culprit.h"
#include "analyze/cause/signal_kind.h"
#include "analyze/cause/task_text.h"
#include "analyze/trace/call_chain.h"
#include "analyze/trace/timestamp.h"
#include "text/text_stream.h"
#include <dz/enums.h>

/* A signal that is taken at once is pending for some microseconds, which is not worth printing. */
#define PENDING_SHOWN_NS UINT64_C(1000000000)

#define UNKNOWN_ID UINT32_MAX

/* System calls that send signals, and their functions in the C library. */
static const struct {
	const char *system_call;
	const char *function;
} senders[] = {
	{"kill", "kill"},
	{"tkill", "tkill"},
	{"tgkill", "tgkill"},
	{"rt_sigqueueinfo", "sigqueue"},
	{"rt_tgsigqueueinfo", "pthread_sigqueue"},
	{"pidfd_send_signal", "pidfd_send_signal"},
};

struct system_call_name task_text_sending_call(const struct cause_signal *signal)
{
	struct system_call_name name = {""};

	if (!signal->file || (int64_t)signal->row.system_call < 0)
		return name;
	name = system_call_name(trace_call_machine(signal->file, signal->row.compat),
				(int32_t)signal->row.system_call);
	for (size_t i = 0; i < sizeof(senders) / sizeof(senders[0]); i++) {
		if (strcmp(senders[i].system_call, name.text) != 0)
			continue;
		snprintf(name.text, sizeof(name.text), "%s", senders[i].function);
		return name;
	}
	name.text[0] = '\0';
	return name;
}

static void write_with(FILE *out, const struct cause_signal *signal)
{
	struct system_call_name call = task_text_sending_call(signal);

	if (call.text[0] != '\0')
		fprintf(out, " with %s()", call.text);
}

/* Writes the task that ran when the signal was generated, with its user. */
static void write_sender(FILE *out, const struct cause_signal *signal)
{
	const struct dz_task *sender = dz_reader_task(signal->file->reader, signal->row.task);

	task_text_task(out, signal->file, sender);
	if (sender && sender->uid != UNKNOWN_ID)
		fprintf(out, " uid %" PRIu64, sender->uid);
}

static void write_sent(FILE *out, const struct cause *cause)
{
	if (cause->generated.file) {
		fputs(" sent by ", out);
		write_sender(out, &cause->generated);
		write_with(out, &cause->generated);
	} else if (cause->delivery.file) {
		fprintf(out, " sent by pid %" PRIu64 " uid %" PRIu64,
			cause->delivery.row.sender_pid, cause->delivery.row.sender_uid);
	}
}

static void write_raised(FILE *out, const struct cause *cause)
{
	fputs(", raised by itself", out);
	if (!culprit_text_end(out, cause))
		write_with(out, &cause->generated);
}

static void write_abort(FILE *out, const struct cause *cause)
{
	if (!culprit_text_end(out, cause))
		fputs(", raised by itself: abort() or a failed check", out);
}

static void write_unknown(FILE *out, const struct cause *cause)
{
	if (culprit_text_end(out, cause))
		return;
	fputs(", the trace does not hold who sent it", out);
	if (!cause->signals_seen)
		fputs(": no signal was recorded before (-e signal)", out);
}

static void write_terminal(FILE *out, const struct cause *cause)
{
	switch (cause->signal) {
	case SIGHUP:
		fputs(", its terminal hung up", out);
		return;
	case SIGINT:
		fputs(", Ctrl-C at its terminal", out);
		return;
	case SIGQUIT:
		fputs(", Ctrl-\\ at its terminal", out);
		return;
	default:
		fputs(" by its terminal", out);
	}
}

static void write_seccomp(FILE *out, const struct cause *cause)
{
	const struct cause_signal *generated = &cause->generated;

	fputs(cause->signal == SIGKILL ? ", seccomp strict mode forbids "
				       : ", its seccomp filter forbids ",
	      out);
	if (generated->file)
		fprintf(out, "%s()",
			system_call_name(trace_call_machine(generated->file, generated->row.compat),
					 (int32_t)generated->row.value)
				.text);
	else if (cause->forbidden_call.text[0] != '\0')
		fprintf(out, "%s()", cause->forbidden_call.text);
	else
		fputs("the system call that it made", out);
}

static void write_parent_death(FILE *out, const struct cause *cause)
{
	fputs(", since its parent ended: ", out);
	write_sender(out, &cause->generated);
}

static void write_limit(FILE *out, const struct cause *cause)
{
	fprintf(out, ", beyond its limit of %s",
		cause->signal == SIGXFSZ ? "file size" : "CPU time");
}

static void write_pid_namespace(FILE *out, const struct cause *cause)
{
	fputs(", since the first process of its pid namespace ended: ", out);
	write_sender(out, &cause->generated);
}

static void write_cgroup_kill(FILE *out, const struct cause *cause)
{
	fputs(", its control group was killed by ", out);
	write_sender(out, &cause->generated);
}

/* The end of a tracer kills what it traces, if it asked for this. */
static void write_tracer(FILE *out, const struct cause *cause)
{
	bool ended = cause->generated.row.source == DZ_SIGNAL_SOURCE_TRACER_EXIT;

	fputs(ended ? ", since its tracer ended: " : " by its tracer ", out);
	write_sender(out, &cause->generated);
	if (!ended)
		fputs(" with ptrace()", out);
}

static void write_fault(FILE *out, const struct cause *cause)
{
	struct cause storage;
	const struct cause *first = cause_at_fault(cause, &storage);

	culprit_text_fault(out, first);
}

static void write_kernel(FILE *out, const struct cause *cause)
{
	const struct cause_signal *generated = &cause->generated;
	struct system_call_name call;

	fputs(" sent by the kernel", out);
	if (!generated->file)
		return;
	if (generated->row.source == DZ_SIGNAL_SOURCE_OUT_OF_MEMORY)
		fputs("; the trace has no choice of the out-of-memory killer", out);
	if ((int64_t)generated->row.system_call < 0)
		return;
	call = system_call_name(trace_call_machine(generated->file, generated->row.compat),
				(int32_t)generated->row.system_call);
	fprintf(out, " in %s()", call.text);
	if (signal_kind_is_exec(call.text))
		fputs(": the program could not be loaded", out);
}

/* Text after the name of the signal, or a function that writes it. */
static const struct {
	const char *text;
	void (*write)(FILE *out, const struct cause *cause);
} reasons[CAUSE_KINDS] = {
	[CAUSE_OOM] = {" by the out-of-memory killer", NULL},
	[CAUSE_FAULT] = {NULL, write_fault},
	[CAUSE_ABORT] = {NULL, write_abort},
	[CAUSE_SECCOMP] = {NULL, write_seccomp},
	[CAUSE_SIGNAL] = {NULL, write_sent},
	[CAUSE_UNKNOWN] = {NULL, write_unknown},
	[CAUSE_CGROUP_KILL] = {NULL, write_cgroup_kill},
	[CAUSE_TRACER] = {NULL, write_tracer},
	[CAUSE_RESOURCE_LIMIT] = {NULL, write_limit},
	[CAUSE_KERNEL] = {NULL, write_kernel},
	[CAUSE_PID_NAMESPACE] = {NULL, write_pid_namespace},
	[CAUSE_PARENT_DEATH] = {NULL, write_parent_death},
	[CAUSE_RAISED] = {NULL, write_raised},
	[CAUSE_TIMER] = {" by a timer of its own", NULL},
	[CAUSE_IO] = {", for a file that it watches", NULL},
	[CAUSE_CHILD] = {", because a child changed its state", NULL},
	[CAUSE_TERMINAL] = {NULL, write_terminal},
	[CAUSE_PIPE] = {", wrote to a pipe or socket that nobody reads", NULL},
};

static void write_thread(FILE *out, const struct trace_file *file, const struct dz_task *task)
{
	if (!task) {
		fputs("another thread", out);
		return;
	}
	fputs("thread ", out);
	task_text_text(out, trace_text(file, task->comm));
	fprintf(out, "[%" PRIu64 "]", task->tid);
}

static const struct dz_task *find_culprit(const struct cause *cause)
{
	if (!cause->culprit.file)
		return NULL;
	return dz_reader_task(cause->culprit.file->reader, cause->culprit.task);
}

/* ", in thread worker[34001]", unless it is the first thread */
static void write_in_thread(FILE *out, const struct cause *cause, const char *how)
{
	const struct cause_thread *thread = &cause->thread;

	if (!thread->file) {
		if (cause->by_unknown)
			fprintf(out, ", %s another thread", how);
		return;
	}
	fprintf(out, ", %s thread ", how);
	task_text_text(out, trace_text(thread->file, thread->comm));
	task_text_tid(out, thread);
}

static void write_own_end(FILE *out, const struct cause *cause)
{
	if (cause->kind == CAUSE_EXIT)
		fputs("clean exit", out);
	else
		exit_code_text_write(out, cause);
	handling_text_write(out, cause);
	/* Nothing but the runtime was there to call _exit(). */
	if (cause->code == CAUSE_CODE_NOT_LOADED || cause->code == CAUSE_CODE_SPAWN)
		return;
	if (culprit_text_end(out, cause))
		write_in_thread(out, cause, "in");
	else
		write_in_thread(out, cause, "exit() by");
}

static void write_thread_end(FILE *out, const struct cause *cause)
{
	if (cause->kind == CAUSE_THREAD_EXIT) {
		fputs("thread ended", out);
	} else if (cause->kind == CAUSE_EXEC) {
		fputs("ended by exec in another thread", out);
	} else {
		fputs("ended by exit() in ", out);
		write_thread(out, cause->culprit.file, find_culprit(cause));
	}
	if (cause->exit_code != 0)
		fprintf(out, ", exit code %" PRIu32, cause->exit_code);
}

static void write_death(FILE *out, const struct cause *cause)
{
	struct cause storage;

	/* A fault comes first, also if its handler ended the process with another signal. */
	fputs(signal_name(cause_at_fault(cause, &storage)->signal).text, out);
	if (reasons[cause->kind].text)
		fputs(reasons[cause->kind].text, out);
	else if (reasons[cause->kind].write)
		reasons[cause->kind].write(out, cause);
	write_in_thread(out, cause, "in");
	if (cause->pending_ns >= PENDING_SHOWN_NS)
		fprintf(out, ", pending for %s", timestamp_lifetime(cause->pending_ns).text);
	handling_text_write(out, cause);
	if (cause->core_dumped)
		fputs(", core dumped", out);
}

void cause_text_write(FILE *out, const struct cause *cause)
{
	if (cause->signal != 0)
		write_death(out, cause);
	else if (cause->kind == CAUSE_EXIT || cause->kind == CAUSE_EXIT_CODE)
		write_own_end(out, cause);
	else
		write_thread_end(out, cause);
}

char *cause_text_string(const struct cause *cause)
{
	struct text_stream stream;

	if (!text_stream_open(&stream))
		return NULL;
	cause_text_write(stream.out, cause);
	return text_stream_close(&stream);
}
