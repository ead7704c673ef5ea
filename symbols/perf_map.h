/* symbols/perf_map.h - /tmp/perf-PID.map: names that a just-in-time compiler wrote for its code */
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
	uint32_t name;  /* where it starts in `names` */
	uint32_t order; /* in the file: code that came later lies over code that came before */
};

struct perf_map {
	struct perf_map_entry *entries; /* by start, then order */
	size_t count;
	char *names;
	size_t names_bytes;
};

/* Opens the map of a process that is still there, as the process itself would find it: below its
 * root directory and under its number in its own pid namespace. REFUSED if it is no regular file or
 * belongs to neither the process's user nor root: in /tmp anyone can leave one. The caller closes
 * *ret_fd. */
MUST_CHECK enum symbols_status perf_map_open(pid_t pid, int *ret_fd);

/* Reads "START SIZE NAME" lines; lines that make no sense are left out. LIMIT if the file is larger
 * than the limits. */
MUST_CHECK enum symbols_status perf_map_read(int fd, struct perf_map *ret_map);

/* A zeroed or released map may be released again. */
void perf_map_release(struct perf_map *map);

/* What the map takes of memory, itself left out. */
size_t perf_map_memory_bytes(const struct perf_map *map);

/* The newest code that covers `address`. */
MUST_CHECK bool perf_map_find(const struct perf_map *map, uint64_t address,
			      struct function *ret_function);

#endif
