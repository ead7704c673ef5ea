/* record/convert/cgroup_paths.h - paths of control groups, from BPF programs */
#ifndef RECORD_CONVERT_CGROUP_PATHS_H
#define RECORD_CONVERT_CGROUP_PATHS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/problem.h"
#include "bpf/event.h"
#include <dz/writer.h>

struct cgroups;

/* Returns NULL on allocation failure. */
struct cgroups *cgroups_new(void);

/* Makes all references invalid, as there is a new generation; the paths stay. */
void cgroups_forget(struct cgroups *cgroups);

/* Stores the path of a group. Returns false if the record breaks the protocol. On allocation
 * failure the group is not stored, which is no error. */
bool cgroups_learn(struct cgroups *cgroups, const struct event_cgroup *record, size_t size);

/* Returns the reference of the path of a group in the writer's current generation; 0 if it is
 * unknown, or was replaced by another group. */
uint32_t cgroups_intern(struct cgroups *cgroups, struct dz_writer *writer, uint64_t id,
			uint32_t hierarchy);

/* Returns the path of a group, valid until the next cgroups_learn(); NULL if it is unknown, or was
 * replaced by another group. */
const char *cgroups_path(struct cgroups *cgroups, uint64_t id, uint32_t hierarchy);

/* Also frees the paths. NULL is allowed. */
void cgroups_free(struct cgroups *cgroups);

/* Writes the path of a group, such as "/a/b", to `path` of `capacity` bytes. `names` are its names,
 * innermost first, each with its NUL. With is_truncated, outer names are missing, and the path
 * starts with "/...". Returns false, with `path` undefined, if the names are invalid or do not fit.
 */
bool cgroup_path(const char *names, size_t names_bytes, bool is_truncated, char *path,
		 size_t capacity);

#endif
