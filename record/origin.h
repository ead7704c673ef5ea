/* record/origin.h - who or what is behind a signal */
#ifndef RECORD_ORIGIN_H
#define RECORD_ORIGIN_H

#include "bpf/event.h"

/* The values of dz_signal.origin. */
enum origin {
	ORIGIN_PROCESS,
	ORIGIN_KERNEL,
	ORIGIN_FAULT,
	ORIGIN_TIMER,
	ORIGIN_TERMINAL,
	ORIGIN_OUT_OF_MEMORY,
	ORIGIN_SECCOMP,
	ORIGIN_PARENT_DEATH,
	ORIGIN_PIPE,
	ORIGIN_CHILD,
	ORIGIN_RESOURCE_LIMIT,
	ORIGIN_INPUT_OUTPUT,
	ORIGIN_PID_NAMESPACE,
	ORIGIN_CGROUP_KILL,
};

enum origin origin_of(const struct event_signal *event);

#endif
