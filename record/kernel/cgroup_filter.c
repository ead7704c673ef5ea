/* record/kernel/cgroup_filter.c - the control group of --cgroup */
#include "record/kernel/cgroup_filter.h"

#include <bpf/btf.h>
#include <errno.h>
#include <limits.h>
#include <linux/magic.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "bpf/event.h"

/* Finds the number of a controller, such as memory, in the running kernel. Returns false if it has
 * none. */
static bool cgroup_filter_controller(const char *name, uint32_t *ret_number)
{
	struct btf *btf = btf__load_vmlinux_btf();
	const struct btf_type *type;
	char constant[64];
	bool found = false;
	int id;

	if (!btf)
		return false;
	/* The kernel calls the controller of block devices io. */
	(void)snprintf(constant, sizeof(constant), "%s_cgrp_id",
		       strcmp(name, "blkio") == 0 ? "io" : name);
	id = btf__find_by_name_kind(btf, "cgroup_subsys_id", BTF_KIND_ENUM);
	type = id > 0 ? btf__type_by_id(btf, (uint32_t)id) : NULL;
	for (uint16_t i = 0; type && i < btf_vlen(type) && !found; i++) {
		const struct btf_enum *value = &btf_enum(type)[i];
		const char *text = btf__name_by_offset(btf, value->name_off);

		found = text && strcmp(text, constant) == 0;
		if (found)
			*ret_number = (uint32_t)value->val;
	}
	btf__free(btf);
	return found;
}

/* Finds the hierarchy of a mount. If several controllers are mounted together, any of them will do.
 */
static bool cgroup_filter_tree(const struct mntent *mount, uint32_t *ret_tree)
{
	char options[256];
	char *rest = options, *option;
	uint32_t number;

	if (strcmp(mount->mnt_type, "cgroup2") == 0) {
		*ret_tree = FILTER_CGROUP_DEFAULT;
		return true;
	}
	if (strcmp(mount->mnt_type, "cgroup") != 0 || strlen(mount->mnt_opts) >= sizeof(options))
		return false;
	memcpy(options, mount->mnt_opts, strlen(mount->mnt_opts) + 1);
	while ((option = strsep(&rest, ","))) {
		if (cgroup_filter_controller(option, &number)) {
			*ret_tree = FILTER_CGROUP_V1 + number;
			return true;
		}
	}
	return false;
}

/* Whether `path` is `directory` or something below it. */
static bool cgroup_filter_is_below(const char *path, const char *directory)
{
	size_t length = strlen(directory);

	return strncmp(path, directory, length) == 0 &&
	       (path[length] == '/' || path[length] == '\0');
}

struct cgroup_search {
	const char *path;
	struct cgroup_filter filter;
	bool found;
};

static void cgroup_filter_try(struct cgroup_search *search, const struct mntent *mount)
{
	char joined[sizeof(search->filter.directory)];
	struct stat directory;
	uint32_t tree;

	if (!cgroup_filter_tree(mount, &tree))
		return;
	if (cgroup_filter_is_below(search->path, mount->mnt_dir))
		(void)snprintf(joined, sizeof(joined), "%s", search->path);
	else if (snprintf(joined, sizeof(joined), "%s/%s", mount->mnt_dir, search->path) >=
		 (int)sizeof(joined))
		return;
	if (stat(joined, &directory) != 0 || !S_ISDIR(directory.st_mode))
		return;
	/* The default hierarchy takes precedence. */
	if (search->found && tree != FILTER_CGROUP_DEFAULT)
		return;
	search->filter.tree = tree;
	search->filter.id = directory.st_ino;
	memcpy(search->filter.directory, joined, sizeof(joined));
	search->found = true;
}

bool cgroup_filter_resolve(const char *path, struct cgroup_filter *ret_filter,
			   struct problem *ret_problem)
{
	struct cgroup_search search = {.path = path};
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	const struct mntent *mount;

	if (!mounts)
		return problem_set(ret_problem, "/proc/self/mounts: cannot open: %s",
				   strerror(errno));
	while ((mount = getmntent(mounts)))
		cgroup_filter_try(&search, mount);
	(void)endmntent(mounts);
	if (!search.found)
		return problem_set(
			ret_problem,
			"%s: no such control group: give its directory, or its path as in "
			"/proc/PID/cgroup",
			path);
	*ret_filter = search.filter;
	return true;
}

enum cgroup_change cgroup_filter_follow(struct cgroup_filter *filter)
{
	const uint64_t before = filter->id;
	struct stat directory;

	if (stat(filter->directory, &directory) == 0)
		filter->id = directory.st_ino;
	else if (errno == ENOENT)
		filter->id = 0;
	if (filter->id == before)
		return CGROUP_SAME;
	return filter->id ? CGROUP_NEW : CGROUP_GONE;
}
