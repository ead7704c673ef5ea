/* symbols/perf_map.h - /tmp/perf-PID.map: the functions of a just-in-time compiler */
#ifndef SYMBOLS_PERF_MAP_H
#define SYMBOLS_PERF_MAP_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "symbols/function_table.h"
#include "symbols/status.h"

#define PERF_MAP_FILE_MAX_BYTES  (32u << 20)
#define PERF_MAP_ENTRIES_MAX     100000u
#define PERF_MAP_NAMES_MAX_BYTES (6u << 20)

struct perf_map_entry {
	uint64_t start;
	uint32_t size_bytes;
	uint32_t name;  /* offset in `names` */
	uint32_t order; /* in the file: later code replaces earlier code at the same address */
};

struct perf_map {
	struct perf_map_entry *entries; /* by start, then order */
	size_t count;
	char *names;
	size_t names_bytes;
};

/* Opens the map of a running process, below its root directory and with the pid in its own pid
 * namespace. The caller closes *ret_fd. Returns NOT_FOUND, IO, or REFUSED if it is not a regular
 * file, or owned by neither the process's user nor root: any user can create files in /tmp. */
MUST_CHECK enum symbols_status perf_map_open(pid_t pid, int *ret_fd);

/* Reads "START SIZE NAME" lines and skips invalid ones; the caller must call perf_map_release().
 * Returns NOT_FOUND if there is no valid line, LIMIT if the file exceeds a limit, IO or NO_MEMORY.
 */
MUST_CHECK enum symbols_status perf_map_read(int fd, struct perf_map *ret_map);

/* Frees the memory and zeroes the map, which may be zeroed already. */
void perf_map_release(struct perf_map *map);

/* Bytes of memory that the map holds, without the structure itself. */
size_t perf_map_memory_bytes(const struct perf_map *map);

/* Finds the newest entry that covers `address`. The name lives as long as the map. Returns false if
 * there is none. */
MUST_CHECK bool perf_map_find(const struct perf_map *map, uint64_t address,
			      struct function *ret_function);

#endif
