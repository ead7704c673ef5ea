/* record/stacks/user_stacks.c - makes stack records of copied user stacks */
#include "record/stacks/user_stacks.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "bpf/event.h"
#include "bpf/user_stack.h"
#include "record/common/clock.h"
#include "record/common/fd_limit.h"
#include "record/stacks/stack_cache.h"
#include "record/stacks/start_watch.h"

/* The kernel can write a record on another CPU a little after its time. Records are complete up to
 * this time ago. */
#define SETTLE_NS UINT64_C(10000000)

/* After the start of a new program, its mappings are read 6 times, to find its libraries: at
 * intervals of 1, 2, 4, 8, 16 and 32 ms. */
#define EARLY_READ_FIRST_NS UINT64_C(1000000)
#define EARLY_READS         6u
#define NEW_PROCESSES_MAX   16u

/* So long a new program maps files, and writes a perf map. */
#define STARTING_NS UINT64_C(1000000000)

/* A recording begins at the latest after this wait for mappings of processes that are older. */
#define SCAN_WAIT_NS UINT64_C(500000000)

#define SWEEP_INTERVAL_NS UINT64_C(5000000000)

#define MAP_RING_BYTES      (1u << 20) /* per CPU */
#define MAP_RINGS_BYTES_MAX (8u << 20) /* of all CPUs together */
#define MAP_RING_BYTES_MIN  (64u << 10)
#define OPEN_FILES_MAX      2048u
#define PROCESSES_MAX       65536u
#define MAPPINGS_BYTES_MAX  (16u << 20)
#define MODULES_BYTES_MAX   (12u << 20)
#define QUEUE_BYTES_MAX     (4u << 20)
#define SETTLING_BYTES_MAX  (3u << 20)
#define COPY_IDS_MAX        8192u
#define CHAINS_BYTES_MAX    (3u << 20)

_Static_assert(USER_STACK_OTHERS == UNWIND_OTHERS_MAX, "all copied stacks are unwound");

/* A copy that waits until the mappings of its process are known. */
struct settling {
	uint64_t stack_copy_id;
	uint64_t time_ns;
	uint64_t contents_hash;
	uint64_t process_start_ns;
	uint32_t pid;
	struct unwind_job *job; /* without its set */
	struct settling *next;  /* by time */
};

/* A process that runs a new program. */
struct new_process {
	uint32_t pid;
	uint64_t start_ns;
	struct file_user user;
};

struct user_stacks {
	size_t settling_bytes_max;
	struct file_reader *reader; /* borrowed; NULL: none */
	struct mmap_tracker *maps;
	struct start_watch *start_watch; /* NULL after user_stacks_begin() */
	struct unwind_worker *worker;
	struct stack_cache *cache;
	struct settling *settling; /* the oldest */
	struct settling *newest;   /* the last one; NULL: none */
	size_t settling_bytes;
	uint64_t hash_key; /* random: untrusted stacks must not be able to collide */
	uint64_t swept_ns;
	int descriptor; /* epoll over the rings of mappings and the timer */
	int timer;
	int walk_counts; /* map of the BPF programs; -1: none */
	unsigned int early_reads_left;
	struct new_process new_processes[NEW_PROCESSES_MAX];
	size_t new_process_count;
	uint64_t started_ns; /* of the last one; CLOCK_BOOTTIME */
	struct user_stacks_statistics statistics;
};

static size_t ring_bytes_of_each_cpu(void)
{
	long cpus = sysconf(_SC_NPROCESSORS_CONF);
	size_t bytes = MAP_RING_BYTES;

	while (bytes > MAP_RING_BYTES_MIN && bytes * (size_t)cpus > MAP_RINGS_BYTES_MAX)
		bytes /= 2;
	return bytes;
}

/* Half of the descriptors of this process. */
static size_t open_files_max(void)
{
	size_t half = fd_limit_raise() / 2;

	return half < OPEN_FILES_MAX ? half : OPEN_FILES_MAX;
}

static enum symbols_status open_maps(struct user_stacks *stacks)
{
	struct mmap_tracker_options options = {
		.ring_bytes = ring_bytes_of_each_cpu(),
		.open_files_max = open_files_max(),
		.limits = {.processes = PROCESSES_MAX, .memory_bytes = MAPPINGS_BYTES_MAX},
	};
	enum symbols_status status = mmap_tracker_open(&options, &stacks->maps);

	if (status == SYMBOLS_OK && stacks->reader)
		status = mmap_tracker_use_reader(stacks->maps, stacks->reader);
	if (status == SYMBOLS_OK)
		mmap_tracker_scan(stacks->maps);
	return status;
}

static bool open_descriptors(struct user_stacks *stacks)
{
	struct epoll_event event = {.events = EPOLLIN};

	stacks->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	stacks->descriptor = epoll_create1(EPOLL_CLOEXEC);
	return stacks->timer >= 0 && stacks->descriptor >= 0 &&
	       epoll_ctl(stacks->descriptor, EPOLL_CTL_ADD, stacks->timer, &event) == 0 &&
	       epoll_ctl(stacks->descriptor, EPOLL_CTL_ADD, mmap_tracker_descriptor(stacks->maps),
			 &event) == 0;
}

/* Nearly every stack goes through the C library, mostly the one that this process uses. */
static void prepare_c_library(struct user_stacks *stacks)
{
	struct mapping_set *set = mmap_tracker_own_file(stacks->maps, (uint64_t)(uintptr_t)&abort);

	if (set)
		unwind_worker_prepare(stacks->worker, set);
}

enum symbols_status user_stacks_open(const struct user_stacks_options *options,
				     struct user_stacks **ret_stacks)
{
	struct unwind_worker_options worker = {
		.cpu_percent = options->cpu_percent,
		.queue_bytes_max = options->held_bytes ? options->held_bytes : QUEUE_BYTES_MAX,
		.modules_bytes_max = MODULES_BYTES_MAX,
		.begin = options->begin_thread,
	};
	struct user_stacks *stacks = calloc(1, sizeof(*stacks));
	enum symbols_status status;

	if (!stacks)
		return SYMBOLS_NO_MEMORY;
	stacks->descriptor = stacks->timer = stacks->walk_counts = -1;
	stacks->settling_bytes_max = options->held_bytes ? options->held_bytes : SETTLING_BYTES_MAX;
	if (getrandom(&stacks->hash_key, sizeof(stacks->hash_key), GRND_NONBLOCK) < 0)
		stacks->hash_key = (uint64_t)(uintptr_t)stacks;
	stacks->reader = options->reader;
	if (stacks->reader && !file_reader_start_thread(stacks->reader, options->begin_thread))
		stacks->reader = NULL;
	status = stacks->reader == options->reader ? open_maps(stacks) : SYMBOLS_NO_MEMORY;
	if (status == SYMBOLS_OK && !open_descriptors(stacks))
		status = SYMBOLS_IO;
	if (status == SYMBOLS_OK) {
		worker.files = mmap_tracker_files(stacks->maps);
		status = unwind_worker_start(&worker, &stacks->worker);
	}
	stacks->cache = stack_cache_new(COPY_IDS_MAX, CHAINS_BYTES_MAX);
	if (status == SYMBOLS_OK && !stacks->cache)
		status = SYMBOLS_NO_MEMORY;
	if (status != SYMBOLS_OK) {
		user_stacks_close(stacks);
		return status;
	}
	prepare_c_library(stacks);
	stacks->start_watch = start_watch_start(stacks->maps);
	*ret_stacks = stacks;
	return SYMBOLS_OK;
}

enum symbols_status user_stacks_use_tables(struct user_stacks *stacks,
					   const struct unwind_table_maps *maps)
{
	enum symbols_status status = unwind_worker_use_tables(stacks->worker, maps);

	stacks->walk_counts = maps->counts;
	if (status == SYMBOLS_OK)
		prepare_c_library(stacks);
	return status;
}

static void settling_free(struct settling *settling)
{
	unwind_job_free(settling->job);
	free(settling);
}

void user_stacks_close(struct user_stacks *stacks)
{
	if (!stacks)
		return;
	while (stacks->settling) {
		struct settling *next = stacks->settling->next;

		settling_free(stacks->settling);
		stacks->settling = next;
	}
	start_watch_stop(stacks->start_watch);
	/* Ends requests that the worker waits for. */
	if (stacks->reader)
		file_reader_stop_thread(stacks->reader);
	/* The program ends with the thread, which still uses all of this. */
	if (!unwind_worker_stop(stacks->worker))
		return;
	mmap_tracker_close(stacks->maps);
	if (stacks->timer >= 0)
		close(stacks->timer);
	if (stacks->descriptor >= 0)
		close(stacks->descriptor);
	stack_cache_free(stacks->cache);
	free(stacks);
}

void user_stacks_hold(struct user_stacks *stacks)
{
	start_watch_hold(stacks->start_watch);
}

void user_stacks_begin(struct user_stacks *stacks)
{
	start_watch_stop(stacks->start_watch);
	stacks->start_watch = NULL;
	mmap_tracker_read(stacks->maps);
	mmap_tracker_await_scan(stacks->maps, SCAN_WAIT_NS);
}

int user_stacks_descriptor(const struct user_stacks *stacks)
{
	return stacks->descriptor;
}

static void schedule_early_read(struct user_stacks *stacks, unsigned int step)
{
	struct itimerspec next = {.it_value.tv_nsec = (long)(EARLY_READ_FIRST_NS << step)};

	(void)timerfd_settime(stacks->timer, 0, &next, NULL);
	stacks->early_reads_left = EARLY_READS - 1 - step;
}

/* Has the files of new processes loaded before they are needed. */
static void prepare_new_processes(struct user_stacks *stacks)
{
	while (stacks->new_process_count > 0) {
		const struct new_process *process =
			&stacks->new_processes[--stacks->new_process_count];
		struct mapping_set *set =
			mmap_tracker_snapshot(stacks->maps, process->pid, process->start_ns);

		mmap_tracker_set_user(stacks->maps, process->pid, &process->user);
		if (set)
			unwind_worker_prepare(stacks->worker, set);
	}
}

/* Has the tables of new processes made before the first of them ends: its mappings are known for
 * certain only after SETTLE_NS. */
static void request_mappings(struct user_stacks *stacks)
{
	for (size_t i = 0; stacks->walk_counts >= 0 && i < stacks->new_process_count; i++)
		mmap_tracker_request(stacks->maps, stacks->new_processes[i].pid);
}

static void prepare_tables(struct user_stacks *stacks)
{
	struct mapping_set *set;

	while ((set = mmap_tracker_take_requested(stacks->maps)) != NULL)
		unwind_worker_prepare(stacks->worker, set);
}

static void continue_early_reads(struct user_stacks *stacks)
{
	uint64_t expirations;

	if (read(stacks->timer, &expirations, sizeof(expirations)) <= 0)
		return;
	if (stacks->early_reads_left == EARLY_READS - 1)
		request_mappings(stacks);
	if (stacks->early_reads_left > 0)
		schedule_early_read(stacks, EARLY_READS - stacks->early_reads_left);
	else
		prepare_new_processes(stacks);
}

static void add_new_process(struct user_stacks *stacks, const struct event_user_stack *event)
{
	if (stacks->new_process_count < NEW_PROCESSES_MAX)
		stacks->new_processes[stacks->new_process_count++] = (struct new_process){
			.pid = event->pid,
			.start_ns = event->process_start_ns,
			.user = {event->pid_namespace, event->uid},
		};
	stacks->started_ns = event->header.time_ns;
	schedule_early_read(stacks, 0);
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 29;
}

/* Size of all bytes that follow the event; SIZE_MAX if one of its sizes is invalid. */
static size_t bytes_after(const struct event_user_stack *event)
{
	size_t size_bytes = event->size_bytes;

	if (event->size_bytes > USER_STACK_BYTES_MAX)
		return SIZE_MAX;
	for (size_t i = 0; i < USER_STACK_OTHERS; i++) {
		if (event->others[i].size_bytes > USER_STACK_OTHER_BYTES)
			return SIZE_MAX;
		size_bytes += event->others[i].size_bytes;
	}
	if (event->frame_count > UNWIND_DEPTH_MAX)
		return SIZE_MAX;
	return size_bytes + event->frame_count * sizeof(uint64_t);
}

/* Hashes all inputs of the chain except the mappings. Omits the registers that a system call
 * changes: a thread that sends itself a signal is copied before and after it. */
static uint64_t hash_contents(uint64_t key, const struct event_user_stack *event,
			      const uint8_t *bytes)
{
	/* r11, rcx, rax and orig_rax; flags */
	static const uint32_t changed_words = 1u << 6 | 1u << 10 | 1u << 11 | 1u << 15 | 1u << 18;
	uint64_t hash = mix(mix(key, event->address), event->size_bytes);
	size_t size_bytes = bytes_after(event);
	size_t i = 0;

	/* The id of a walked stack is the hash of its frames. Each comparison is done. */
	if (event->frame_count)
		return mix(mix(key, event->stack_copy_id),
			   event->size_bytes ? event->header.time_ns : 0);

	for (unsigned int other = 0; other < USER_STACK_OTHERS; other++)
		hash = mix(mix(hash, event->others[other].frame_pointer),
			   event->others[other].address);
	for (unsigned int word = 0; word < USER_STACK_REGISTER_WORDS; word++) {
		if (!(changed_words >> word & 1))
			hash = mix(hash, event->registers[word]);
	}
	for (; i + sizeof(uint64_t) <= size_bytes; i += sizeof(uint64_t)) {
		uint64_t value;

		memcpy(&value, bytes + i, sizeof(value));
		hash = mix(hash, value);
	}
	for (; i < size_bytes; i++)
		hash = mix(hash, bytes[i]);
	return hash;
}

static void set_stacks(struct unwind_job *job, const struct event_user_stack *event)
{
	size_t used = event->size_bytes;

	job->user = (struct file_user){event->pid_namespace, event->uid};
	job->address = event->address;
	job->whole = event->whole != 0;
	job->stack_bytes = event->size_bytes;
	job->frame_count = event->frame_count;
	job->lacking_address = event->lacking_address;
	job->lacking = event->lacking;
	for (size_t i = 0; i < USER_STACK_OTHERS; i++) {
		const struct user_stack_other *other = &event->others[i];

		job->others[i] = (struct other_stack){
			.frame_pointer = other->frame_pointer,
			.copy = {.address = other->address,
				 .bytes = job->bytes + used,
				 .size_bytes = other->size_bytes},
		};
		used += other->size_bytes;
	}
}

static struct settling *settling_new(uint64_t hash_key, const struct event_user_stack *event,
				     const uint8_t *bytes)
{
	struct settling *settling = calloc(1, sizeof(*settling));
	uint64_t words[USER_STACK_REGISTER_WORDS];
	struct unwind_job *job = unwind_job_new(bytes_after(event));

	if (!settling || !job) {
		unwind_job_free(job);
		free(settling);
		return NULL;
	}
	*settling = (struct settling){
		.stack_copy_id = event->stack_copy_id,
		.time_ns = event->header.time_ns,
		.contents_hash = hash_contents(hash_key, event, bytes),
		.process_start_ns = event->process_start_ns,
		.pid = event->pid,
		.job = job,
	};
	set_stacks(job, event);
	memcpy(words, event->registers, sizeof(words));
	job->layout = registers_of_pt_regs(words, USER_STACK_REGISTER_WORDS);
	registers_from_pt_regs(job->layout, words, USER_STACK_REGISTER_WORDS, &job->registers);
	memcpy(job->bytes, bytes, job->size_bytes);
	return settling;
}

/* Of equal times, the first one inserted comes first. Nearly all are inserted at the end. */
static void insert_by_time(struct user_stacks *stacks, struct settling *settling)
{
	struct settling **at = &stacks->settling;

	if (stacks->newest && stacks->newest->time_ns <= settling->time_ns)
		at = &stacks->newest->next;
	while (*at && (*at)->time_ns <= settling->time_ns)
		at = &(*at)->next;
	settling->next = *at;
	*at = settling;
	if (!settling->next)
		stacks->newest = settling;
	stacks->settling_bytes += settling->job->size_bytes;
}

static void drop(struct user_stacks *stacks, const struct settling *settling)
{
	stacks->statistics.dropped++;
	if (!stack_cache_add(stacks->cache, settling->stack_copy_id, settling->contents_hash))
		stack_cache_resolve(stacks->cache, settling->contents_hash, NULL);
}

bool user_stacks_take(struct user_stacks *stacks, const void *record, size_t size_bytes,
		      uint64_t deadline_ns)
{
	struct event_user_stack event;
	struct settling *settling;

	if (size_bytes < sizeof(event))
		return false;
	memcpy(&event, record, sizeof(event));
	if (size_bytes - sizeof(event) != bytes_after(&event))
		return false;
	if (event.stack_copy_id == USER_STACK_NONE) {
		add_new_process(stacks, &event);
		return true;
	}
	stacks->statistics.captured++;
	stack_cache_renew(stacks->cache, event.stack_copy_id);
	settling = settling_new(stacks->hash_key, &event, (const uint8_t *)record + sizeof(event));
	if (!settling)
		return true;
	settling->job->deadline_ns = deadline_ns;
	if (stacks->settling_bytes + settling->job->size_bytes > stacks->settling_bytes_max) {
		drop(stacks, settling);
		settling_free(settling);
		return true;
	}
	insert_by_time(stacks, settling);
	return true;
}

static void submit(struct user_stacks *stacks, struct settling *settling, struct mapping_set *set,
		   uint64_t hash)
{
	settling->job->stack_copy_id = hash;
	settling->job->set = set;
	settling->job->jit_map = mmap_tracker_jit_map(stacks->maps, set, settling->time_ns);
	if (unwind_worker_submit(stacks->worker, settling->job))
		settling->job = NULL;
	else
		stack_cache_resolve(stacks->cache, hash, NULL);
}

/* Whether a walked stack was copied only to be compared: its events have their chain, and must not
 * wait for the comparison. */
static bool is_comparison(const struct user_stacks *stacks, const struct settling *settling)
{
	enum stack_state state = stack_cache_state(stacks->cache, settling->stack_copy_id);

	return settling->job->frame_count && settling->job->stack_bytes &&
	       (state == STACK_KNOWN || state == STACK_AWAITED);
}

/* Finds the mappings of a stack. If the stack is not known yet, submits it to be unwound. */
static void settle(struct user_stacks *stacks, struct settling *settling)
{
	struct mapping_set *set;
	uint64_t hash = settling->contents_hash;

	mmap_tracker_advance(stacks->maps, settling->time_ns);
	mmap_tracker_set_user(stacks->maps, settling->pid, &settling->job->user);
	set = mmap_tracker_snapshot(stacks->maps, settling->pid, settling->process_start_ns);
	settling->job->is_comparison = is_comparison(stacks, settling);
	if (settling->job->is_comparison) {
		stacks->statistics.reused += set == NULL;
		if (set)
			submit(stacks, settling, set, hash);
		return;
	}
	/* A walked stack has the same names in all processes: its hash covers files and addresses.
	 */
	if (settling->job->frame_count)
		hash = mix(hash, set != NULL);
	else
		hash = mix(hash, set ? set->version : 0);
	if (stack_cache_add(stacks->cache, settling->stack_copy_id, hash)) {
		stacks->statistics.reused++;
		mapping_set_release(set);
		return;
	}
	if (!set) {
		stacks->statistics.unmapped++;
		stacks->statistics.lost += mmap_tracker_has_missed(stacks->maps);
		stack_cache_resolve(stacks->cache, hash, chain_of_marker("[mappings unknown]"));
		return;
	}
	submit(stacks, settling, set, hash);
}

static void settle_until(struct user_stacks *stacks, uint64_t until_ns)
{
	while (stacks->settling && stacks->settling->time_ns <= until_ns) {
		struct settling *settling = stacks->settling;

		stacks->settling = settling->next;
		if (!stacks->settling)
			stacks->newest = NULL;
		stacks->settling_bytes -= settling->job->size_bytes;
		settle(stacks, settling);
		settling_free(settling);
	}
	mmap_tracker_advance(stacks->maps, until_ns);
}

static void take_answers(struct user_stacks *stacks)
{
	struct unwind_answer *answer = unwind_worker_take(stacks->worker);

	while (answer) {
		struct unwind_answer *next = answer->next;

		stack_cache_resolve(stacks->cache, answer->stack_copy_id, answer->chain);
		free(answer);
		answer = next;
	}
}

void user_stacks_poll(struct user_stacks *stacks)
{
	uint64_t now_ns = clock_boottime_ns();

	mmap_tracker_read(stacks->maps);
	continue_early_reads(stacks);
	prepare_tables(stacks);
	settle_until(stacks, now_ns - SETTLE_NS);
	take_answers(stacks);
	mmap_tracker_rescan(stacks->maps, now_ns);
	if (now_ns - stacks->swept_ns >= SWEEP_INTERVAL_NS) {
		mmap_tracker_sweep(stacks->maps, now_ns);
		stacks->swept_ns = now_ns;
	}
}

bool user_stacks_are_starting(const struct user_stacks *stacks, uint64_t now_ns)
{
	return now_ns - stacks->started_ns < STARTING_NS;
}

bool user_stacks_are_quiet(struct user_stacks *stacks)
{
	return !stacks->settling && stacks->early_reads_left == 0 &&
	       stacks->new_process_count == 0 && mmap_tracker_is_quiet(stacks->maps);
}

void user_stacks_follow_cpus(struct user_stacks *stacks, struct cpu_hotplug *hotplug)
{
	mmap_tracker_follow_cpus(stacks->maps, hotplug);
}

bool user_stacks_is_ready(const struct user_stacks *stacks, uint64_t stack_copy_id)
{
	enum stack_state state;

	if (stack_copy_id == USER_STACK_NONE || stack_copy_id == USER_STACK_LOST)
		return true;
	state = stack_cache_state(stacks->cache, stack_copy_id);
	return state == STACK_KNOWN || state == STACK_DROPPED;
}

static uint32_t intern_marker(struct dz_writer *writer, const char *text)
{
	struct dz_frame frame = {.type = DZ_FRAME_TYPE_MARKER};
	struct dz_stack stack = {0};

	frame.symbol = dz_writer_text(writer, text);
	stack.frame = dz_writer_frame(writer, &frame);
	return dz_writer_stack(writer, &stack);
}

uint32_t user_stacks_intern(struct user_stacks *stacks, struct dz_writer *writer,
			    uint64_t stack_copy_id)
{
	enum stack_state state;

	if (stack_copy_id == USER_STACK_NONE)
		return 0;
	if (stack_copy_id == USER_STACK_LOST)
		return intern_marker(writer, "[lost]");
	state = stack_cache_state(stacks->cache, stack_copy_id);
	if (state == STACK_KNOWN)
		return stack_cache_intern(stacks->cache, writer, stack_copy_id);
	if (state != STACK_DROPPED)
		stacks->statistics.late++;
	return intern_marker(writer, "[stack dropped]");
}

bool user_stacks_is_rust(const struct user_stacks *stacks, uint64_t stack_copy_id)
{
	return stack_copy_id != USER_STACK_NONE && stack_copy_id != USER_STACK_LOST &&
	       stack_cache_is_rust(stacks->cache, stack_copy_id);
}

void user_stacks_forget_references(struct user_stacks *stacks)
{
	stack_cache_forget_references(stacks->cache);
}

/* Sums up over all CPUs. */
static void count_walks(const struct user_stacks *stacks, uint64_t walks[UNWIND_WALK_END_COUNT])
{
	const int cpus = libbpf_num_possible_cpus();
	uint64_t *counts = cpus > 0 ? calloc((size_t)cpus, sizeof(*counts)) : NULL;

	for (uint32_t i = 0; counts && stacks->walk_counts >= 0 && i < UNWIND_WALK_END_COUNT; i++) {
		if (bpf_map_lookup_elem(stacks->walk_counts, &i, counts) != 0)
			continue;
		for (int cpu = 0; cpu < cpus; cpu++)
			walks[i] += counts[cpu];
	}
	free(counts);
}

void user_stacks_get_statistics(const struct user_stacks *stacks,
				struct user_stacks_statistics *ret_statistics)
{
	*ret_statistics = stacks->statistics;
	ret_statistics->stack_bytes = stack_cache_bytes(stacks->cache);
	count_walks(stacks, ret_statistics->walks);
	unwind_worker_get_statistics(stacks->worker, &ret_statistics->worker);
	mmap_tracker_get_statistics(stacks->maps, &ret_statistics->maps);
	if (stacks->reader)
		file_reader_get_statistics(stacks->reader, &ret_statistics->reader);
}

uint64_t user_stacks_lost(const struct user_stacks *stacks)
{
	return stacks->statistics.lost;
}
