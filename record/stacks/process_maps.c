/* record/stacks/process_maps.c - mappings of every process, as of the last applied change */
#include "record/stacks/process_maps.h"

#include <stdlib.h>

#include "record/stacks/user_use.h"

#define BUCKETS 4096u /* a power of two */

#define FORGOTTEN_MAX 1024u

/* Part of the processes that is forgotten at once. */
#define BATCH_PART 64u

/* A process starts shortly before its fork is recorded; /proc has a precision of 10 ms. */
#define BIRTH_EARLY_MAX_NS UINT64_C(20000000)
#define BIRTH_LATE_MAX_NS  UINT64_C(1000000000)

struct process {
	uint32_t pid;
	uint32_t threads;
	uint64_t birth_ns;         /* 0: not known */
	uint64_t valid_from_ns;    /* earlier changes are ignored */
	uint64_t complete_from_ns; /* when all mappings were known; 0: never */
	struct file_user user;
	bool leader_ended;
	bool is_partial;         /* it was forgotten, and maps more since then */
	struct mapping_set *set; /* NULL: nothing is mapped */
	struct process *next_in_bucket;
	struct process *newer; /* list by last change */
	struct process *older;
};

struct process_maps {
	struct process_maps_limits limits;
	struct process_maps_statistics statistics;
	struct mapping_account account;
	uint64_t missed_until_ns;          /* changes before may be missing; 0: none are */
	uint32_t forgotten[FORGOTTEN_MAX]; /* processes that were evicted last; 0: none */
	struct process *newest;
	struct process *oldest;
	struct process *buckets[BUCKETS];
};

enum symbols_status process_maps_new(const struct process_maps_limits *limits,
				     struct process_maps **ret_maps)
{
	struct process_maps *maps = calloc(1, sizeof(*maps));

	if (!maps)
		return SYMBOLS_NO_MEMORY;
	maps->limits = *limits;
	atomic_init(&maps->account.bytes, 0);
	atomic_init(&maps->account.versions, 0);
	*ret_maps = maps;
	return SYMBOLS_OK;
}

static struct process **bucket_of(struct process_maps *maps, uint32_t pid)
{
	return &maps->buckets[pid & (BUCKETS - 1)];
}

static struct process *find(struct process_maps *maps, uint32_t pid)
{
	struct process *process = *bucket_of(maps, pid);

	while (process && process->pid != pid)
		process = process->next_in_bucket;
	return process;
}

static void unlink_changed(struct process_maps *maps, struct process *process)
{
	*(process->newer ? &process->newer->older : &maps->newest) = process->older;
	*(process->older ? &process->older->newer : &maps->oldest) = process->newer;
	process->newer = process->older = NULL;
}

static void link_newest(struct process_maps *maps, struct process *process)
{
	process->older = maps->newest;
	*(maps->newest ? &maps->newest->newer : &maps->oldest) = process;
	maps->newest = process;
}

static void remove_process(struct process_maps *maps, struct process *process)
{
	struct process **at = bucket_of(maps, process->pid);

	while (*at != process)
		at = &(*at)->next_in_bucket;
	*at = process->next_in_bucket;
	unlink_changed(maps, process);
	mapping_set_release(process->set);
	maps->statistics.processes--;
	free(process);
}

void process_maps_free(struct process_maps *maps)
{
	if (!maps)
		return;
	while (maps->oldest)
		remove_process(maps, maps->oldest);
	free(maps);
}

static void evict(struct process_maps *maps, struct process *process)
{
	maps->forgotten[maps->statistics.evicted++ % FORGOTTEN_MAX] = process->pid;
	remove_process(maps, process);
}

static size_t bytes_of(const struct process *process)
{
	return process->set ? process->set->charged_bytes : 0;
}

/* A set that forked processes share counts as a part of each. */
static uint64_t share_of(const struct process *process)
{
	return process->set ? process->set->charged_bytes /
				      atomic_load_explicit(&process->set->references,
							   memory_order_relaxed)
			    : 0;
}

static uint64_t one_of(const struct process *process)
{
	(void)process;
	return 1;
}

/* Returns the user with the most. The process that changed last is needed next, and never goes. */
static struct file_user find_largest_user(const struct process_maps *maps,
					  uint64_t (*measure)(const struct process *))
{
	struct user_use sums = {.half_life_ns = 0};

	for (const struct process *process = maps->oldest; process != maps->newest;
	     process = process->newer)
		user_use_add(&sums, &process->user, measure(process), 0);
	return user_use_largest(&sums);
}

static struct process *find_largest(const struct process_maps *maps, const struct file_user *user)
{
	struct process *largest = NULL;

	for (struct process *process = maps->oldest; process != maps->newest;
	     process = process->newer)
		if (user_use_is_same(&process->user, user) &&
		    (!largest || bytes_of(process) > bytes_of(largest)))
			largest = process;
	return largest;
}

/* Forgets the processes that share the largest set of the user with the most. Returns false if
 * there is none but the newest. */
static bool evict_largest(struct process_maps *maps)
{
	const struct file_user user = find_largest_user(maps, share_of);
	const struct process *largest = find_largest(maps, &user);
	const struct mapping_set *set;
	struct process *newer;

	if (!largest || !largest->set)
		return false;
	set = largest->set;
	for (struct process *process = maps->oldest; process != maps->newest; process = newer) {
		newer = process->newer;
		if (process->set == set)
			evict(maps, process);
	}
	return true;
}

/* Forgets the processes of the user with the most of them that changed least recently: several, as
 * it takes a look at all. */
static void evict_oldest(struct process_maps *maps)
{
	const struct file_user user = find_largest_user(maps, one_of);
	size_t left = maps->limits.processes / BATCH_PART + 1;
	struct process *newer;

	for (struct process *process = maps->oldest; process != maps->newest && left > 0;
	     process = newer) {
		newer = process->newer;
		if (!user_use_is_same(&process->user, &user))
			continue;
		evict(maps, process);
		left--;
	}
}

static void keep_limits(struct process_maps *maps)
{
	while (maps->oldest != maps->newest && maps->statistics.processes > maps->limits.processes)
		evict_oldest(maps);
	while (atomic_load(&maps->account.bytes) > maps->limits.memory_bytes && evict_largest(maps))
		;
}

static bool is_forgotten(const struct process_maps *maps, uint32_t pid)
{
	for (size_t i = 0; i < FORGOTTEN_MAX && i < maps->statistics.evicted; i++)
		if (maps->forgotten[i] == pid)
			return true;
	return false;
}

/* Returns the process with this ID, a new and empty one if there was none. NULL on allocation
 * failure. */
static struct process *find_or_add(struct process_maps *maps, uint32_t pid)
{
	struct process *process = find(maps, pid);
	struct process **bucket = bucket_of(maps, pid);

	if (process) {
		unlink_changed(maps, process);
		link_newest(maps, process);
		return process;
	}
	process = calloc(1, sizeof(*process));
	if (!process) {
		maps->statistics.failed++;
		return NULL;
	}
	process->pid = pid;
	process->user.uid = FILE_USER_UNKNOWN;
	process->is_partial = is_forgotten(maps, pid);
	process->threads = 1;
	process->next_in_bucket = *bucket;
	*bucket = process;
	link_newest(maps, process);
	maps->statistics.processes++;
	return process;
}

static void apply_mapped(struct process_maps *maps, const struct map_change *change)
{
	struct process *process = find_or_add(maps, change->pid);
	const struct mapping *mapping = &change->mapping;
	enum symbols_status status;

	if (!process || change->time_ns < process->valid_from_ns)
		return;
	status = mapping_set_own(&process->set, (pid_t)change->pid, &maps->account);
	if (status == SYMBOLS_OK && change->executable)
		status = mappings_add(&process->set->mappings, mapping);
	else if (status == SYMBOLS_OK)
		status = mappings_remove(&process->set->mappings, mapping->start, mapping->end);
	if (status != SYMBOLS_OK)
		maps->statistics.failed++;
	if (process->set)
		mapping_set_changed(process->set);
}

static void apply_executed(struct process_maps *maps, const struct map_change *change)
{
	struct process *process = find_or_add(maps, change->pid);

	if (!process || change->time_ns < process->valid_from_ns)
		return;
	mapping_set_release(process->set);
	process->set = NULL;
	process->threads = 1;
	process->leader_ended = false;
	process->is_partial = false;
	process->complete_from_ns = change->time_ns;
}

static void apply_new_thread(struct process_maps *maps, const struct map_change *change)
{
	struct process *process = find(maps, change->pid);

	if (process && change->time_ns >= process->valid_from_ns)
		process->threads++;
}

static void apply_forked(struct process_maps *maps, const struct map_change *change)
{
	struct process *parent, *child;

	if (change->parent_pid == change->pid) {
		apply_new_thread(maps, change);
		return;
	}
	child = find(maps, change->pid);
	if (child && change->time_ns < child->valid_from_ns)
		return;
	if (child)
		remove_process(maps, child);
	child = find_or_add(maps, change->pid);
	if (!child)
		return;
	child->birth_ns = change->time_ns;
	child->is_partial = false;
	parent = find(maps, change->parent_pid);
	if (parent) {
		child->set = mapping_set_reference(parent->set);
		child->complete_from_ns = parent->complete_from_ns;
		child->user = parent->user;
		child->is_partial = parent->is_partial;
	}
}

static void apply_ended(struct process_maps *maps, const struct map_change *change)
{
	struct process *process = find(maps, change->pid);

	if (!process || change->time_ns < process->valid_from_ns)
		return;
	process->threads -= process->threads > 0;
	if (change->tid == change->pid)
		process->leader_ended = true;
	if (process->threads == 0)
		remove_process(maps, process);
}

static void apply_missed(struct process_maps *maps, const struct map_change *change)
{
	if (change->until_ns > maps->missed_until_ns)
		maps->missed_until_ns = change->until_ns;
}

void process_maps_apply(struct process_maps *maps, const struct map_change *change)
{
	switch (change->kind) {
	case PERF_RECORD_MAPPED:
		apply_mapped(maps, change);
		break;
	case PERF_RECORD_EXECUTED:
		apply_executed(maps, change);
		break;
	case PERF_RECORD_FORKED:
		apply_forked(maps, change);
		break;
	case PERF_RECORD_ENDED:
		apply_ended(maps, change);
		break;
	case PERF_RECORD_MISSED:
		apply_missed(maps, change);
		break;
	case PERF_RECORD_OTHER_KIND:
		break;
	}
	keep_limits(maps);
}

void process_maps_add(struct process_maps *maps, const struct process_found *found)
{
	struct process *process = find_or_add(maps, found->pid);

	if (!process) {
		mapping_set_release(found->set);
		return;
	}
	mapping_set_release(process->set);
	process->set = found->set;
	process->threads = found->threads;
	process->birth_ns = found->start_ns;
	process->user = found->user;
	process->valid_from_ns = process->complete_from_ns = found->time_ns;
	process->leader_ended = process->is_partial = false;
	keep_limits(maps);
}

void process_maps_set_user(struct process_maps *maps, uint32_t pid, const struct file_user *user)
{
	struct process *process = find(maps, pid);

	if (process)
		process->user = *user;
}

struct file_user process_maps_user(struct process_maps *maps, uint32_t pid)
{
	const struct process *process = find(maps, pid);

	return process ? process->user : (struct file_user){.uid = FILE_USER_UNKNOWN};
}

struct mapping_account *process_maps_account(struct process_maps *maps)
{
	return &maps->account;
}

static bool is_process_of(const struct process *process, uint64_t start_ns)
{
	return process->birth_ns == 0 || (process->birth_ns + BIRTH_EARLY_MAX_NS >= start_ns &&
					  process->birth_ns <= start_ns + BIRTH_LATE_MAX_NS);
}

struct mapping_set *process_maps_snapshot(struct process_maps *maps, uint32_t pid,
					  uint64_t start_ns)
{
	struct process *process = find(maps, pid);

	if (!process || !is_process_of(process, start_ns) ||
	    process->complete_from_ns < maps->missed_until_ns || process->is_partial)
		return NULL;
	return mapping_set_reference(process->set);
}

void process_maps_sweep(struct process_maps *maps, bool (*is_gone)(uint32_t pid))
{
	struct process *newer;

	for (struct process *process = maps->oldest; process; process = newer) {
		newer = process->newer;
		if (process->leader_ended && is_gone(process->pid))
			remove_process(maps, process);
	}
}

void process_maps_get_statistics(const struct process_maps *maps,
				 struct process_maps_statistics *ret_statistics)
{
	*ret_statistics = maps->statistics;
	ret_statistics->memory_bytes = atomic_load(&maps->account.bytes);
}
