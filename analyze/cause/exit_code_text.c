/* analyze/cause/exit_code_text.c - exit codes as text */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "abi/signal.h"
#include "analyze/cause/task_text.h"

/* What records why execve() failed. */
#define EXECUTION_PROBE "-e tracepoint:syscalls:sys_exit_execve"

/* " from bash[16672] itself": the sender of the signal that ended the child of `task` */
static void write_child_sender(FILE *out, const struct cause_child *child,
			       const struct dz_task *task)
{
	const struct cause_signal *signal = &child->generated;
	const struct dz_task *sender;

	if (child->kind == CAUSE_OOM)
		fputs(" of the out-of-memory killer", out);
	if (child->kind != CAUSE_SIGNAL || !signal->file)
		return;
	sender = dz_reader_task(signal->file->reader, signal->row.task);
	fputs(" from ", out);
	task_text_task(out, signal->file, sender);
	if (cause_is_same_process(sender, task))
		fputs(" itself", out);
}

static void write_child(FILE *out, const struct cause *cause)
{
	const struct cause_child *child = &cause->child;
	const struct dz_task *task = dz_reader_task(child->file->reader, child->task);
	const struct dz_task *parent =
		task ? dz_reader_task(child->file->reader, task->parent) : NULL;
	const struct signal_name name = signal_name(child->signal);

	fprintf(out, " (128 + %s): its child ", name.text);
	task_text_task(out, child->file, task);
	fprintf(out, " was killed by %s", name.text);
	write_child_sender(out, child, parent);
}

/* ": its child timeout[9061] ended with it" */
static void write_same_child(FILE *out, const struct cause *cause)
{
	const struct cause_child *child = &cause->child;

	fputs(": its child ", out);
	task_text_task(out, child->file, dz_reader_task(child->file->reader, child->task));
	fputs(" ended with it", out);
}

static void write_no_child(FILE *out, const struct cause *cause)
{
	fprintf(out, "; no child of it in the trace was killed by %s",
		signal_name(cause->exit_code - CAUSE_CODE_SIGNAL_BASE).text);
}

static void write_not_executable(FILE *out, const struct cause *cause)
{
	fprintf(out, " (%s: command cannot be executed)", cause->executes_as);
}

static void write_not_found(FILE *out, const struct cause *cause)
{
	fprintf(out, " (%s: command not found)", cause->executes_as);
}

static bool has_error(const struct cause *cause)
{
	return cause->execution.error != 0;
}

/* Returns what is behind `filename="`, to the end; empty if it was not recorded. */
static struct trace_text find_path(const struct cause_execution *execution)
{
	static const char before[] = " filename=\"";
	const size_t size = sizeof(before) - 1;
	struct trace_text text = trace_text(execution->file, execution->arguments);
	const char *found = memmem(text.bytes, text.size, before, size);

	if (!found)
		return (struct trace_text){NULL, 0};
	return (struct trace_text){found + size, text.size - (size_t)(found + size - text.bytes)};
}

/* Writes the path that execve() failed with, after `before`. A quote in it is doubled, and the last
 * one ends it. Returns false if it was not recorded. */
static bool write_path(FILE *out, const char *before, const struct cause *cause)
{
	struct trace_text path = {NULL, 0};
	size_t from = 0;

	if (has_error(cause))
		path = find_path(&cause->execution);
	if (path.size < 2)
		return false;
	fputs(before, out);
	for (size_t i = 0; i < path.size; i++) {
		if (path.bytes[i] != '"')
			continue;
		task_text_text(out, (struct trace_text){path.bytes + from, i - from});
		if (i + 1 >= path.size || path.bytes[i + 1] != '"')
			break;
		from = ++i;
	}
	return true;
}

static void write_spawn(FILE *out, const struct cause *cause)
{
	fputs(": posix_spawn() could not execute ", out);
	if (write_path(out, "", cause))
		return;
	fprintf(out, "a program; its name %s recorded: " EXECUTION_PROBE,
		has_error(cause) ? "is not" : "and the error are not");
}

static void write_not_loaded(FILE *out, const struct cause *cause)
{
	fprintf(out, ": the dynamic linker %s; its message on standard error names it",
		cause->not_loaded);
}

static void write_timeout(FILE *out, const struct cause *cause)
{
	(void)cause;
	fputs(" (timeout: the time was up)", out);
}

static void write_panic(FILE *out, const struct cause *cause)
{
	(void)cause;
	fputs(" (Rust: main panicked); where is not in the stack, as main had returned", out);
}

/* Errors of execve(2) for which programs end with 126 or 127. */
static const struct {
	uint32_t number;
	const char *name;
} execute_errors[] = {
	{EPERM, "EPERM"},     {ENOENT, "ENOENT"},
	{EIO, "EIO"},         {E2BIG, "E2BIG"},
	{ENOEXEC, "ENOEXEC"}, {ENOMEM, "ENOMEM"},
	{EACCES, "EACCES"},   {ENOTDIR, "ENOTDIR"},
	{EISDIR, "EISDIR"},   {EINVAL, "EINVAL"},
	{EMFILE, "EMFILE"},   {ETXTBSY, "ETXTBSY"},
	{ELOOP, "ELOOP"},     {ENAMETOOLONG, "ENAMETOOLONG"},
};

static void write_error(FILE *out, uint32_t error)
{
	for (size_t i = 0; i < sizeof(execute_errors) / sizeof(execute_errors[0]); i++) {
		if (execute_errors[i].number != error)
			continue;
		fputs(execute_errors[i].name, out);
		return;
	}
	fprintf(out, "error %" PRIu32, error);
}

/* "; its last execve() failed with ENOENT: /nonexistent" */
static void write_execution(FILE *out, const struct cause *cause)
{
	if (!has_error(cause) ||
	    (cause->code != CAUSE_CODE_NOT_FOUND && cause->code != CAUSE_CODE_NOT_EXECUTABLE &&
	     cause->code != CAUSE_CODE_SPAWN))
		return;
	fputs("; its last execve() failed with ", out);
	write_error(out, cause->execution.error);
	if (cause->code != CAUSE_CODE_SPAWN)
		(void)write_path(out, ": ", cause);
}

/* Text after "exit code 127". */
static void (*const writers[])(FILE *out, const struct cause *cause) = {
	[CAUSE_CODE_CHILD] = write_child,
	[CAUSE_CODE_NO_CHILD] = write_no_child,
	[CAUSE_CODE_NOT_EXECUTABLE] = write_not_executable,
	[CAUSE_CODE_NOT_FOUND] = write_not_found,
	[CAUSE_CODE_SPAWN] = write_spawn,
	[CAUSE_CODE_OF_CHILD] = write_same_child,
	[CAUSE_CODE_NOT_LOADED] = write_not_loaded,
	[CAUSE_CODE_TIMEOUT] = write_timeout,
	[CAUSE_CODE_PANIC] = write_panic,
};

void exit_code_text_write(FILE *out, const struct cause *cause)
{
	uint32_t handled = (uint32_t)cause->handled.delivery.row.signal;

	fprintf(out, "exit code %" PRIu32, cause->exit_code);
	if (cause->handling == CAUSE_AFTER && cause->exit_code == CAUSE_CODE_SIGNAL_BASE + handled)
		fprintf(out, " (128 + %s)", signal_name(handled).text);
	if (cause->code != CAUSE_CODE_PLAIN)
		writers[cause->code](out, cause);
	write_execution(out, cause);
	if (cause->never_executed && cause->code != CAUSE_CODE_SPAWN)
		fputs("; never executed a program of its own", out);
}
