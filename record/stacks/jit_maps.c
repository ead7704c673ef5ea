/* record/stacks/jit_maps.c - the perf maps of processes with generated code, opened in time */
#include "record/stacks/jit_maps.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "record/stacks/user_use.h"
#include "symbols/perf_map.h"

#define TRY_FIRST_NS UINT64_C(5000000)
#define TRY_LAST_NS  UINT64_C(20000000000)
/* A perf map that has not come after some waits of less can be opened later than that. */
#define TRY_OFTEN_NS UINT64_C(10000000000)

/* Other threads can die after the first one, and their stacks need the map. */
#define KEPT_NS UINT64_C(5000000000)

/* An attempt of the reader's thread to open a file. */
struct opening {
	atomic_uint references; /* of the entry and of the task */
	atomic_bool is_done;
	struct file_reader *reader;
	pid_t pid;
	struct jit_map *map; /* once it is done; NULL: there is none */
};

struct entry {
	uint32_t pid;
	struct file_user user;
	uint64_t since_ns;
	uint64_t until_ns;       /* 0: still alive */
	uint64_t try_ns;         /* not before this */
	uint64_t wait_ns;        /* after the next try; 0: not tried yet */
	struct jit_map *map;     /* NULL: not opened yet */
	struct opening *opening; /* under way; NULL: none */
};

struct jit_maps {
	struct file_reader *reader; /* borrowed; NULL: files are opened here */
	struct file_user (*user_of)(void *context, uint32_t pid);
	void *context;
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

static struct file_user read_user(void *context, uint32_t pid)
{
	(void)context;
	return file_reader_user_of((pid_t)pid);
}

struct jit_maps *jit_maps_new(void)
{
	struct jit_maps *maps = calloc(1, sizeof(*maps));

	if (maps)
		maps->user_of = read_user;
	return maps;
}

void jit_maps_use_users(struct jit_maps *maps,
			struct file_user (*user_of)(void *context, uint32_t pid), void *context)
{
	maps->user_of = user_of;
	maps->context = context;
}

void jit_maps_use_reader(struct jit_maps *maps, struct file_reader *reader)
{
	maps->reader = reader;
}

static void opening_release(struct opening *opening)
{
	if (!opening ||
	    atomic_fetch_sub_explicit(&opening->references, 1, memory_order_acq_rel) != 1)
		return;
	jit_map_release(opening->map);
	free(opening);
}

static void remove_entry(struct jit_maps *maps, size_t index)
{
	jit_map_release(maps->entries[index].map);
	opening_release(maps->entries[index].opening);
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

/* Takes ownership of the descriptor. Returns NULL on allocation failure. */
static struct jit_map *map_of(int fd, struct file_user user)
{
	struct jit_map *map = malloc(sizeof(*map));

	if (!map) {
		close(fd);
		return NULL;
	}
	atomic_init(&map->references, 1);
	map->fd = fd;
	map->user = user;
	return map;
}

static void run_opening(void *context, bool is_cancelled)
{
	struct opening *opening = context;
	int fd;

	if (!is_cancelled &&
	    file_reader_open_perf_map(opening->reader, opening->pid, &fd) == SYMBOLS_OK)
		opening->map = map_of(fd, file_reader_user_of(opening->pid));
	atomic_store(&opening->is_done, true);
	opening_release(opening);
}

static struct opening *open_later(struct file_reader *reader, pid_t pid)
{
	struct opening *opening = malloc(sizeof(*opening));

	if (!opening)
		return NULL;
	*opening = (struct opening){.reader = reader, .pid = pid};
	atomic_init(&opening->references, 2);
	atomic_init(&opening->is_done, false);
	if (file_reader_submit(reader, &(const struct file_task){run_opening, opening, true}))
		return opening;
	free(opening);
	return NULL;
}

static void take_opened(struct entry *entry)
{
	if (!entry->opening || !atomic_load(&entry->opening->is_done))
		return;
	entry->map = jit_map_reference(entry->opening->map);
	if (entry->map && entry->user.uid == FILE_USER_UNKNOWN)
		entry->user = entry->map->user;
	opening_release(entry->opening);
	entry->opening = NULL;
}

static void try_open(const struct jit_maps *maps, struct entry *entry, uint64_t now_ns)
{
	int fd;

	entry->wait_ns = entry->wait_ns ? entry->wait_ns * 2 : TRY_FIRST_NS;
	if (entry->wait_ns > TRY_LAST_NS)
		entry->wait_ns = TRY_LAST_NS;
	entry->try_ns = now_ns + entry->wait_ns;
	if (maps->reader)
		entry->opening = open_later(maps->reader, (pid_t)entry->pid);
	else if (perf_map_open((pid_t)entry->pid, &fd) == SYMBOLS_OK)
		entry->map = map_of(fd, file_reader_user_of((pid_t)entry->pid));
}

static size_t count_of(const struct jit_maps *maps, const struct file_user *user)
{
	size_t count = 0;

	for (size_t i = 0; i < maps->count; i++)
		count += user_use_is_same(&maps->entries[i].user, user);
	return count;
}

static struct file_user find_largest_user(const struct jit_maps *maps)
{
	struct user_use counts = {.half_life_ns = 0};

	for (size_t i = 0; i < maps->count; i++)
		user_use_add(&counts, &maps->entries[i].user, 1, 0);
	return user_use_largest(&counts);
}

/* The user of a process can become known after its memory. */
static void learn_users(struct jit_maps *maps)
{
	for (size_t i = 0; i < maps->count; i++) {
		struct entry *entry = &maps->entries[i];

		if (entry->user.uid == FILE_USER_UNKNOWN && entry->until_ns == 0)
			entry->user = maps->user_of(maps->context, entry->pid);
	}
}

static void remove_oldest(struct jit_maps *maps, const struct file_user *user)
{
	size_t i = 0;

	while (i < maps->count && !user_use_is_same(&maps->entries[i].user, user))
		i++;
	if (i < maps->count)
		remove_entry(maps, i);
}

static void make_room(struct jit_maps *maps, const struct file_user *user)
{
	struct file_user other;

	if (maps->count < JIT_MAPS_USER_MAX)
		return;
	learn_users(maps);
	if (count_of(maps, user) >= JIT_MAPS_USER_MAX)
		remove_oldest(maps, user);
	if (maps->count < JIT_MAPS_MAX)
		return;
	other = find_largest_user(maps);
	remove_oldest(maps, &other);
}

void jit_maps_note(struct jit_maps *maps, uint32_t pid, uint64_t time_ns)
{
	struct file_user user;

	if (find_alive(maps, pid))
		return;
	user = maps->user_of(maps->context, pid);
	make_room(maps, &user);
	maps->entries[maps->count++] =
		(struct entry){.pid = pid, .user = user, .since_ns = time_ns};
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

		take_opened(entry);
		if (entry->until_ns != 0) {
			if (now_ns > entry->until_ns + KEPT_NS)
				remove_entry(maps, i);
		} else if (!entry->map && !entry->opening && now_ns >= entry->try_ns) {
			try_open(maps, entry, now_ns);
		}
	}
}

bool jit_maps_are_opening(const struct jit_maps *maps)
{
	for (size_t i = 0; i < maps->count; i++) {
		const struct entry *entry = &maps->entries[i];

		if (entry->opening ||
		    (entry->until_ns == 0 && !entry->map && entry->wait_ns < TRY_OFTEN_NS))
			return true;
	}
	return false;
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
