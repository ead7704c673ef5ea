/* analyze/trace/container.h - container, pod and unit that the path of a control group names */
#ifndef ANALYZE_TRACE_CONTAINER_H
#define ANALYZE_TRACE_CONTAINER_H

#include <stdbool.h>

#include "analyze/trace/trace.h"

/* Digits of the id of a container, and of its short form. */
#define CONTAINER_ID_DIGITS    64u
#define CONTAINER_SHORT_DIGITS 12u

/* Size of a buffer for the uid of a pod, with its NUL. */
#define CONTAINER_POD_MAX 40u

/* Texts are parts of the path; size 0: none. */
struct container {
	struct trace_text id;        /* 64 hexadecimal digits */
	const char *runtime;         /* docker, containerd, cri-o, podman; static; NULL: unknown */
	char pod[CONTAINER_POD_MAX]; /* uid of a pod of Kubernetes; empty: none */
	struct trace_text unit;      /* innermost service or scope of systemd, not of a container */
};

/*
 * Finds what a path names. The id is the last part of the path that is 64 hexadecimal digits, bare
 * or as docker-ID.scope, cri-containerd-ID.scope, crio-ID.scope or libpod-ID.scope. Borrows the
 * path.
 */
struct container container_find(struct trace_text cgroup);

/* Returns whether `text` can be the start of an id of a container: 8 to 64 hexadecimal digits in
 * lower case. */
bool container_is_id(const char *text);

/* Returns whether a path names a container whose id starts with `id`, for which container_is_id()
 * returned true. */
bool container_has_id(struct trace_text cgroup, const char *id);

#endif
