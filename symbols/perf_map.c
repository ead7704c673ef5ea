/* symbols/perf_map.c - /tmp/perf-PID.map: the functions of a just-in-time compiler */
#include "symbols/perf_map.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/search.h"
#include "symbols/lines.h"
#include "symbols/safe_open.h"

/* Entries that a lookup tries, for code that starts earlier and covers the address. */
#define COVERING_MAX 64u

struct inner_pid {
	pid_t pid;
};

/* "NSpid:\t20 3": the last number is the innermost. */
static enum symbols_status take_inner_pid(void *context, char *line)
{
	struct inner_pid *inner = context;
	const char *last = strrchr(line, '\t');

	if (strncmp(line, "NSpid:", 6) == 0 && last)
		inner->pid = (pid_t)strtol(last + 1, NULL, 10);
	return SYMBOLS_OK;
}

static pid_t find_inner_pid(int process_fd, pid_t pid)
{
	struct inner_pid inner = {.pid = pid};
	const struct lines_handler handler = {.handle = take_inner_pid, .context = &inner};
	int fd = openat(process_fd, "status", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return pid;
	if (lines_read(fd, 65536, &handler) != SYMBOLS_OK || inner.pid <= 0)
		inner.pid = pid;
	close(fd);
	return inner.pid;
}

static enum symbols_status open_in_root(int process_fd, pid_t inner_pid, int *ret_fd)
{
	char name[sizeof("/tmp/perf-.map") + 12];
	enum symbols_status status;
	struct stat process;
	int root;

	if (fstat(process_fd, &process) != 0)
		return SYMBOLS_NOT_FOUND;
	root = openat(process_fd, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return SYMBOLS_NOT_FOUND;
	snprintf(name, sizeof(name), "/tmp/perf-%d.map", (int)inner_pid);
	status = safe_open_owned_below(root, name, process.st_uid, ret_fd);
	close(root);
	return status;
}

enum symbols_status perf_map_open(pid_t pid, int *ret_fd)
{
	char name[sizeof("/proc/") + 12];
	enum symbols_status status;
	int process;

	snprintf(name, sizeof(name), "/proc/%d", (int)pid);
	process = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (process < 0)
		return SYMBOLS_NOT_FOUND;
	status = open_in_root(process, find_inner_pid(process, pid), ret_fd);
	close(process);
	return status;
}

struct reader {
	struct perf_map map;
	struct string_pool pool;
	size_t capacity;
};

static enum symbols_status append(struct reader *reader, const struct perf_map_entry *entry)
{
	struct perf_map *map = &reader->map;
	struct perf_map_entry *grown = array_grow(map->entries, &reader->capacity, map->count + 1,
						  sizeof(*grown), PERF_MAP_ENTRIES_MAX);

	if (!grown)
		return map->count >= PERF_MAP_ENTRIES_MAX ? SYMBOLS_LIMIT : SYMBOLS_NO_MEMORY;
	map->entries = grown;
	map->entries[map->count++] = *entry;
	return SYMBOLS_OK;
}

static bool take_hexadecimal(char **at, uint64_t *ret_value)
{
	char *stop;

	errno = 0;
	*ret_value = strtoull(*at, &stop, 16);
	if (errno != 0 || stop == *at || *stop != ' ')
		return false;
	*at = stop + 1;
	return true;
}

static enum symbols_status take_line(void *context, char *line)
{
	struct reader *reader = context;
	struct perf_map_entry entry = {.order = (uint32_t)reader->map.count};
	enum symbols_status status;
	uint64_t size;
	char *at = line;

	if (!take_hexadecimal(&at, &entry.start) || !take_hexadecimal(&at, &size))
		return SYMBOLS_OK;
	if (size == 0 || size > UINT32_MAX || entry.start + size < entry.start || at[0] == '\0')
		return SYMBOLS_OK;
	entry.size_bytes = (uint32_t)size;
	status = string_pool_add(&reader->pool, at, strnlen(at, FUNCTION_NAME_MAX_BYTES),
				 &entry.name);
	return status == SYMBOLS_OK ? append(reader, &entry) : status;
}

static int compare_entries(const void *left, const void *right)
{
	const struct perf_map_entry *a = left;
	const struct perf_map_entry *b = right;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return (a->order > b->order) - (a->order < b->order);
}

enum symbols_status perf_map_read(int fd, struct perf_map *ret_map)
{
	struct reader reader = {.pool = string_pool_empty(PERF_MAP_NAMES_MAX_BYTES)};
	const struct lines_handler handler = {.handle = take_line, .context = &reader};
	enum symbols_status status = lines_read(fd, PERF_MAP_FILE_MAX_BYTES, &handler);

	if (status == SYMBOLS_OK && reader.map.count == 0)
		status = SYMBOLS_NOT_FOUND;
	reader.map.names = string_pool_take(&reader.pool, &reader.map.names_bytes);
	if (status != SYMBOLS_OK) {
		perf_map_release(&reader.map);
		return status;
	}
	qsort(reader.map.entries, reader.map.count, sizeof(reader.map.entries[0]), compare_entries);
	*ret_map = reader.map;
	return SYMBOLS_OK;
}

void perf_map_release(struct perf_map *map)
{
	free(map->entries);
	free(map->names);
	*map = (struct perf_map){.count = 0};
}

size_t perf_map_memory_bytes(const struct perf_map *map)
{
	return map->count * sizeof(map->entries[0]) + map->names_bytes;
}

static bool starts_before(const void *table, size_t index, uint64_t address)
{
	const struct perf_map_entry *entries = table;

	return entries[index].start <= address;
}

bool perf_map_find(const struct perf_map *map, uint64_t address, struct function *ret_function)
{
	const struct perf_map_entry *newest = NULL;
	size_t at = search_lower_bound(map->entries, map->count, address, starts_before);

	for (size_t tried = 0; at > 0 && tried < COVERING_MAX; tried++) {
		const struct perf_map_entry *entry = &map->entries[--at];

		if (address - entry->start < entry->size_bytes &&
		    (!newest || entry->order > newest->order))
			newest = entry;
	}
	if (!newest)
		return false;
	ret_function->name = map->names + newest->name;
	ret_function->offset_bytes = address - newest->start;
	return true;
}
