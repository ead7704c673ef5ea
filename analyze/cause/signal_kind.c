/* analyze/cause/signal_kind.c - the kind of cause that a signal is */
#include "analyze/cause/signal_kind.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>

#include "abi/system_call.h"

#include <dz/enums.h>

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
	[DZ_SIGNAL_SOURCE_TRACER] = CAUSE_TRACER,
	[DZ_SIGNAL_SOURCE_TRACER_EXIT] = CAUSE_TRACER,
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

/* Returns whether the kernel ended an execve() that failed too late to return an error. */
static bool is_of_exec(const struct cause_signal *signal)
{
	const struct dz_signal *row = &signal->row;
	struct system_call_name name;

	if ((row->signal != SIGSEGV && row->signal != SIGKILL) ||
	    row->source == DZ_SIGNAL_SOURCE_PROCESS || row->code != SIGNAL_CODE_KERNEL ||
	    !cause_is_same_process(dz_reader_task(signal->file->reader, row->task),
				   dz_reader_task(signal->file->reader, row->receiver)))
		return false;
	name = system_call_name(trace_call_machine(signal->file, row->compat),
				(int32_t)row->system_call);
	return signal_kind_is_exec(name.text);
}

enum cause_kind signal_kind_of_generated(const struct cause_signal *signal)
{
	const struct dz_reader *reader = signal->file->reader;
	const struct dz_signal *row = &signal->row;
	enum cause_kind kind = CAUSE_KERNEL;

	if (row->source < COUNT(kinds_of_source))
		kind = kinds_of_source[row->source];
	if (is_of_exec(signal))
		return CAUSE_KERNEL;
	if (kind == CAUSE_SIGNAL && cause_is_same_process(dz_reader_task(reader, row->task),
							  dz_reader_task(reader, row->receiver)))
		return kind_of_own_signal((uint32_t)row->signal, (int32_t)row->code);
	return kind;
}

enum cause_kind signal_kind_of_delivered(const struct dz_delivery *row, const struct dz_task *task)
{
	int32_t code = (int32_t)row->code;

	/* When the kernel ends a group, it fills in the fields of this SIGKILL itself. */
	if (row->signal == SIGKILL && row->sender_pid == 0)
		return CAUSE_UNKNOWN;
	if (code == SI_TIMER)
		return CAUSE_TIMER;
	if (code == SIGNAL_CODE_KERNEL || code > 0)
		return kind_of_kernel_signal((uint32_t)row->signal);
	if (row->sender_pid != 0 && row->sender_pid == task->ns_pid)
		return kind_of_own_signal((uint32_t)row->signal, code);
	return CAUSE_SIGNAL;
}

bool signal_kind_is_exec(const char *system_call)
{
	return strcmp(system_call, "execve") == 0 || strcmp(system_call, "execveat") == 0;
}

bool signal_kind_is_own(enum cause_kind kind)
{
	return kind == CAUSE_RAISED || kind == CAUSE_ABORT;
}

uint32_t signal_kind_number(const struct dz_delivery *row)
{
	return (uint32_t)(row->signal == SIGKILL ? row->group_code & 0x7f : row->signal);
}
