/* record/stacks/mmap_tracker.c - follows what every process maps, from the kernel's own records and
 * /proc */
#include "record/stacks/mmap_tracker.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "record/common/clock.h"
#include "record/privilege/cpu_hotplug.h"
#include "record/stacks/jit_maps.h"
#include "record/stacks/perf_ring.h"
#include "record/stacks/proc_scan.h"

/* After records were missed all is read anew, for which no more than this share of a CPU is used.
 */
#define RESCAN_CPU_SHARE 50u
#define RESCAN_RETRY_NS  UINT64_C(10000000000)

/* A change that was read and is not applied yet. */
struct pending {
	struct map_change change;
	uint64_t sequence; /* as read: keeps records of one time and CPU in order */
};

struct mmap_tracker {
	struct perf_ring *rings; /* by CPU; those of CPUs that were offline are zeroed */
	uint32_t *arrivals;      /* of its CPU, when a ring was opened */
	size_t ring_count;
	size_t ring_bytes;
	int descriptor;
	struct mapped_file_cache *keeper;
	struct process_maps *maps;
	struct jit_maps *jit_maps;
	struct pending *pending; /* by time */
	size_t pending_count;
	size_t pending_capacity;
	uint64_t sequence;
	uint64_t rescan_after_ns; /* 0: nothing was missed since the last scan */
	uint64_t scanned_ns;
	uint64_t scan_took_ns;
	int64_t realtime_offset_ns; /* Unix time - CLOCK_BOOTTIME */
	uint64_t now_ns;            /* when the current reading began */
	struct mmap_tracker_statistics statistics;
};

static enum symbols_status open_ring(struct mmap_tracker *watch, int cpu,
				     struct cpu_hotplug *events)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)cpu};
	struct perf_ring *ring = &watch->rings[cpu];
	enum symbols_status status = perf_ring_open(cpu, watch->ring_bytes, events, ring);

	if (status == SYMBOLS_IO && errno == ENODEV)
		return SYMBOLS_OK;
	if (status != SYMBOLS_OK)
		return status;
	return epoll_ctl(watch->descriptor, EPOLL_CTL_ADD, ring->fd, &event) == 0 ? SYMBOLS_OK
										  : SYMBOLS_IO;
}

static enum symbols_status open_rings(struct mmap_tracker *watch)
{
	long cpus = sysconf(_SC_NPROCESSORS_CONF);
	enum symbols_status status = SYMBOLS_OK;

	watch->ring_count = cpus > 0 ? (size_t)cpus : 1;
	watch->rings = calloc(watch->ring_count, sizeof(watch->rings[0]));
	watch->arrivals = calloc(watch->ring_count, sizeof(watch->arrivals[0]));
	if (!watch->rings || !watch->arrivals)
		return SYMBOLS_NO_MEMORY;
	watch->descriptor = epoll_create1(EPOLL_CLOEXEC);
	if (watch->descriptor < 0)
		return SYMBOLS_IO;
	for (size_t i = 0; i < watch->ring_count && status == SYMBOLS_OK; i++)
		status = open_ring(watch, (int)i, NULL);
	return status;
}

enum symbols_status mmap_tracker_open(const struct mmap_tracker_options *options,
				      struct mmap_tracker **ret_watch)
{
	struct mmap_tracker *watch = calloc(1, sizeof(*watch));
	enum symbols_status status;
	int saved_errno;

	if (!watch)
		return SYMBOLS_NO_MEMORY;
	watch->descriptor = -1;
	watch->ring_bytes = options->ring_bytes;
	status = mapped_file_cache_new(options->open_files_max, &watch->keeper);
	if (status == SYMBOLS_OK)
		status = process_maps_new(&options->limits, &watch->maps);
	watch->jit_maps = jit_maps_new();
	if (status == SYMBOLS_OK && !watch->jit_maps)
		status = SYMBOLS_NO_MEMORY;
	if (status == SYMBOLS_OK)
		status = open_rings(watch);
	if (status == SYMBOLS_OK) {
		*ret_watch = watch;
		return SYMBOLS_OK;
	}
	saved_errno = errno;
	mmap_tracker_close(watch);
	errno = saved_errno;
	return status;
}

static void release_pending(struct mmap_tracker *watch, size_t count)
{
	for (size_t i = 0; i < count; i++)
		mapped_file_release(watch->pending[i].change.mapping.file);
	watch->pending_count -= count;
	memmove(watch->pending, watch->pending + count,
		watch->pending_count * sizeof(watch->pending[0]));
}

void mmap_tracker_close(struct mmap_tracker *watch)
{
	if (!watch)
		return;
	for (size_t i = 0; watch->rings && i < watch->ring_count; i++)
		perf_ring_close(&watch->rings[i]);
	if (watch->descriptor >= 0)
		close(watch->descriptor);
	if (watch->pending)
		release_pending(watch, watch->pending_count);
	process_maps_free(watch->maps);
	jit_maps_free(watch->jit_maps);
	mapped_file_cache_free(watch->keeper);
	free(watch->pending);
	free(watch->rings);
	free(watch->arrivals);
	free(watch);
}

int mmap_tracker_descriptor(const struct mmap_tracker *watch)
{
	return watch->descriptor;
}

struct mapped_file_cache *mmap_tracker_files(struct mmap_tracker *watch)
{
	return watch->keeper;
}

static bool can_be_made_code(const struct mapping *mapping)
{
	return mapping->kind == MAPPING_ANONYMOUS || mapping->kind == MAPPING_MEMFD;
}

static bool makes_code(const struct mapping_set *set)
{
	for (size_t i = 0; set && i < set->mappings.count; i++)
		if (can_be_made_code(&set->mappings.entries[i]))
			return true;
	return false;
}

static void scan_process(struct mmap_tracker *watch, uint32_t pid)
{
	struct process_found found;

	if (proc_scan_process(pid, watch->keeper, process_maps_account(watch->maps), &found) !=
	    SYMBOLS_OK)
		return;
	if (makes_code(found.set))
		jit_maps_note(watch->jit_maps, pid, found.start_ns);
	process_maps_add(watch->maps, &found);
	watch->statistics.scanned++;
}

void mmap_tracker_scan(struct mmap_tracker *watch)
{
	DIR *directory = opendir("/proc");
	const struct dirent *entry;

	watch->rescan_after_ns = 0;
	watch->scanned_ns = clock_boottime_ns();
	if (!directory) {
		watch->rescan_after_ns = watch->scanned_ns + RESCAN_RETRY_NS;
		return;
	}
	/* cppcheck-suppress readdirCalled ; nobody else reads this directory stream */
	while ((entry = readdir(directory)) != NULL) {
		char *end;
		unsigned long pid = strtoul(entry->d_name, &end, 10);

		if (*end == '\0' && pid > 0 && pid <= UINT32_MAX)
			scan_process(watch, (uint32_t)pid);
	}
	closedir(directory);
	watch->scan_took_ns = clock_boottime_ns() - watch->scanned_ns;
}

static struct map_change *add_pending(struct mmap_tracker *watch)
{
	struct pending *grown;
	size_t capacity = watch->pending_capacity ? watch->pending_capacity * 2 : 256;

	if (watch->pending_count == watch->pending_capacity) {
		grown = realloc(watch->pending, capacity * sizeof(grown[0]));
		if (!grown)
			return NULL;
		watch->pending = grown;
		watch->pending_capacity = capacity;
	}
	grown = &watch->pending[watch->pending_count++];
	*grown = (struct pending){.sequence = watch->sequence++};
	return &grown->change;
}

/* Without memory to remember it for its time, it holds at once. */
static void note_missed(struct mmap_tracker *watch, uint64_t since_ns, uint64_t until_ns)
{
	const struct map_change missed = {
		.time_ns = since_ns,
		.until_ns = until_ns,
		.what = PERF_RECORD_MISSED,
	};
	struct map_change *change = add_pending(watch);

	if (change)
		*change = missed;
	else
		process_maps_apply(watch->maps, &missed);
	watch->rescan_after_ns = watch->scanned_ns + RESCAN_CPU_SHARE * watch->scan_took_ns;
}

static void cut_deleted(char *path)
{
	static const char suffix[] = " (deleted)";
	size_t length = strlen(path);

	if (length >= sizeof(suffix) - 1 &&
	    strcmp(path + length - (sizeof(suffix) - 1), suffix) == 0)
		path[length - (sizeof(suffix) - 1)] = '\0';
}

static struct mapped_file *intern_file(struct mmap_tracker *watch, const struct perf_record *record)
{
	char path[MAPPINGS_PATH_MAX_BYTES + 1];
	struct file_sighting sighting = {
		.pid = (pid_t)record->pid,
		.start = record->start,
		.end = record->end,
		.identity = &record->identity,
		.path = path,
		.seen_ns = (int64_t)record->time_ns + watch->realtime_offset_ns,
		.now_ns = watch->now_ns,
	};

	path[MAPPINGS_PATH_MAX_BYTES] = '\0';
	strncpy(path, record->path, MAPPINGS_PATH_MAX_BYTES);
	cut_deleted(path);
	return mapped_file_cache_intern(watch->keeper, &sighting);
}

static void fill_mapping(struct mmap_tracker *watch, const struct perf_record *record,
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
	change->mapping.file = intern_file(watch, record);
	if (!change->mapping.file)
		change->mapping.kind = MAPPING_ANONYMOUS;
}

/* A process that executes a program has none of its code any more, nor has one that has ended. */
static void note_made_code(struct mmap_tracker *watch, const struct map_change *change)
{
	if (change->what == PERF_RECORD_MAPPED && change->executable &&
	    can_be_made_code(&change->mapping))
		jit_maps_note(watch->jit_maps, change->pid, change->time_ns);
	if (change->what == PERF_RECORD_EXECUTED ||
	    (change->what == PERF_RECORD_ENDED && change->tid == change->pid))
		jit_maps_note_end(watch->jit_maps, change->pid, change->time_ns);
}

static void take_record(void *context, const struct perf_record *record)
{
	struct mmap_tracker *watch = context;
	struct map_change *change;

	if (record->what == PERF_RECORD_OTHER_KIND)
		return;
	if (record->what == PERF_RECORD_MISSED) {
		watch->statistics.missed += record->missed;
		note_missed(watch, record->after_ns, record->time_ns);
		return;
	}
	change = add_pending(watch);
	if (!change) {
		watch->statistics.missed++;
		note_missed(watch, record->time_ns, record->time_ns + 1);
		return;
	}
	watch->statistics.changes++;
	change->time_ns = record->time_ns;
	change->what = record->what;
	change->pid = record->pid;
	change->tid = record->tid;
	change->parent_pid = record->parent_pid;
	if (record->what == PERF_RECORD_MAPPED)
		fill_mapping(watch, record, change);
	note_made_code(watch, change);
}

static void drain_ring(struct mmap_tracker *watch, struct perf_ring *ring)
{
	bool was_full = perf_ring_is_full(ring);

	/* What is skipped because the ring does not hold together is missing, too. */
	if (!perf_ring_drain(ring, take_record, watch) || was_full)
		note_missed(watch, ring->last_ns, clock_boottime_ns());
}

static int compare_pending(const void *left, const void *right)
{
	const struct pending *a = left;
	const struct pending *b = right;

	if (a->change.time_ns != b->change.time_ns)
		return a->change.time_ns < b->change.time_ns ? -1 : 1;
	return a->sequence < b->sequence ? -1 : a->sequence > b->sequence;
}

void mmap_tracker_read(struct mmap_tracker *watch)
{
	struct clock_reading now = clock_read();
	size_t known = watch->pending_count;

	watch->now_ns = now.boottime_ns;
	watch->realtime_offset_ns = (int64_t)(now.realtime_ns - now.boottime_ns);
	for (size_t i = 0; i < watch->ring_count; i++) {
		if (watch->rings[i].control)
			drain_ring(watch, &watch->rings[i]);
	}
	jit_maps_try(watch->jit_maps, watch->now_ns);
	if (watch->pending_count > known)
		qsort(watch->pending, watch->pending_count, sizeof(watch->pending[0]),
		      compare_pending);
}

/* What the ring of before still has is read first. */
static bool follow_cpu(struct mmap_tracker *watch, size_t cpu, struct cpu_hotplug *events)
{
	uint32_t arrivals = cpu_hotplug_arrivals(events, (int)cpu);
	struct perf_ring *ring = &watch->rings[cpu];

	if (arrivals == watch->arrivals[cpu])
		return false;
	if (ring->control)
		drain_ring(watch, ring);
	perf_ring_close(ring);
	if (open_ring(watch, (int)cpu, events) == SYMBOLS_OK && ring->control)
		watch->arrivals[cpu] = arrivals;
	return true;
}

void mmap_tracker_follow_cpus(struct mmap_tracker *watch, struct cpu_hotplug *events)
{
	bool any = false;

	for (size_t cpu = 0; cpu < watch->ring_count; cpu++)
		any = follow_cpu(watch, cpu, events) || any;
	/* What was mapped there until now. */
	if (any)
		mmap_tracker_scan(watch);
}

void mmap_tracker_advance(struct mmap_tracker *watch, uint64_t until_ns)
{
	size_t count = 0;

	while (count < watch->pending_count && watch->pending[count].change.time_ns <= until_ns)
		process_maps_apply(watch->maps, &watch->pending[count++].change);
	if (count > 0)
		release_pending(watch, count);
}

struct mapping_set *mmap_tracker_snapshot(struct mmap_tracker *watch, uint32_t pid,
					  uint64_t start_ns)
{
	return process_maps_snapshot(watch->maps, pid, start_ns);
}

struct jit_map *mmap_tracker_jit_map(const struct mmap_tracker *watch,
				     const struct mapping_set *set, uint64_t time_ns)
{
	if (!makes_code(set))
		return NULL;
	return jit_maps_find(watch->jit_maps, (uint32_t)set->mappings.pid, time_ns);
}

struct mapping_set *mmap_tracker_own_file(struct mmap_tracker *watch, uint64_t address)
{
	struct mapping_account *account = process_maps_account(watch->maps);
	struct mapping_set *set = mapping_set_new(getpid(), account);
	const struct mapping *mapping = NULL;
	struct process_found found;

	if (proc_scan_process((uint32_t)getpid(), watch->keeper, account, &found) == SYMBOLS_OK) {
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

void mmap_tracker_sweep(struct mmap_tracker *watch, uint64_t now_ns)
{
	if (watch->rescan_after_ns != 0 && now_ns >= watch->rescan_after_ns)
		mmap_tracker_scan(watch);
	process_maps_sweep(watch->maps, proc_scan_is_gone);
	mapped_file_cache_sweep(watch->keeper, now_ns);
}

void mmap_tracker_get_statistics(const struct mmap_tracker *watch,
				 struct mmap_tracker_statistics *ret_statistics)
{
	*ret_statistics = watch->statistics;
	process_maps_get_statistics(watch->maps, &ret_statistics->processes);
	mapped_file_cache_get_statistics(watch->keeper, &ret_statistics->files);
}
