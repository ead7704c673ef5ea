/* record/stacks/mmap_tracker.c - tracks the mappings of every process, from perf records and /proc
 */
#include "record/stacks/mmap_tracker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "base/array.h"
#include "record/common/clock.h"
#include "record/privilege/cpu_hotplug.h"
#include "record/stacks/jit_maps.h"
#include "record/stacks/maps_reader.h"
#include "record/stacks/perf_ring.h"
#include "record/stacks/proc_scan.h"
#include "record/stacks/process_scan.h"

#define RESCAN_RETRY_NS UINT64_C(10000000000)

/* Changes that are kept while mappings are read, because they may have to be applied again: those
 * of the processes that are read, and of what they fork. */
#define APPLIED_MAX 65536u

/* A power of two: bits for process IDs. */
#define AWAITED_BITS 8192u

/* Processes whose changes are applied again: one, and those that it has forked meanwhile. */
#define FAMILY_MAX 64u

#define READ_MAX 16u

/* A change that is not applied yet. */
struct pending {
	struct map_change change;
	uint64_t sequence; /* keeps changes of the same time in the order in which they were read */
};

struct mmap_tracker {
	struct perf_ring *rings; /* by CPU; zeroed for a CPU that was offline */
	uint32_t *arrivals;      /* cpu_hotplug_arrivals() when the ring was opened */
	size_t ring_count;
	size_t ring_bytes;
	int descriptor;
	struct mapped_file_cache *files;
	struct process_maps *maps;
	struct jit_maps *jit_maps;
	struct maps_reader *maps_reader; /* NULL: mappings are read here */
	struct process_scan *scan;
	struct mapping_set *read[READ_MAX]; /* as mmap_tracker_request() asked for */
	size_t read_count;
	struct pending *applied; /* while mappings are read; in the order in which they were */
	size_t applied_count;
	size_t applied_capacity;
	/* Processes whose changes are kept, by a bit that others can share; and those that were
	 * being read when the bits were set. */
	uint64_t awaited[AWAITED_BITS / 64];
	uint32_t awaited_pids[MAPS_READER_MAX];
	size_t awaited_pid_count;
	uint64_t forgot_ns;      /* when applied changes were forgotten; 0: never */
	struct pending *pending; /* by time, unless is_unsorted */
	size_t pending_count;
	size_t pending_capacity;
	bool is_unsorted; /* changes were added since the last sort */
	uint64_t sequence;
	uint64_t rescan_after_ns; /* 0: no record was missed since the last scan */
	bool has_missed;          /* ever; the kernel reports the number later */
	uint64_t seen_evicted;
	uint64_t scanned_ns;
	int64_t realtime_offset_ns; /* Unix time - CLOCK_BOOTTIME */
	uint64_t now_ns;            /* start of the current read */
	uint64_t seen_changes;      /* by mmap_tracker_is_quiet() */
	struct mmap_tracker_statistics statistics;
};

static enum symbols_status open_ring(struct mmap_tracker *tracker, int cpu,
				     struct cpu_hotplug *hotplug)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)cpu};
	struct perf_ring *ring = &tracker->rings[cpu];
	enum symbols_status status = perf_ring_open(cpu, tracker->ring_bytes, hotplug, ring);

	if (status == SYMBOLS_IO && errno == ENODEV)
		return SYMBOLS_OK;
	if (status != SYMBOLS_OK)
		return status;
	return epoll_ctl(tracker->descriptor, EPOLL_CTL_ADD, ring->fd, &event) == 0 ? SYMBOLS_OK
										    : SYMBOLS_IO;
}

static enum symbols_status open_rings(struct mmap_tracker *tracker)
{
	long cpus = sysconf(_SC_NPROCESSORS_CONF);
	enum symbols_status status = SYMBOLS_OK;

	tracker->ring_count = cpus > 0 ? (size_t)cpus : 1;
	tracker->rings = calloc(tracker->ring_count, sizeof(tracker->rings[0]));
	tracker->arrivals = calloc(tracker->ring_count, sizeof(tracker->arrivals[0]));
	if (!tracker->rings || !tracker->arrivals)
		return SYMBOLS_NO_MEMORY;
	tracker->descriptor = epoll_create1(EPOLL_CLOEXEC);
	if (tracker->descriptor < 0)
		return SYMBOLS_IO;
	for (size_t i = 0; i < tracker->ring_count && status == SYMBOLS_OK; i++)
		status = open_ring(tracker, (int)i, NULL);
	return status;
}

static struct file_user user_of(void *context, uint32_t pid)
{
	const struct mmap_tracker *tracker = context;

	return process_maps_user(tracker->maps, pid);
}

enum symbols_status mmap_tracker_open(const struct mmap_tracker_options *options,
				      struct mmap_tracker **ret_tracker)
{
	struct mmap_tracker *tracker = calloc(1, sizeof(*tracker));
	enum symbols_status status;
	int saved_errno;

	if (!tracker)
		return SYMBOLS_NO_MEMORY;
	tracker->descriptor = -1;
	tracker->ring_bytes = options->ring_bytes;
	status = mapped_file_cache_new(options->open_files_max, &tracker->files);
	if (status == SYMBOLS_OK)
		status = process_maps_new(&options->limits, &tracker->maps);
	tracker->jit_maps = jit_maps_new();
	if (status == SYMBOLS_OK && !tracker->jit_maps)
		status = SYMBOLS_NO_MEMORY;
	if (status == SYMBOLS_OK)
		jit_maps_use_users(tracker->jit_maps, user_of, tracker);
	if (status == SYMBOLS_OK)
		status = open_rings(tracker);
	if (status == SYMBOLS_OK) {
		*ret_tracker = tracker;
		return SYMBOLS_OK;
	}
	saved_errno = errno;
	mmap_tracker_close(tracker);
	errno = saved_errno;
	return status;
}

static void forget_applied(struct mmap_tracker *tracker, size_t count)
{
	for (size_t i = 0; i < count; i++)
		mapped_file_release(tracker->applied[i].change.mapping.file);
	tracker->applied_count -= count;
	if (tracker->applied)
		memmove(tracker->applied, tracker->applied + count,
			tracker->applied_count * sizeof(tracker->applied[0]));
}

static void release_pending(struct mmap_tracker *tracker, size_t count)
{
	for (size_t i = 0; i < count; i++)
		mapped_file_release(tracker->pending[i].change.mapping.file);
	tracker->pending_count -= count;
	memmove(tracker->pending, tracker->pending + count,
		tracker->pending_count * sizeof(tracker->pending[0]));
}

void mmap_tracker_close(struct mmap_tracker *tracker)
{
	if (!tracker)
		return;
	for (size_t i = 0; tracker->rings && i < tracker->ring_count; i++)
		perf_ring_close(&tracker->rings[i]);
	if (tracker->descriptor >= 0)
		close(tracker->descriptor);
	if (tracker->pending)
		release_pending(tracker, tracker->pending_count);
	forget_applied(tracker, tracker->applied_count);
	while (tracker->read_count > 0)
		mapping_set_release(tracker->read[--tracker->read_count]);
	process_scan_free(tracker->scan);
	maps_reader_free(tracker->maps_reader);
	process_maps_free(tracker->maps);
	jit_maps_free(tracker->jit_maps);
	mapped_file_cache_free(tracker->files);
	free(tracker->applied);
	free(tracker->pending);
	free(tracker->rings);
	free(tracker->arrivals);
	free(tracker);
}

static bool watch_reader(const struct mmap_tracker *tracker)
{
	struct epoll_event event = {.events = EPOLLIN};

	return epoll_ctl(tracker->descriptor, EPOLL_CTL_ADD,
			 maps_reader_descriptor(tracker->maps_reader), &event) == 0;
}

enum symbols_status mmap_tracker_use_reader(struct mmap_tracker *tracker,
					    struct file_reader *reader)
{
	tracker->maps_reader = maps_reader_new(reader, process_maps_account(tracker->maps));
	if (!tracker->maps_reader)
		return SYMBOLS_NO_MEMORY;
	tracker->scan = process_scan_new(tracker->maps_reader);
	if (!tracker->scan)
		return SYMBOLS_NO_MEMORY;
	mapped_file_cache_use_reader(tracker->files, reader);
	jit_maps_use_reader(tracker->jit_maps, reader);
	return watch_reader(tracker) ? SYMBOLS_OK : SYMBOLS_IO;
}

int mmap_tracker_descriptor(const struct mmap_tracker *tracker)
{
	return tracker->descriptor;
}

struct mapped_file_cache *mmap_tracker_files(struct mmap_tracker *tracker)
{
	return tracker->files;
}

static bool can_be_generated(const struct mapping *mapping)
{
	return mapping->kind == MAPPING_ANONYMOUS || mapping->kind == MAPPING_MEMFD;
}

static bool has_generated_code(const struct mapping_set *set)
{
	for (size_t i = 0; set && i < set->mappings.count; i++)
		if (can_be_generated(&set->mappings.entries[i]))
			return true;
	return false;
}

static bool is_of_family(const uint32_t *family, size_t count, uint32_t pid)
{
	for (size_t i = 0; i < count; i++)
		if (family[i] == pid)
			return true;
	return false;
}

/* Applies again what was applied since the mappings of a process were read. */
static void apply_again(struct mmap_tracker *tracker, const struct process_found *found)
{
	uint32_t family[FAMILY_MAX] = {found->pid};
	size_t count = 1;

	for (size_t i = 0; i < tracker->applied_count; i++) {
		const struct map_change *change = &tracker->applied[i].change;
		const bool is_child = change->kind == PERF_RECORD_FORKED &&
				      change->parent_pid != change->pid &&
				      is_of_family(family, count, change->parent_pid);

		if (change->time_ns < found->time_ns)
			continue;
		if (is_child && count < FAMILY_MAX && !is_of_family(family, count, change->pid))
			family[count++] = change->pid;
		if (is_of_family(family, count, change->pid))
			process_maps_apply(tracker->maps, change);
	}
}

static void add_found(struct mmap_tracker *tracker, const struct process_found *found)
{
	if (has_generated_code(found->set))
		jit_maps_note(tracker->jit_maps, found->pid, found->start_ns);
	process_maps_add(tracker->maps, found);
	apply_again(tracker, found);
	tracker->statistics.scanned++;
}

/* As soon as scans may take so much CPU time. */
static void rescan_later(struct mmap_tracker *tracker)
{
	tracker->rescan_after_ns = tracker->scanned_ns;
}

static void keep_read(struct mmap_tracker *tracker, struct mapping_set *set)
{
	if (tracker->read_count < READ_MAX)
		tracker->read[tracker->read_count++] = set;
	else
		mapping_set_release(set);
}

static void take_result(struct mmap_tracker *tracker, struct maps_result *result)
{
	struct process_found *found = &result->found;
	const bool is_early = result->request.is_urgent;

	if (!is_early)
		process_scan_note(tracker->scan, result);
	if (result->status != SYMBOLS_OK)
		return;
	if (!is_early && result->requested_ns <= tracker->forgot_ns) {
		mapping_set_release(found->set);
		process_scan_again(tracker->scan, found->pid);
		return;
	}
	proc_scan_intern(&found->set->mappings, tracker->files, found->time_ns);
	mapping_set_changed(found->set);
	if (is_early)
		keep_read(tracker, found->set);
	else
		add_found(tracker, found);
}

static void take_results(struct mmap_tracker *tracker)
{
	struct maps_result result;

	while (tracker->maps_reader && maps_reader_take(tracker->maps_reader, &result))
		take_result(tracker, &result);
}

static bool is_scanning(const struct mmap_tracker *tracker)
{
	return tracker->scan && process_scan_is_under_way(tracker->scan);
}

void mmap_tracker_scan(struct mmap_tracker *tracker)
{
	tracker->rescan_after_ns = 0;
	tracker->scanned_ns = clock_boottime_ns();
	if (!tracker->scan)
		return;
	if (process_scan_begin(tracker->scan, tracker->scanned_ns))
		process_scan_continue(tracker->scan);
	else
		tracker->rescan_after_ns = tracker->scanned_ns + RESCAN_RETRY_NS;
}

void mmap_tracker_await_scan(struct mmap_tracker *tracker, uint64_t wait_ns)
{
	const uint64_t end_ns = clock_boottime_ns() + wait_ns;
	uint64_t now_ns = clock_boottime_ns();

	while (is_scanning(tracker) && now_ns < end_ns) {
		maps_reader_wait(tracker->maps_reader, end_ns - now_ns);
		take_results(tracker);
		process_scan_continue(tracker->scan);
		mmap_tracker_read(tracker);
		now_ns = clock_boottime_ns();
	}
}

static struct map_change *add_pending(struct mmap_tracker *tracker)
{
	struct pending *grown =
		array_grow(tracker->pending, &tracker->pending_capacity, tracker->pending_count + 1,
			   sizeof(*grown), ARRAY_NO_LIMIT);
	struct pending *added;

	if (!grown)
		return NULL;
	tracker->pending = grown;
	tracker->is_unsorted = true;
	added = &grown[tracker->pending_count++];
	*added = (struct pending){.sequence = tracker->sequence++};
	return &added->change;
}

/* On allocation failure the change is applied at once instead of at its time. */
static void note_missed(struct mmap_tracker *tracker, uint64_t since_ns, uint64_t until_ns)
{
	const struct map_change missed = {
		.time_ns = since_ns,
		.until_ns = until_ns,
		.kind = PERF_RECORD_MISSED,
	};
	struct map_change *change = add_pending(tracker);

	tracker->has_missed = true;
	if (change)
		*change = missed;
	else
		process_maps_apply(tracker->maps, &missed);
	rescan_later(tracker);
}

static void remove_deleted_suffix(char *path)
{
	static const char suffix[] = " (deleted)";
	size_t length = strlen(path);

	if (length >= sizeof(suffix) - 1 &&
	    strcmp(path + length - (sizeof(suffix) - 1), suffix) == 0)
		path[length - (sizeof(suffix) - 1)] = '\0';
}

static struct mapped_file *intern_file(struct mmap_tracker *tracker,
				       const struct perf_record *record)
{
	char path[MAPPINGS_PATH_MAX_BYTES + 1];
	struct file_sighting sighting = {
		.pid = (pid_t)record->pid,
		.start = record->start,
		.end = record->end,
		.identity = &record->identity,
		.path = path,
		.seen_ns = (int64_t)record->time_ns + tracker->realtime_offset_ns,
		.now_ns = tracker->now_ns,
		.is_new = true,
	};

	path[MAPPINGS_PATH_MAX_BYTES] = '\0';
	strncpy(path, record->path, MAPPINGS_PATH_MAX_BYTES);
	remove_deleted_suffix(path);
	return mapped_file_cache_intern(tracker->files, &sighting);
}

static void fill_mapping(struct mmap_tracker *tracker, const struct perf_record *record,
			 struct map_change *change)
{
	change->executable = record->executable;
	change->mapping = (struct mapping){
		.start = record->start,
		.end = record->end,
		.file_offset = record->file_offset,
		.kind = mapping_kind_of(record->path),
	};
	if (!record->executable || !mapping_has_file(&change->mapping))
		return;
	change->mapping.file = intern_file(tracker, record);
	if (!change->mapping.file)
		change->mapping.kind = MAPPING_ANONYMOUS;
}

/* Generated code ends when its process executes another program, or ends. */
static void note_generated_code(struct mmap_tracker *tracker, const struct map_change *change)
{
	if (change->kind == PERF_RECORD_MAPPED && change->executable &&
	    can_be_generated(&change->mapping))
		jit_maps_note(tracker->jit_maps, change->pid, change->time_ns);
	if (change->kind == PERF_RECORD_EXECUTED ||
	    (change->kind == PERF_RECORD_ENDED && change->tid == change->pid))
		jit_maps_note_end(tracker->jit_maps, change->pid, change->time_ns);
}

static void take_record(void *context, const struct perf_record *record)
{
	struct mmap_tracker *tracker = context;
	struct map_change *change;

	if (record->kind == PERF_RECORD_OTHER_KIND)
		return;
	if (record->kind == PERF_RECORD_MISSED) {
		tracker->statistics.missed += record->missed;
		note_missed(tracker, record->after_ns, record->time_ns);
		return;
	}
	/* A process that has no number in the namespace of this one. */
	if (record->pid == 0 || record->pid == UINT32_MAX)
		return;
	change = add_pending(tracker);
	if (!change) {
		tracker->statistics.missed++;
		note_missed(tracker, record->time_ns, record->time_ns + 1);
		return;
	}
	tracker->statistics.changes++;
	change->time_ns = record->time_ns;
	change->kind = record->kind;
	change->pid = record->pid;
	change->tid = record->tid;
	change->parent_pid = record->parent_pid;
	if (record->kind == PERF_RECORD_MAPPED)
		fill_mapping(tracker, record, change);
	note_generated_code(tracker, change);
}

static void drain_ring(struct mmap_tracker *tracker, struct perf_ring *ring)
{
	bool was_full = perf_ring_is_full(ring);

	/* An invalid ring is skipped, so its records are missed too. */
	if (!perf_ring_drain(ring, take_record, tracker) || was_full)
		note_missed(tracker, ring->last_ns, clock_boottime_ns());
}

void mmap_tracker_read(struct mmap_tracker *tracker)
{
	struct clock_reading now = clock_read();

	tracker->now_ns = now.boottime_ns;
	tracker->realtime_offset_ns = (int64_t)(now.realtime_ns - now.boottime_ns);
	for (size_t i = 0; i < tracker->ring_count; i++) {
		if (tracker->rings[i].control)
			drain_ring(tracker, &tracker->rings[i]);
	}
	jit_maps_try(tracker->jit_maps, tracker->now_ns);
	take_results(tracker);
}

/* Reads the rest of the old ring, and opens a new one if the CPU has come online again. */
static bool follow_cpu(struct mmap_tracker *tracker, size_t cpu, struct cpu_hotplug *hotplug)
{
	uint32_t arrivals = cpu_hotplug_arrivals(hotplug, (int)cpu);
	struct perf_ring *ring = &tracker->rings[cpu];

	if (arrivals == tracker->arrivals[cpu])
		return false;
	if (ring->control)
		drain_ring(tracker, ring);
	perf_ring_close(ring);
	if (open_ring(tracker, (int)cpu, hotplug) == SYMBOLS_OK && ring->control)
		tracker->arrivals[cpu] = arrivals;
	return true;
}

void mmap_tracker_follow_cpus(struct mmap_tracker *tracker, struct cpu_hotplug *hotplug)
{
	bool any = false;

	for (size_t cpu = 0; cpu < tracker->ring_count; cpu++)
		any = follow_cpu(tracker, cpu, hotplug) || any;
	/* Finds what was mapped there until now. */
	if (any)
		mmap_tracker_scan(tracker);
}

static int compare_pending(const void *left, const void *right)
{
	const struct pending *a = left;
	const struct pending *b = right;

	if (a->change.time_ns != b->change.time_ns)
		return a->change.time_ns < b->change.time_ns ? -1 : 1;
	return a->sequence < b->sequence ? -1 : a->sequence > b->sequence;
}

static bool is_awaited(const struct mmap_tracker *tracker, uint32_t pid)
{
	const uint32_t bit = pid % AWAITED_BITS;

	return tracker->awaited[bit / 64] >> (bit % 64) & 1;
}

static void await(struct mmap_tracker *tracker, uint32_t pid)
{
	const uint32_t bit = pid % AWAITED_BITS;

	tracker->awaited[bit / 64] |= UINT64_C(1) << (bit % 64);
}

static void await_child(struct mmap_tracker *tracker, const struct map_change *change)
{
	if (change->kind == PERF_RECORD_FORKED && is_awaited(tracker, change->parent_pid))
		await(tracker, change->pid);
}

/* Sets the bits anew if other processes are being read: not for each of many stacks that settle
 * meanwhile. */
static void await_all(struct mmap_tracker *tracker)
{
	uint32_t pids[MAPS_READER_MAX];
	const size_t count = maps_reader_pids(tracker->maps_reader, pids);

	if (count == tracker->awaited_pid_count &&
	    memcmp(pids, tracker->awaited_pids, count * sizeof(pids[0])) == 0)
		return;
	memcpy(tracker->awaited_pids, pids, count * sizeof(pids[0]));
	tracker->awaited_pid_count = count;
	memset(tracker->awaited, 0, sizeof(tracker->awaited));
	for (size_t i = 0; i < count; i++)
		await(tracker, pids[i]);
	for (size_t i = 0; i < tracker->applied_count; i++)
		await_child(tracker, &tracker->applied[i].change);
}

/* Removes changes of processes whose mappings are not being read from those that were applied, and
 * returns how many are left. */
static size_t remove_not_awaited(struct mmap_tracker *tracker, size_t count)
{
	size_t kept = 0;

	await_all(tracker);
	for (size_t i = 0; i < count; i++) {
		await_child(tracker, &tracker->pending[i].change);
		if (is_awaited(tracker, tracker->pending[i].change.pid))
			tracker->pending[kept++] = tracker->pending[i];
		else
			mapped_file_release(tracker->pending[i].change.mapping.file);
	}
	tracker->pending_count -= count - kept;
	memmove(tracker->pending + kept, tracker->pending + count,
		(tracker->pending_count - kept) * sizeof(tracker->pending[0]));
	return kept;
}

/* Moves changes that were applied to those that may have to be applied again. Returns false if
 * there are too many of them, or on allocation failure. */
static bool keep_applied(struct mmap_tracker *tracker, size_t count)
{
	struct pending *grown =
		array_grow(tracker->applied, &tracker->applied_capacity,
			   tracker->applied_count + count, sizeof(*grown), APPLIED_MAX);

	if (!grown)
		return false;
	tracker->applied = grown;
	memcpy(grown + tracker->applied_count, tracker->pending, count * sizeof(*grown));
	tracker->applied_count += count;
	tracker->pending_count -= count;
	memmove(tracker->pending, tracker->pending + count,
		tracker->pending_count * sizeof(tracker->pending[0]));
	return true;
}

/* Those from before the oldest request are not needed any more. */
static void forget_old(struct mmap_tracker *tracker, uint64_t since_ns)
{
	size_t count = 0;

	while (count < tracker->applied_count && tracker->applied[count].change.time_ns < since_ns)
		count++;
	if (count > 0)
		forget_applied(tracker, count);
}

static void end_applied(struct mmap_tracker *tracker, size_t count)
{
	const uint64_t since_ns =
		tracker->maps_reader ? maps_reader_since_ns(tracker->maps_reader) : UINT64_MAX;

	forget_old(tracker, since_ns);
	if (count > 0 && since_ns != UINT64_MAX)
		count = remove_not_awaited(tracker, count);
	if (count == 0 || (since_ns != UINT64_MAX && keep_applied(tracker, count)))
		return;
	if (since_ns != UINT64_MAX) {
		forget_applied(tracker, tracker->applied_count);
		tracker->forgot_ns = clock_boottime_ns();
	}
	release_pending(tracker, count);
}

void mmap_tracker_advance(struct mmap_tracker *tracker, uint64_t until_ns)
{
	size_t count = 0;

	if (tracker->is_unsorted)
		qsort(tracker->pending, tracker->pending_count, sizeof(tracker->pending[0]),
		      compare_pending);
	tracker->is_unsorted = false;
	while (count < tracker->pending_count && tracker->pending[count].change.time_ns <= until_ns)
		process_maps_apply(tracker->maps, &tracker->pending[count++].change);
	end_applied(tracker, count);
}

struct mapping_set *mmap_tracker_snapshot(struct mmap_tracker *tracker, uint32_t pid,
					  uint64_t start_ns)
{
	return process_maps_snapshot(tracker->maps, pid, start_ns);
}

void mmap_tracker_set_user(struct mmap_tracker *tracker, uint32_t pid, const struct file_user *user)
{
	process_maps_set_user(tracker->maps, pid, user);
}

bool mmap_tracker_has_missed(const struct mmap_tracker *tracker)
{
	return tracker->has_missed;
}

struct jit_map *mmap_tracker_jit_map(const struct mmap_tracker *tracker,
				     const struct mapping_set *set, uint64_t time_ns)
{
	if (!has_generated_code(set))
		return NULL;
	return jit_maps_find(tracker->jit_maps, (uint32_t)set->mappings.pid, time_ns);
}

struct mapping_set *mmap_tracker_own_file(struct mmap_tracker *tracker, uint64_t address)
{
	struct mapping_account *account = process_maps_account(tracker->maps);
	struct mapping_set *set = mapping_set_new(getpid(), account);
	const struct mapping *mapping = NULL;
	struct process_found found;

	if (proc_scan_process((uint32_t)getpid(), tracker->files, account, &found) == SYMBOLS_OK) {
		mapping = mappings_find(&found.set->mappings, address);
		if (!set || !mapping || mappings_add(&set->mappings, mapping) != SYMBOLS_OK)
			mapping = NULL;
		mapping_set_release(found.set);
	}
	if (mapping)
		return set;
	mapping_set_release(set);
	return NULL;
}

void mmap_tracker_request(struct mmap_tracker *tracker, uint32_t pid)
{
	const struct maps_request request = {.pid = pid, .is_urgent = true};

	if (tracker->maps_reader)
		(void)maps_reader_request(tracker->maps_reader, &request);
}

struct mapping_set *mmap_tracker_take_requested(struct mmap_tracker *tracker)
{
	return tracker->read_count > 0 ? tracker->read[--tracker->read_count] : NULL;
}

void mmap_tracker_rescan(struct mmap_tracker *tracker, uint64_t now_ns)
{
	struct process_maps_statistics statistics;
	uint64_t after_ns;

	if (is_scanning(tracker)) {
		process_scan_continue(tracker->scan);
		return;
	}
	process_maps_get_statistics(tracker->maps, &statistics);
	/* What was forgotten is read anew. */
	if (statistics.evicted != tracker->seen_evicted && tracker->rescan_after_ns == 0)
		rescan_later(tracker);
	tracker->seen_evicted = statistics.evicted;
	after_ns = tracker->rescan_after_ns;
	if (tracker->scan && after_ns == 0)
		after_ns = process_scan_rest_ns(tracker->scan);
	if (after_ns != 0 && now_ns >= after_ns &&
	    (!tracker->scan || now_ns >= process_scan_next_ns(tracker->scan)))
		mmap_tracker_scan(tracker);
}

bool mmap_tracker_is_quiet(struct mmap_tracker *tracker)
{
	const bool is_same = tracker->seen_changes == tracker->statistics.changes;

	tracker->seen_changes = tracker->statistics.changes;
	return is_same && tracker->pending_count == 0 && tracker->read_count == 0 &&
	       tracker->rescan_after_ns == 0 && !is_scanning(tracker) &&
	       !jit_maps_are_opening(tracker->jit_maps);
}

void mmap_tracker_sweep(struct mmap_tracker *tracker, uint64_t now_ns)
{
	process_maps_sweep(tracker->maps, proc_scan_is_gone);
	mapped_file_cache_sweep(tracker->files, now_ns);
}

void mmap_tracker_get_statistics(const struct mmap_tracker *tracker,
				 struct mmap_tracker_statistics *ret_statistics)
{
	*ret_statistics = tracker->statistics;
	process_maps_get_statistics(tracker->maps, &ret_statistics->processes);
	mapped_file_cache_get_statistics(tracker->files, &ret_statistics->files);
}
