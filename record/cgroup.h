/* record/cgroup.h - paths of control groups, as the kernel side tells them */
#ifndef RECORD_CGROUP_H
#define RECORD_CGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/event.h"
#include "format/writer.h"
#include "record/problem.h"

struct cgroups;

/* NULL without memory. */
struct cgroups *cgroups_new(void);

/* The references given out so far have become stale; the paths stay. */
void cgroups_forget(struct cgroups *cgroups);

/* Learns the name of a group. False if the record is not sound. */
bool cgroups_learn(struct cgroups *cgroups, const struct event_cgroup *record, size_t size);

/* The reference of the path of a group; 0 if it has not been learnt. */
uint32_t cgroups_intern(struct cgroups *cgroups, struct dz_writer *writer, uint64_t id,
			uint32_t hierarchy);

void cgroups_free(struct cgroups *cgroups);

/*
 * Writes the path of a group, "/a/b", to `path` of `capacity` bytes, from its names, innermost
 * first, each with its NUL. False if the names are not sound or do not fit.
 */
bool cgroup_path(const char *names, size_t names_bytes, bool cut, char *path, size_t capacity);

#endif
