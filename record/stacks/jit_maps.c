/* record/stacks/jit_maps.c - the perf maps of processes with generated code, opened in time */
#include "record/stacks/jit_maps.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "symbols/perf_map.h"

#define TRY_FIRST_NS UINT64_C(5000000)
#define TRY_LAST_NS  UINT64_C(20000000000)

/* Other threads can die after the first one, and their stacks need the map. */
#define KEPT_NS UINT64_C(5000000000)

struct entry {
	uint32_t pid;
	uint64_t since_ns;
	uint64_t until_ns;   /* 0: still alive */
	uint64_t try_ns;     /* not before this */
	uint64_t wait_ns;    /* after the next try; 0: not tried yet */
	struct jit_map *map; /* NULL: not opened yet */
};

struct jit_maps {
	struct entry entries[JIT_MAPS_MAX]; /* in the order in which they were noted */
	size_t count;
};

struct jit_map *jit_map_reference(struct jit_map *map)
{
	if (map)
		atomic_fetch_add_explicit(&map->references, 1, memory_order_relaxed);
	return map;
}

void jit_map_release(struct jit_map *map)
{
	if (!map || atomic_fetch_sub_explicit(&map->references, 1, memory_order_acq_rel) != 1)
		return;
	close(map->fd);
	free(map);
}

struct jit_maps *jit_maps_new(void)
{
	return calloc(1, sizeof(struct jit_maps));
}

static void remove_entry(struct jit_maps *maps, size_t index)
{
	jit_map_release(maps->entries[index].map);
	maps->count--;
	memmove(&maps->entries[index], &maps->entries[index + 1],
		(maps->count - index) * sizeof(maps->entries[0]));
}

void jit_maps_free(struct jit_maps *maps)
{
	if (!maps)
		return;
	while (maps->count > 0)
		remove_entry(maps, maps->count - 1);
	free(maps);
}

static struct entry *find_alive(struct jit_maps *maps, uint32_t pid)
{
	for (size_t i = maps->count; i-- > 0;)
		if (maps->entries[i].pid == pid && maps->entries[i].until_ns == 0)
			return &maps->entries[i];
	return NULL;
}

static void try_open(struct entry *entry, uint64_t now_ns)
{
	int fd;

	entry->wait_ns = entry->wait_ns ? entry->wait_ns * 2 : TRY_FIRST_NS;
	if (entry->wait_ns > TRY_LAST_NS)
		entry->wait_ns = TRY_LAST_NS;
	entry->try_ns = now_ns + entry->wait_ns;
	if (perf_map_open((pid_t)entry->pid, &fd) != SYMBOLS_OK)
		return;
	entry->map = malloc(sizeof(*entry->map));
	if (!entry->map) {
		close(fd);
		return;
	}
	atomic_init(&entry->map->references, 1);
	entry->map->fd = fd;
}

void jit_maps_note(struct jit_maps *maps, uint32_t pid, uint64_t time_ns)
{
	if (find_alive(maps, pid))
		return;
	if (maps->count == JIT_MAPS_MAX)
		remove_entry(maps, 0);
	maps->entries[maps->count++] = (struct entry){.pid = pid, .since_ns = time_ns};
}

void jit_maps_note_end(struct jit_maps *maps, uint32_t pid, uint64_t time_ns)
{
	struct entry *entry = find_alive(maps, pid);

	if (entry && time_ns >= entry->since_ns)
		entry->until_ns = time_ns;
}

void jit_maps_try(struct jit_maps *maps, uint64_t now_ns)
{
	for (size_t i = maps->count; i-- > 0;) {
		struct entry *entry = &maps->entries[i];

		if (entry->until_ns != 0) {
			if (now_ns > entry->until_ns + KEPT_NS)
				remove_entry(maps, i);
		} else if (!entry->map && now_ns >= entry->try_ns) {
			try_open(entry, now_ns);
		}
	}
}

struct jit_map *jit_maps_find(const struct jit_maps *maps, uint32_t pid, uint64_t time_ns)
{
	for (size_t i = maps->count; i-- > 0;) {
		const struct entry *entry = &maps->entries[i];

		if (entry->pid == pid && time_ns >= entry->since_ns &&
		    (entry->until_ns == 0 || time_ns <= entry->until_ns + KEPT_NS))
			return jit_map_reference(entry->map);
	}
	return NULL;
}
