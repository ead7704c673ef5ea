/* record/kernel/memory_limit.c - the memory limit of the control groups of this process */
#include "record/kernel/memory_limit.h"

#include <fcntl.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/line_reader.h"

/* In version 1, a number near the largest signed integer means no limit. */
#define NO_LIMIT_BYTES (UINT64_C(1) << 62)

#define GROUP_LINE_MAX (PATH_MAX + 256u)

/* The two versions: how to recognize a mount, and the file that sets the limit of a group. */
static const struct version {
	const char *type;
	const char *option; /* of the mount; NULL: any */
	const char *file;
} versions[] = {
	{"cgroup2", NULL, "memory.max"},
	{"cgroup", "memory", "memory.limit_in_bytes"},
};

#define VERSION_COUNT (sizeof(versions) / sizeof(versions[0]))

static const struct version *version_of(const struct mntent *mount)
{
	for (size_t i = 0; i < VERSION_COUNT; i++) {
		if (strcmp(mount->mnt_type, versions[i].type) == 0 &&
		    (!versions[i].option || hasmntopt(mount, versions[i].option)))
			return &versions[i];
	}
	return NULL;
}

/* Returns whether the controllers of a line such as "4:cpu,memory:/a", or "0::/a" in version 2,
 * belong to this version. */
static bool is_of(const char *controllers, const struct version *version)
{
	size_t length = version->option ? strlen(version->option) : 0;

	if (!version->option)
		return *controllers == '\0';
	while (*controllers) {
		size_t name = strcspn(controllers, ",");

		if (name == length && strncmp(controllers, version->option, length) == 0)
			return true;
		controllers += name + (controllers[name] == ',');
	}
	return false;
}

/* Finds the path of the group. Returns false if there is none. */
static bool find_group(const char *groups, const struct version *version, char path[PATH_MAX])
{
	const struct line_limits limits = {.line_bytes = GROUP_LINE_MAX};
	int fd = open(groups, O_RDONLY | O_CLOEXEC);
	struct line_reader reader;
	struct line line;
	bool found = false;

	if (fd < 0)
		return false;
	if (line_reader_open(&reader, fd, &limits) != LINE_OK) {
		(void)close(fd);
		return false;
	}
	while (!found && line_reader_next(&reader, &line) == LINE_OK) {
		char *controllers = strchr(line.text, ':');
		char *group = controllers ? strchr(controllers + 1, ':') : NULL;

		if (!group || strlen(group + 1) >= PATH_MAX)
			continue;
		*group = '\0';
		found = is_of(controllers + 1, version);
		if (found)
			memcpy(path, group + 1, strlen(group + 1) + 1);
	}
	line_reader_close(&reader);
	(void)close(fd);
	return found;
}

static void take_limit(const char *name, struct memory_limit *lowest)
{
	FILE *file = fopen(name, "re");
	char text[32] = "";
	char *end = text;
	uint64_t bytes = 0;

	if (file && fgets(text, sizeof(text), file))
		bytes = strtoull(text, &end, 10);
	if (file)
		(void)fclose(file);
	/* "max" and an empty file have no digits. */
	if (end == text || bytes >= NO_LIMIT_BYTES || bytes >= lowest->bytes)
		return;
	lowest->bytes = bytes;
	(void)snprintf(lowest->file, sizeof(lowest->file), "%s", name);
}

/* Reads the limits of the group and of its ancestors. */
static void take_limits(const struct mntent *mount, const struct version *version, char *group,
			struct memory_limit *lowest)
{
	char name[PATH_MAX];
	char *slash;

	if (strcmp(group, "/") == 0)
		*group = '\0';
	do {
		if (snprintf(name, sizeof(name), "%s%s/%s", mount->mnt_dir, group, version->file) <
		    (int)sizeof(name))
			take_limit(name, lowest);
		slash = strrchr(group, '/');
		if (slash)
			*slash = '\0';
	} while (slash);
}

bool memory_limit_find(const struct memory_limit_sources *sources, struct memory_limit *ret_limit)
{
	struct memory_limit lowest = {.bytes = UINT64_MAX};
	FILE *mounts = setmntent(sources->mounts, "re");
	const struct mntent *mount;
	char group[PATH_MAX];

	while (mounts && (mount = getmntent(mounts))) {
		const struct version *version = version_of(mount);

		if (version && find_group(sources->groups, version, group))
			take_limits(mount, version, group, &lowest);
	}
	if (mounts)
		(void)endmntent(mounts);
	if (lowest.bytes == UINT64_MAX)
		return false;
	*ret_limit = lowest;
	return true;
}
