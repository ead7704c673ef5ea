/* analyze/command/export_groups.c - which files are one trace, and which child reads it */
#include "analyze/command/export_groups.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyze/fold/byte_set.h"
#include "base/array.h"
#include <dz/file_header.h>

/* What files of one trace have in common. */
struct group_key {
	uint8_t boot_id[16];
	uint64_t file; /* its number plus 1, if the boot is unknown; otherwise 0 */
};

/* Reads the key of a file, and its size. */
static struct group_key read_key(int fd, size_t number, uint64_t *ret_size_bytes)
{
	struct group_key key = {.file = number + 1};
	uint8_t bytes[DZ_FILE_HEADER_BYTES];
	struct dz_file_header header;
	struct stat info;

	*ret_size_bytes = fd >= 0 && fstat(fd, &info) == 0 ? (uint64_t)info.st_size : 0;
	if (fd >= 0 && pread(fd, bytes, sizeof(bytes), 0) == (ssize_t)sizeof(bytes) &&
	    dz_file_header_decode(bytes, &header) == DZ_OK) {
		memcpy(key.boot_id, header.boot_id, sizeof(key.boot_id));
		key.file = 0;
	}
	return key;
}

/* Returns a group, after adding empty ones up to it. NULL on allocation failure. */
static struct export_group *group_at(struct export_groups *groups, size_t number)
{
	struct export_group *grown;

	if (number < groups->count)
		return &groups->groups[number];
	grown = array_grow(groups->groups, &groups->capacity, number + 1, sizeof(*grown),
			   ARRAY_NO_LIMIT);
	if (!grown)
		return NULL;
	groups->groups = grown;
	for (; groups->count <= number; groups->count++)
		grown[groups->count] = (struct export_group){.files = NULL};
	return &grown[number];
}

static bool add_file(struct export_groups *groups, size_t number, size_t file, uint64_t size_bytes)
{
	struct export_group *group = group_at(groups, number);
	size_t *files;

	if (!group)
		return false;
	files = array_grow(group->files, &group->capacity, group->count + 1, sizeof(*files),
			   ARRAY_NO_LIMIT);
	if (!files)
		return false;
	group->files = files;
	files[group->count++] = file;
	group->size_bytes += size_bytes;
	return true;
}

static bool read_files(struct export_groups *groups, struct operands *operands,
		       struct byte_set *keys)
{
	for (size_t i = 0; i < groups->inputs->count; i++) {
		bool is_kept = groups->inputs->fds[i] >= 0;
		int fd = is_kept ? groups->inputs->fds[i] : operands_open(operands, i);
		uint64_t size_bytes;
		struct group_key key = read_key(fd, i, &size_bytes);
		uint32_t group;

		if (!is_kept && fd >= 0)
			close(fd);
		if (!byte_set_add(keys, &key, sizeof(key), &group) ||
		    !add_file(groups, group, i, size_bytes))
			return false;
	}
	return true;
}

static void share_out(struct export_groups *groups, struct operands *operands, size_t jobs)
{
	uint64_t total = 0, before = 0;

	for (size_t i = 0; i < groups->count; i++)
		total += groups->groups[i].size_bytes;
	for (size_t i = 0; i < groups->count; i++) {
		double place = total > 0 ? (double)before / (double)total : 0;

		groups->groups[i].worker = (size_t)(place * (double)jobs);
		groups->groups[i].operands = operands;
		before += groups->groups[i].size_bytes;
		if (groups->groups[i].worker >= jobs)
			groups->groups[i].worker = jobs > 0 ? jobs - 1 : 0;
	}
}

bool export_groups_find(const struct export_inputs *inputs, struct operands *operands, size_t jobs,
			struct export_groups *ret_groups)
{
	struct byte_set keys = {0};
	bool ok = true;

	*ret_groups = (struct export_groups){.inputs = inputs};
	for (size_t i = 0; jobs == 0 && ok && i < inputs->count; i++)
		ok = add_file(ret_groups, 0, i, 0);
	if (jobs > 0)
		ok = read_files(ret_groups, operands, &keys);
	byte_set_release(&keys);
	share_out(ret_groups, operands, jobs);
	return ok;
}

static int open_file(void *context, size_t number)
{
	const struct export_group *group = context;

	return operands_open(group->operands, group->files[number]);
}

struct trace *export_groups_trace(struct export_groups *groups, size_t number)
{
	struct export_group *group = &groups->groups[number];
	struct trace *trace;

	if (!trace_new(&trace))
		return NULL;
	trace_set_opener(trace, open_file, group);
	for (size_t i = 0; i < group->count; i++) {
		size_t file = group->files[i];

		if (!trace_add(trace, groups->inputs->paths[file], groups->inputs->fds[file])) {
			trace_free(trace);
			return NULL;
		}
	}
	return trace;
}

void export_groups_release(struct export_groups *groups)
{
	for (size_t i = 0; i < groups->count; i++)
		free(groups->groups[i].files);
	free(groups->groups);
}
