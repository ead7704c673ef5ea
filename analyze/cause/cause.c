/* analyze/cause/cause.c - cause of the end of a process or thread */
#include "analyze/cause/cause.h"

static const char *const kind_names[CAUSE_KINDS] = {
	[CAUSE_OOM] = "oom",
	[CAUSE_FAULT] = "fault",
	[CAUSE_ABORT] = "abort",
	[CAUSE_SECCOMP] = "seccomp",
	[CAUSE_SIGNAL] = "signal",
	[CAUSE_UNKNOWN] = "unknown",
	[CAUSE_CGROUP_KILL] = "cgroup_kill",
	[CAUSE_TRACER] = "tracer",
	[CAUSE_RESOURCE_LIMIT] = "resource_limit",
	[CAUSE_KERNEL] = "kernel",
	[CAUSE_PID_NAMESPACE] = "pid_namespace",
	[CAUSE_PARENT_DEATH] = "parent_death",
	[CAUSE_RAISED] = "raised",
	[CAUSE_TIMER] = "timer",
	[CAUSE_IO] = "io",
	[CAUSE_CHILD] = "child",
	[CAUSE_TERMINAL] = "terminal",
	[CAUSE_PIPE] = "pipe",
	[CAUSE_EXIT_CODE] = "exit_code",
	[CAUSE_EXIT] = "exit",
	[CAUSE_GROUP_EXIT] = "group_exit",
	[CAUSE_EXEC] = "exec",
	[CAUSE_THREAD_EXIT] = "thread_exit",
};

const char *cause_kind_name(enum cause_kind kind)
{
	return kind_names[kind];
}

bool cause_kind_has_sender(enum cause_kind kind)
{
	switch ((int)kind) {
	case CAUSE_SIGNAL:
	case CAUSE_ABORT:
	case CAUSE_RAISED:
	case CAUSE_CGROUP_KILL:
	case CAUSE_TRACER:
	case CAUSE_PARENT_DEATH:
	case CAUSE_PID_NAMESPACE:
		return true;
	default:
		return false;
	}
}

const struct dz_task *cause_sender(const struct cause *cause)
{
	const struct cause_signal *signal = &cause->generated;

	if (!signal->file || !cause_kind_has_sender(cause->kind))
		return NULL;
	return dz_reader_task(signal->file->reader, signal->row.task);
}

bool cause_is_same_process(const struct dz_task *a, const struct dz_task *b)
{
	return a && b && a->pid == b->pid && a->process_start == b->process_start;
}

const struct cause *cause_at_fault(const struct cause *cause, struct cause *storage)
{
	if (cause->kind != CAUSE_FAULT || cause->handling == CAUSE_NOT_HANDLED)
		return cause;
	*storage = *cause;
	storage->signal = (uint32_t)cause->handled.delivery.row.signal;
	if (cause->handled.interrupted.stack != 0 || cause->handling == CAUSE_FAULT_TWICE)
		storage->user = cause->handled.interrupted;
	return storage;
}

enum cause_class cause_class(const struct cause *cause)
{
	switch ((int)cause->kind) {
	case CAUSE_OOM:
		return CAUSE_CLASS_OOM;
	case CAUSE_FAULT:
	case CAUSE_ABORT:
	case CAUSE_SECCOMP:
		return CAUSE_CLASS_CRASHED;
	default:
		break;
	}
	if (cause->signal != 0)
		return CAUSE_CLASS_KILLED;
	return cause->exit_code != 0 ? CAUSE_CLASS_FAILED : CAUSE_CLASS_CLEAN;
}

const char *cause_class_word(enum cause_class class)
{
	static const char *const words[CAUSE_CLASSES] = {"OOM", "CRASHED", "KILLED", "FAILED",
							 "CLEAN"};

	return words[class];
}
