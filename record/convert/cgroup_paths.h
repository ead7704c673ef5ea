/* record/convert/cgroup_paths.h - paths of control groups, as the kernel side tells them */
#ifndef RECORD_CONVERT_CGROUP_PATHS_H
#define RECORD_CONVERT_CGROUP_PATHS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/problem.h"
#include "bpf/event.h"
#include <dz/writer.h>

struct cgroups;

/* NULL without memory. */
struct cgroups *cgroups_new(void);

/* The references given out so far have become stale; the paths stay. */
void cgroups_forget(struct cgroups *cgroups);

/* Learns the name of a group. False if the record is not sound; without memory the group is not
 * learnt, which is no error. */
bool cgroups_learn(struct cgroups *cgroups, const struct event_cgroup *record, size_t size);

/* The reference of the path of a group in the writer's current generation; 0 if it has not been
 * learnt, or another group has taken its place since. */
uint32_t cgroups_intern(struct cgroups *cgroups, struct dz_writer *writer, uint64_t id,
			uint32_t hierarchy);

/* Frees the paths, too. NULL is allowed. */
void cgroups_free(struct cgroups *cgroups);

/*
 * Writes the path of a group, "/a/b", to `path` of `capacity` bytes, from its names, innermost
 * first, each with its NUL. `cut` says that outer ones are missing: "/.../a/b". False, with `path`
 * undefined, if the names are not sound or do not fit.
 */
bool cgroup_path(const char *names, size_t names_bytes, bool cut, char *path, size_t capacity);

#endif
