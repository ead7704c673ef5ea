/* record/stacks/unwind_worker.c - unwinds and symbolizes stacks on a dedicated thread
 *
 * Example of the scheduling, with a share of 25 percent: after a quiet time 1 s of CPU time is
 * saved. A job that takes 1.1 s leaves a debt of 0.1 s, so that the next job starts 0.4 s later. If
 * its deadline is earlier, 0.3 s from now, it is dropped then, which costs nothing. Files are
 * loaded ahead of need only while 0.5 s or more are saved and no job waits, so that a job can
 * follow at once.
 */
#include "record/stacks/unwind_worker.h"

#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "bpf/event.h"
#include "record/common/clock.h"
#include "record/common/thread.h"
#include "record/stacks/cpu_budget.h"
#include "symbols/unwind_walk.h"

/* CPU time that can be saved in quiet times: enough to load a large program. */
#define BUDGET_SAVED_MAX_NS UINT64_C(1000000000)

/* A fifth of the share is for users that use little: what others have used up does not delay them.
 */
#define RESERVE_PART         5u
#define RESERVE_SAVED_MAX_NS UINT64_C(200000000)

/* Longest wait while the budget is used up: a waiting job can reach its deadline. */
#define WAIT_MAX_NS UINT64_C(50000000)

/* Files are loaded ahead of need only while 0.5 s or more are saved and no job waits, so that a job
 * can follow at once.
 */
#define PREPARE_SAVED_MIN_NS (BUDGET_SAVED_MAX_NS / 2)
#define PREPARED_MAX         16u

/* A file is not loaded to its end if a stack of another user, which comes next, has less time left
 * than this. */
#define URGENT_NS UINT64_C(150000000)

/* But a stack may use so much CPU time for its files: usual ones are always loaded. A file whose
 * load was ended that often is loaded to its end, unless its file system is slow. */
#define LOAD_CPU_NS      UINT64_C(50000000)
#define LOAD_ENDS_MAX    2u
#define LOAD_WAIT_MAX_NS FILE_READER_WAIT_NS

/* A load asks more often whether it may go on. */
#define ASK_INTERVAL_NS UINT64_C(5000000)

/* Longest wait for the thread at the end. */
#define STOP_SECONDS 1

/* Reading the call frame information of files leaves some MiB of free memory, in pieces. They are
 * given back when there is nothing else to do, not more often than this. */
#define TRIM_INTERVAL_NS UINT64_C(10000000000)

/* Reading the tables of a compiler or a browser takes more memory for a short time than all else.
 */
#define PREPARED_CODE_MAX_BYTES (4u << 20)

/* Node.js needs 25 MiB. */
#define LARGE_MODULE_MAX_BYTES (32u << 20)

/* Beyond modules_bytes_max, while the files of one stack are loaded. Reading the symbols of a
 * compiler takes 60 MiB for a short time. */
#define LOADING_MAX_BYTES (4 * (size_t)LARGE_MODULE_MAX_BYTES)

/* The perf map that was read last. */
struct perf_map_cache {
	struct perf_map map;
	uint32_t device_major;
	uint32_t device_minor;
	uint64_t inode;
	uint64_t size_bytes; /* perf maps only grow */
};

/* Files to be loaded. */
struct prepared {
	struct mapping_set *set;
	size_t next; /* mapping of it */
};

struct unwind_worker {
	struct unwind_worker_options options;
	pthread_t thread;
	/* Used by the thread only: */
	struct module_cache *modules;
	struct unwind_result *result;
	uint64_t checked;
	uint64_t differing;
	struct cpu_budget budget;
	struct cpu_budget reserve; /* for users that use little; percent 0: none */
	bool is_of_reserve;        /* the present job */
	struct file_user user;     /* of the present job */
	bool is_ahead;             /* it loads files that no stack waits for */
	uint64_t begun_ns;         /* CPU time at its begin */
	uint64_t asked_ns;         /* when it has looked last for stacks of others; 0: not yet */
	uint64_t untimely_maps;    /* perf maps that could not be read in time */
	struct perf_map_cache perf_map_cache;
	bool must_trim;
	uint64_t trimmed_ns;
	struct unwind_tables *tables; /* NULL: none; set once, under the lock */
	/* Used by both threads, under the lock: */
	pthread_mutex_t lock;
	pthread_cond_t changed; /* a new job or request, or `ending` */
	bool ending;
	struct job_queue jobs;
	struct prepared prepared[PREPARED_MAX]; /* the newest last */
	size_t prepared_count;
	struct unwind_answer *first_answer;
	struct unwind_answer **last_answer;
	struct unwind_worker_statistics statistics;
};

static uint64_t thread_cpu_ns(void)
{
	struct timespec used;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
	return (uint64_t)used.tv_sec * UINT64_C(1000000000) + (uint64_t)used.tv_nsec;
}

/* Whether a stack of another user, which comes before the present job, cannot wait longer. */
static bool is_urgent_for_others(struct unwind_worker *worker)
{
	const uint64_t used_ns = thread_cpu_ns() - worker->begun_ns;
	const uint64_t now_ns = clock_boottime_ns();
	uint64_t deadline_ns;

	if (now_ns - worker->asked_ns < ASK_INTERVAL_NS)
		return false;
	worker->asked_ns = now_ns;
	pthread_mutex_lock(&worker->lock);
	deadline_ns = job_queue_deadline_of_others(
		&worker->jobs, worker->is_ahead ? NULL : &worker->user, used_ns, now_ns);
	pthread_mutex_unlock(&worker->lock);
	return deadline_ns && deadline_ns - now_ns < URGENT_NS;
}

static bool must_stop(void *context, const struct load_progress *progress)
{
	struct unwind_worker *worker = context;
	const bool is_slow = progress->waited_ns > LOAD_WAIT_MAX_NS;

	if (!is_slow && !worker->is_ahead &&
	    (progress->ends >= LOAD_ENDS_MAX || thread_cpu_ns() - worker->begun_ns < LOAD_CPU_NS))
		return false;
	return is_urgent_for_others(worker);
}

static bool has_generated_code(const struct unwind_result *result)
{
	for (size_t i = 0; i < result->count; i++)
		if (unwind_frame_is_jit(&result->frames[i]))
			return true;
	return false;
}

static enum symbols_status measure_map(struct file_reader *reader, const struct jit_map *jit_map,
				       struct file_facts *ret_facts)
{
	const struct file_requester requester = {.user = jit_map->user};
	struct stat status;

	if (reader)
		return file_reader_measure(reader, &requester, jit_map->fd, ret_facts);
	if (fstat(jit_map->fd, &status) != 0)
		return SYMBOLS_IO;
	*ret_facts = (struct file_facts){.inode = status.st_ino,
					 .size_bytes = (uint64_t)status.st_size,
					 .device_major = major(status.st_dev),
					 .device_minor = minor(status.st_dev)};
	return SYMBOLS_OK;
}

/* Returns TIMEOUT if it can be read the next time; otherwise OK, also if there are no names. */
static enum symbols_status read_map(struct file_reader *reader, const struct jit_map *jit_map,
				    struct perf_map *ret_map)
{
	const struct file_requester requester = {.user = jit_map->user};
	enum symbols_status status = SYMBOLS_OK;
	int fd = jit_map->fd;

	if (reader)
		status = file_reader_copy(reader, &requester, jit_map->fd, PERF_MAP_FILE_MAX_BYTES,
					  &fd);
	if (status != SYMBOLS_OK)
		return status == SYMBOLS_TIMEOUT ? status : SYMBOLS_OK;
	if (lseek(fd, 0, SEEK_SET) != 0 || perf_map_read(fd, ret_map) != SYMBOLS_OK)
		*ret_map = (struct perf_map){.count = 0};
	if (reader)
		(void)close(fd);
	return SYMBOLS_OK;
}

/* Returns the names in the current file; NULL if it has none, or too many. */
static const struct perf_map *read_names(struct unwind_worker *worker,
					 const struct jit_map *jit_map)
{
	struct file_reader *reader = mapped_file_cache_reader(worker->options.files);
	struct perf_map_cache *named = &worker->perf_map_cache;
	struct file_facts facts;
	enum symbols_status status = measure_map(reader, jit_map, &facts);

	worker->untimely_maps += status == SYMBOLS_TIMEOUT;
	if (status != SYMBOLS_OK)
		return NULL;
	if (named->inode != facts.inode || named->size_bytes != facts.size_bytes ||
	    named->device_major != facts.device_major ||
	    named->device_minor != facts.device_minor) {
		perf_map_release(&named->map);
		named->device_major = facts.device_major;
		named->device_minor = facts.device_minor;
		named->inode = facts.inode;
		named->size_bytes = facts.size_bytes;
		status = read_map(reader, jit_map, &named->map);
	}
	if (status != SYMBOLS_OK) {
		worker->untimely_maps++;
		named->inode = 0;
	}
	return named->map.count > 0 ? &named->map : NULL;
}

/* Of a 64-bit process: these are all the same. */
static bool is_vdso(const struct mapping *mapping)
{
	return mapping->kind == MAPPING_VDSO && mapping->end > UINT32_MAX;
}

/* `seen`: as unwind_tables_add() takes it. */
static void add_table(struct unwind_worker *worker, pid_t pid, const struct mapping *mapping,
		      const struct unwind_file_key *seen)
{
	const struct module *module = module_cache_get(worker->modules, pid, mapping);
	struct file_facts facts = {.inode = 0};
	int fd;

	if (!worker->tables || !module || module->status != SYMBOLS_OK)
		return;
	if (is_vdso(mapping)) {
		unwind_tables_add(worker->tables, module, &facts, seen);
		return;
	}
	if (!mapping_has_file(mapping) ||
	    mapped_file_cache_open(worker->options.files, pid, mapping, &fd) != SYMBOLS_OK)
		return;
	if (mapped_file_cache_measure(worker->options.files, fd, &facts) == SYMBOLS_OK)
		unwind_tables_add(worker->tables, module, &facts, seen);
	(void)close(fd);
}

/* The next stack with these files need not be copied. */
static void add_tables(struct unwind_worker *worker, const struct unwind_job *job)
{
	const struct unwind_result *result = worker->result;
	const pid_t pid = job->set->mappings.pid;
	const struct mapping *mapping;
	const struct module *last = NULL;

	if (job->lacking_address == 0)
		return;
	mapping = mappings_find(&job->set->mappings, job->lacking_address);
	if (mapping)
		add_table(worker, pid, mapping, &job->lacking);
	for (size_t i = 0; i < result->count && !is_urgent_for_others(worker); i++) {
		const struct unwind_frame *frame = &result->frames[i];

		if (frame->module && frame->module != last)
			add_table(worker, pid, frame->mapping, NULL);
		last = frame->module;
	}
}

/* Makes the frames of a walked stack those of the result. Returns false if the mapping of one is
 * not known. */
static bool take_frames(struct unwind_worker *worker, const struct unwind_job *job,
			struct unwind_result *result)
{
	const uint8_t *bytes = job->bytes + job->size_bytes - job->frame_count * sizeof(uint64_t);
	uint64_t word;

	result->end = UNWIND_END_COMPLETE;
	/* The stack before may have had a gap; its mappings are gone. */
	result->oldest_count = 0;
	result->gap_bytes = 0;
	result->steps = 0;
	for (result->count = 0; result->count < job->frame_count; result->count++) {
		struct unwind_frame *frame = &result->frames[result->count];
		uint64_t address;

		memcpy(&word, bytes + result->count * sizeof(word), sizeof(word));
		*frame = (struct unwind_frame){.pc = word & UNWIND_FRAME_ADDRESS,
					       .kind = UNWIND_FRAME_RETURN};
		if (word & UNWIND_FRAME_IS_EXACT)
			frame->kind = UNWIND_FRAME_EXACT;
		else if (word & UNWIND_FRAME_IS_SIGNAL)
			frame->kind = UNWIND_FRAME_SIGNAL;
		/* A call can be the last instruction of a mapping. */
		address = frame->pc - !(word & UNWIND_FRAME_IS_EXACT);
		frame->mapping = mappings_find(&job->set->mappings, address);
		if (!frame->mapping)
			return false;
		frame->module =
			module_cache_get(worker->modules, job->set->mappings.pid, frame->mapping);
		frame->lookup_address =
			walk_link_address(frame->module, frame->mapping,
					  frame->kind == UNWIND_FRAME_SIGNAL ? frame->pc : address);
	}
	return true;
}

/* Counts a walked stack that is not the one of the copy. A copy can be too short, and the rest of
 * the stack is unknown then. */
static void compare(struct unwind_worker *worker, const struct unwind_job *job)
{
	const uint8_t *bytes = job->bytes + job->size_bytes - job->frame_count * sizeof(uint64_t);
	const struct unwind_result *result = worker->result;
	bool is_same = result->count == job->frame_count || result->end != UNWIND_END_COMPLETE;
	uint64_t word;

	for (size_t i = 0; i < result->count && i < job->frame_count && is_same; i++) {
		memcpy(&word, bytes + i * sizeof(word), sizeof(word));
		is_same = (word & UNWIND_FRAME_ADDRESS) == result->frames[i].pc;
	}
	worker->checked++;
	worker->differing += !is_same;
}

static struct chain *symbolize_walked(struct unwind_worker *worker, const struct unwind_job *job)
{
	struct chain *chain;

	if (!take_frames(worker, job, worker->result))
		return chain_of_marker("[mappings unknown]");
	chain = chain_of_result(worker->result, NULL);
	module_cache_trim(worker->modules);
	return chain;
}

static struct chain *unwind_copied(struct unwind_worker *worker, const struct unwind_job *job)
{
	struct unwind_input input = {
		.layout = job->layout,
		.registers = job->registers,
		.stack = {.address = job->address,
			  .bytes = job->bytes,
			  .size_bytes = job->stack_bytes,
			  .whole = job->whole},
		.mappings = &job->set->mappings,
	};
	const struct perf_map *names = NULL;
	struct chain *chain;

	memcpy(input.others, job->others, sizeof(input.others));
	unwind(worker->modules, &input, worker->result);
	add_tables(worker, job);
	if (job->frame_count)
		compare(worker, job);
	if (job->is_comparison) {
		module_cache_trim(worker->modules);
		return NULL;
	}
	if (job->jit_map && has_generated_code(worker->result))
		names = read_names(worker, job->jit_map);
	chain = chain_of_result(worker->result, names);
	module_cache_trim(worker->modules);
	return chain;
}

/* Grows if something of a file could not be had for a stack that the next one can have. */
static uint64_t missing(const struct unwind_worker *worker)
{
	struct module_cache_statistics modules;

	module_cache_get_statistics(worker->modules, &modules);
	return modules.refused + mapped_file_cache_untimely(worker->options.files) +
	       worker->untimely_maps;
}

static struct chain *unwind_and_symbolize(struct unwind_worker *worker,
					  const struct unwind_job *job)
{
	const uint64_t missing_before = missing(worker);
	const bool is_walked = job->frame_count && !job->stack_bytes;
	struct chain *chain =
		is_walked ? symbolize_walked(worker, job) : unwind_copied(worker, job);

	if (chain && missing(worker) != missing_before)
		chain->is_passing = true;
	return chain;
}

static void post(struct unwind_worker *worker, struct unwind_answer *answer)
{
	*worker->last_answer = answer;
	worker->last_answer = &answer->next;
}

/* `is_dropped`: events had waited for the chain. */
static void account(struct unwind_worker *worker, bool unwound, bool is_dropped, uint64_t cpu_ns)
{
	struct unwind_worker_statistics *statistics = &worker->statistics;

	statistics->cpu_ns += cpu_ns;
	if (unwound)
		unwind_statistics_add(&statistics->unwinding, worker->result, cpu_ns);
	statistics->dropped += is_dropped;
	statistics->checked = worker->checked;
	statistics->differing = worker->differing;
	if (worker->tables)
		unwind_tables_get_statistics(worker->tables, &statistics->tables);
	module_cache_get_statistics(worker->modules, &statistics->modules);
}

/* The lock is held before and after, not during the work. */
static void work_on(struct unwind_worker *worker, struct unwind_job *job,
		    struct unwind_answer *answer)
{
	bool in_time = clock_boottime_ns() < job->deadline_ns;
	bool is_comparison = job->is_comparison;
	const struct file_user user = job->user;
	uint64_t start_ns = thread_cpu_ns();
	uint64_t used_ns;

	worker->user = user;
	worker->is_ahead = false;
	worker->begun_ns = start_ns;
	worker->asked_ns = 0;
	pthread_mutex_unlock(&worker->lock);
	module_cache_trim(worker->modules);
	*answer = (struct unwind_answer){.stack_copy_id = job->stack_copy_id};
	if (in_time)
		answer->chain = unwind_and_symbolize(worker, job);
	unwind_job_free(job);
	used_ns = thread_cpu_ns() - start_ns;
	cpu_budget_spend(worker->is_of_reserve ? &worker->reserve : &worker->budget, used_ns);
	pthread_mutex_lock(&worker->lock);
	job_queue_spend(&worker->jobs, &user, used_ns, clock_boottime_ns());
	account(worker, answer->chain || (in_time && is_comparison),
		!answer->chain && !is_comparison, used_ns);
	post(worker, answer);
}

/* Loads the next file of a set. Returns whether there may be more. */
static bool prepare_file(struct unwind_worker *worker, struct prepared *prepared)
{
	const struct mappings *mappings = &prepared->set->mappings;

	while (prepared->next < mappings->count) {
		const struct mapping *mapping = &mappings->entries[prepared->next++];

		if (mapping->end - mapping->start > PREPARED_CODE_MAX_BYTES)
			continue;
		if (module_cache_get(worker->modules, mappings->pid, mapping))
			add_table(worker, mappings->pid, mapping, NULL);
		break;
	}
	return prepared->next < mappings->count;
}

/* Loads a file of the newest set: on a busy machine, a job would wait long for all of them. The
 * lock is held before and after, not during the work. */
static void prepare_one(struct unwind_worker *worker)
{
	struct prepared prepared = worker->prepared[--worker->prepared_count];
	uint64_t start_ns = thread_cpu_ns();
	uint64_t used_ns;
	bool has_more;

	worker->is_ahead = true;
	worker->begun_ns = start_ns;
	worker->asked_ns = 0;
	pthread_mutex_unlock(&worker->lock);
	has_more = prepare_file(worker, &prepared);
	if (!has_more)
		module_cache_trim(worker->modules);
	used_ns = thread_cpu_ns() - start_ns;
	cpu_budget_spend(&worker->budget, used_ns);
	worker->must_trim = true;
	pthread_mutex_lock(&worker->lock);
	if (has_more && worker->prepared_count < PREPARED_MAX)
		worker->prepared[worker->prepared_count++] = prepared;
	else
		mapping_set_release(prepared.set);
	worker->statistics.cpu_ns += used_ns;
	if (worker->tables)
		unwind_tables_get_statistics(worker->tables, &worker->statistics.tables);
	module_cache_get_statistics(worker->modules, &worker->statistics.modules);
}

static void wait_whole(struct unwind_worker *worker, uint64_t wait_ns)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	wait_ns += (uint64_t)until.tv_nsec;
	until.tv_sec += (time_t)(wait_ns / 1000000000);
	until.tv_nsec = (long)(wait_ns % 1000000000);
	pthread_cond_timedwait(&worker->changed, &worker->lock, &until);
}

static void wait_for(struct unwind_worker *worker, uint64_t wait_ns)
{
	wait_whole(worker, wait_ns < WAIT_MAX_NS ? wait_ns : WAIT_MAX_NS);
}

static void trim(struct unwind_worker *worker, uint64_t now_ns)
{
	uint64_t start_ns = thread_cpu_ns();

	worker->must_trim = false;
	worker->trimmed_ns = now_ns;
	pthread_mutex_unlock(&worker->lock);
	(void)malloc_trim(0);
	cpu_budget_spend(&worker->budget, thread_cpu_ns() - start_ns);
	pthread_mutex_lock(&worker->lock);
}

static void wait_for_work(struct unwind_worker *worker, uint64_t now_ns)
{
	const uint64_t passed_ns = now_ns - worker->trimmed_ns;

	if (!worker->must_trim)
		pthread_cond_wait(&worker->changed, &worker->lock);
	else if (passed_ns < TRIM_INTERVAL_NS)
		wait_whole(worker, TRIM_INTERVAL_NS - passed_ns);
	else
		trim(worker, now_ns);
}

static void idle(struct unwind_worker *worker, uint64_t now_ns)
{
	if (worker->prepared_count == 0)
		wait_for_work(worker, now_ns);
	else if (cpu_budget_has(&worker->budget, PREPARE_SAVED_MIN_NS, now_ns))
		prepare_one(worker);
	else
		wait_for(worker, WAIT_MAX_NS);
}

/* Returns how long the job must wait. */
static uint64_t wait_of(struct unwind_worker *worker, const struct unwind_job *job, uint64_t now_ns)
{
	const uint64_t wait_ns = cpu_budget_wait_ns(&worker->budget, now_ns);

	worker->is_of_reserve = false;
	if (wait_ns == 0 || worker->reserve.percent == 0 ||
	    !job_queue_uses_little(&worker->jobs, &job->user, now_ns))
		return wait_ns;
	worker->is_of_reserve = cpu_budget_wait_ns(&worker->reserve, now_ns) == 0;
	return worker->is_of_reserve ? 0 : wait_ns;
}

/* Waits for a job and removes it from the queue. Returns NULL at the end. */
static struct unwind_job *next_job(struct unwind_worker *worker)
{
	while (!worker->ending) {
		const uint64_t now_ns = clock_boottime_ns();
		struct unwind_job *job = job_queue_next(&worker->jobs, now_ns);
		uint64_t wait_ns;

		if (!job) {
			idle(worker, now_ns);
			continue;
		}
		wait_ns = wait_of(worker, job, now_ns);
		/* A job past its deadline is dropped, which costs nothing. */
		if (wait_ns > 0 && now_ns < job->deadline_ns) {
			wait_for(worker, wait_ns);
			continue;
		}
		job_queue_take(&worker->jobs, job);
		return job;
	}
	return NULL;
}

static void *run(void *context)
{
	struct unwind_worker *worker = context;
	struct unwind_job *job;

	pthread_setname_np(pthread_self(), "diag-unwind");
	if (worker->options.begin)
		(void)worker->options.begin();
	pthread_mutex_lock(&worker->lock);
	while ((job = next_job(worker)) != NULL) {
		struct unwind_answer *answer = malloc(sizeof(*answer));

		if (answer)
			work_on(worker, job, answer);
		else
			unwind_job_free(job); /* its submitter waits only until the deadline */
	}
	pthread_mutex_unlock(&worker->lock);
	return NULL;
}

static void init_locks(struct unwind_worker *worker)
{
	pthread_condattr_t attributes;

	pthread_mutex_init(&worker->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&worker->changed, &attributes);
	pthread_condattr_destroy(&attributes);
}

static void free_answers(struct unwind_answer *answer)
{
	while (answer) {
		struct unwind_answer *next = answer->next;

		free(answer->chain);
		free(answer);
		answer = next;
	}
}

static void release(struct unwind_worker *worker)
{
	struct unwind_job *job;

	while ((job = job_queue_next(&worker->jobs, 0)) != NULL) {
		job_queue_take(&worker->jobs, job);
		unwind_job_free(job);
	}
	while (worker->prepared_count > 0)
		mapping_set_release(worker->prepared[--worker->prepared_count].set);
	free_answers(worker->first_answer);
	unwind_tables_free(worker->tables);
	module_cache_free(worker->modules);
	perf_map_release(&worker->perf_map_cache.map);
	pthread_cond_destroy(&worker->changed);
	pthread_mutex_destroy(&worker->lock);
	free(worker->result);
	free(worker);
}

static void init_budgets(struct unwind_worker *worker)
{
	const unsigned int percent = worker->options.cpu_percent;
	const unsigned int reserved = percent / RESERVE_PART;
	const uint64_t now_ns = clock_boottime_ns();

	cpu_budget_init(&worker->budget, percent - reserved, BUDGET_SAVED_MAX_NS, now_ns);
	cpu_budget_init(&worker->reserve, reserved, RESERVE_SAVED_MAX_NS, now_ns);
}

enum symbols_status unwind_worker_start(const struct unwind_worker_options *options,
					struct unwind_worker **ret_worker)
{
	static const char *const debug_directories[] = {"/usr/lib/debug"};
	struct module_cache_options modules = {
		.memory_limit_bytes = options->modules_bytes_max,
		.large_bytes_max = LARGE_MODULE_MAX_BYTES,
		.memory_max_bytes = options->modules_bytes_max + LOADING_MAX_BYTES,
		.debug_directories = {debug_directories, 1},
		.open = mapped_file_cache_open,
		.with_32bit = true,
		.open_context = options->files,
		.identify = mapped_file_cache_identify,
		.source = mapped_file_cache_source(options->files),
	};
	struct unwind_worker *worker = calloc(1, sizeof(*worker));
	enum symbols_status status;

	if (!worker)
		return SYMBOLS_NO_MEMORY;
	worker->options = *options;
	job_queue_init(&worker->jobs, options->queue_bytes_max);
	worker->last_answer = &worker->first_answer;
	init_locks(worker);
	init_budgets(worker);
	mapped_file_cache_set_stop(options->files, must_stop, worker);
	worker->result = malloc(sizeof(*worker->result));
	status = module_cache_new(&modules, &worker->modules);
	if (status == SYMBOLS_OK && !worker->result)
		status = SYMBOLS_NO_MEMORY;
	if (status == SYMBOLS_OK && !thread_start(&worker->thread, run, worker))
		status = SYMBOLS_IO;
	if (status != SYMBOLS_OK) {
		release(worker);
		return status;
	}
	*ret_worker = worker;
	return SYMBOLS_OK;
}

bool unwind_worker_stop(struct unwind_worker *worker)
{
	struct timespec until;

	if (!worker)
		return true;
	pthread_mutex_lock(&worker->lock);
	worker->ending = true;
	pthread_cond_signal(&worker->changed);
	pthread_mutex_unlock(&worker->lock);
	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += STOP_SECONDS;
	if (pthread_timedjoin_np(worker->thread, NULL, &until) != 0)
		return false;
	release(worker);
	return true;
}

enum symbols_status unwind_worker_use_tables(struct unwind_worker *worker,
					     const struct unwind_table_maps *maps)
{
	struct unwind_tables *tables = unwind_tables_new(maps);

	if (!tables)
		return SYMBOLS_NO_MEMORY;
	pthread_mutex_lock(&worker->lock);
	worker->tables = tables;
	pthread_mutex_unlock(&worker->lock);
	return SYMBOLS_OK;
}

/* Its events wait for an answer. */
static void drop(struct unwind_worker *worker, struct unwind_job *job)
{
	struct unwind_answer *answer = malloc(sizeof(*answer));

	worker->statistics.dropped += !job->is_comparison;
	if (answer) {
		*answer = (struct unwind_answer){.stack_copy_id = job->stack_copy_id};
		post(worker, answer);
	}
	unwind_job_free(job);
}

bool unwind_worker_submit(struct unwind_worker *worker, struct unwind_job *job)
{
	struct unwind_job *dropped;
	bool taken;

	pthread_mutex_lock(&worker->lock);
	taken = job_queue_add(&worker->jobs, job, &dropped);
	while (dropped) {
		struct unwind_job *next = dropped->next;

		drop(worker, dropped);
		dropped = next;
	}
	if (taken)
		pthread_cond_signal(&worker->changed);
	else
		worker->statistics.dropped += !job->is_comparison;
	pthread_mutex_unlock(&worker->lock);
	return taken;
}

void unwind_worker_prepare(struct unwind_worker *worker, struct mapping_set *set)
{
	struct mapping_set *dropped = NULL;

	pthread_mutex_lock(&worker->lock);
	if (worker->prepared_count == PREPARED_MAX) {
		dropped = worker->prepared[0].set;
		for (size_t i = 1; i < PREPARED_MAX; i++)
			worker->prepared[i - 1] = worker->prepared[i];
		worker->prepared_count--;
	}
	worker->prepared[worker->prepared_count++] = (struct prepared){.set = set};
	pthread_cond_signal(&worker->changed);
	pthread_mutex_unlock(&worker->lock);
	mapping_set_release(dropped);
}

struct unwind_answer *unwind_worker_take(struct unwind_worker *worker)
{
	struct unwind_answer *answers;

	pthread_mutex_lock(&worker->lock);
	answers = worker->first_answer;
	worker->first_answer = NULL;
	worker->last_answer = &worker->first_answer;
	pthread_mutex_unlock(&worker->lock);
	return answers;
}

void unwind_worker_get_statistics(struct unwind_worker *worker,
				  struct unwind_worker_statistics *ret_statistics)
{
	pthread_mutex_lock(&worker->lock);
	*ret_statistics = worker->statistics;
	pthread_mutex_unlock(&worker->lock);
}
