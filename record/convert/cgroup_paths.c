/* record/convert/cgroup_paths.c - paths of control groups */
#include "record/convert/cgroup_paths.h"

#include <stdlib.h>
#include <string.h>

/* On machines that create many containers, only the latest groups are kept. A group can be in any
 * entry of its set: the BPF programs do not send the names of one again that has lost its place. */
#define CGROUPS_CACHED 8192u
#define CGROUPS_WAYS   8u

struct cached_cgroup {
	uint64_t id; /* 0: empty entry */
	uint32_t hierarchy;
	uint32_t reference; /* 0: not interned yet */
	uint64_t used;      /* number of its last use; 0: empty entry */
	char *path;
};

struct cgroups {
	struct cached_cgroup entries[CGROUPS_CACHED];
	uint64_t uses;
};

struct cgroups *cgroups_new(void)
{
	return calloc(1, sizeof(struct cgroups));
}

void cgroups_forget(struct cgroups *cgroups)
{
	for (size_t i = 0; i < CGROUPS_CACHED; i++)
		cgroups->entries[i].reference = 0;
}

/* Returns the first entry of the set of a group. */
static struct cached_cgroup *cgroups_set(struct cgroups *cgroups, uint64_t id, uint32_t hierarchy)
{
	uint64_t hash = (id ^ (uint64_t)hierarchy << 32) * 0x9e3779b97f4a7c15u;

	return &cgroups->entries[(size_t)(hash >> 32) % (CGROUPS_CACHED / CGROUPS_WAYS) *
				 CGROUPS_WAYS];
}

/* Returns the entry of a group; NULL if it has none. */
static struct cached_cgroup *cgroups_find(struct cgroups *cgroups, uint64_t id, uint32_t hierarchy)
{
	struct cached_cgroup *set = cgroups_set(cgroups, id, hierarchy);

	for (size_t i = 0; i < CGROUPS_WAYS; i++) {
		if (set[i].used && set[i].id == id && set[i].hierarchy == hierarchy) {
			set[i].used = ++cgroups->uses;
			return &set[i];
		}
	}
	return NULL;
}

/* Returns the entry of its set for a new group: an empty one, else that which was used least
 * recently. */
static struct cached_cgroup *cgroups_place(struct cgroups *cgroups, uint64_t id, uint32_t hierarchy)
{
	struct cached_cgroup *set = cgroups_set(cgroups, id, hierarchy), *oldest = set;

	for (size_t i = 1; i < CGROUPS_WAYS; i++) {
		if (set[i].used < oldest->used)
			oldest = &set[i];
	}
	return oldest;
}

bool cgroup_path(const char *names, size_t names_bytes, bool is_truncated, char *path,
		 size_t capacity)
{
	size_t end = names_bytes, used = 0;

	if (capacity < sizeof("/..."))
		return false;
	if (names_bytes && names[names_bytes - 1] != '\0')
		return false;
	if (is_truncated || names_bytes == 0)
		used = (size_t)(stpcpy(path, is_truncated ? "/..." : "/") - path);
	while (end > 0) {
		size_t start = end - 1;

		while (start > 0 && names[start - 1] != '\0')
			start--;
		if (used + 1 + (end - start) > capacity)
			return false;
		path[used++] = '/';
		memcpy(path + used, names + start, end - start);
		used += end - start - 1;
		end = start;
	}
	return true;
}

bool cgroups_learn(struct cgroups *cgroups, const struct event_cgroup *record, size_t size)
{
	const size_t fixed = sizeof(*record) - sizeof(record->names);
	struct cached_cgroup *entry;
	char path[EVENT_CGROUP_NAMES_MAX + sizeof("/...")];
	char *copy;

	if (size < fixed || record->names_bytes > size - fixed || record->id == 0)
		return false;
	if (!cgroup_path(record->names, record->names_bytes, record->is_truncated, path,
			 sizeof(path)))
		return false;
	copy = strdup(path);
	if (!copy)
		return true; /* the group has no name then */
	entry = cgroups_find(cgroups, record->id, record->hierarchy);
	if (!entry)
		entry = cgroups_place(cgroups, record->id, record->hierarchy);
	free(entry->path);
	*entry = (struct cached_cgroup){.id = record->id,
					.hierarchy = record->hierarchy,
					.used = ++cgroups->uses,
					.path = copy};
	return true;
}

uint32_t cgroups_intern(struct cgroups *cgroups, struct dz_writer *writer, uint64_t id,
			uint32_t hierarchy)
{
	struct cached_cgroup *entry = cgroups_find(cgroups, id, hierarchy);

	if (!entry)
		return 0;
	if (entry->reference == 0)
		entry->reference = dz_writer_text(writer, entry->path);
	return entry->reference;
}

const char *cgroups_path(struct cgroups *cgroups, uint64_t id, uint32_t hierarchy)
{
	const struct cached_cgroup *entry = cgroups_find(cgroups, id, hierarchy);

	return entry ? entry->path : NULL;
}

void cgroups_free(struct cgroups *cgroups)
{
	if (!cgroups)
		return;
	for (size_t i = 0; i < CGROUPS_CACHED; i++)
		free(cgroups->entries[i].path);
	free(cgroups);
}
