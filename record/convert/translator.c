/* record/convert/translator.c - records of BPF programs to rows of a file
 *
 * bpf/event_kinds.h lists the kinds; each has one function here. A record is the fixed part of its
 * kind, then ancestors, then kernel addresses. Its size is checked against the counts in its header
 * before anything is read.
 */
#include "record/convert/translator.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf/event.h"
#include "record/common/pid_namespace.h"
#include "record/convert/cgroup_paths.h"
#include "record/convert/known_stacks.h"
#include "record/convert/probe_stacks.h"
#include "record/convert/probe_tasks.h"
#include "record/convert/signal_source.h"
#include "record/convert/tasks.h"
#include "record/stacks/kernel_stack.h"
#include <dz/enums.h>

#define NS_PER_US 1000u

struct translator {
	struct dz_writer *writer;
	struct size_limit *limit; /* NULL: none */
	uint32_t generation;      /* of the references in the caches */
	uint32_t epoch;           /* counts the files */
	uint64_t page_bytes;
	uint64_t memory_bytes; /* of the machine; 0: unknown */
	uint64_t invalid;      /* records that break the protocol */
	struct cgroups *cgroups;
	struct tasks *tasks;
	struct command_lines *lines; /* NULL: not requested */
	struct kernel_stacks *stacks;
	struct known_stacks *known_stacks;
	struct user_stacks *user_stacks; /* NULL: none are recorded */
	const struct probe_list *probes; /* NULL: none are recorded */
	translator_watch watch;          /* NULL: none */
	void *watch_context;
	struct probe_tasks *probe_tasks;
	struct probe_stacks *probe_stacks;
};

/* The parts behind the fixed part of a record; unaligned. */
struct record_tail {
	const void *ancestors;
	size_t ancestor_count;
	const void *frames;
	size_t frame_count;
};

/* Of a wait for a CPU, the holders that are not used are not sent. */
static size_t find_unsent_bytes(const struct event_header *header, size_t size)
{
	const struct event_runq *wait = (const void *)header;

	if (header->kind != EVENT_RUNQ || size < offsetof(struct event_runq, holders) ||
	    wait->holder_count > SCHED_HOLDERS_MAX)
		return 0;
	return (SCHED_HOLDERS_MAX - wait->holder_count) * sizeof(struct sched_holder);
}

/* Returns false if the size is not what the header says. */
static bool find_tail(const struct event_header *header, size_t size, size_t fixed_bytes,
		      struct record_tail *ret_tail)
{
	const size_t ancestors_bytes = header->ancestor_count * sizeof(struct event_ancestor);
	const size_t frames_bytes = header->kernel_frame_count * sizeof(uint64_t);

	fixed_bytes -= find_unsent_bytes(header, size);
	if (size < fixed_bytes || size - fixed_bytes != ancestors_bytes + frames_bytes)
		return false;
	*ret_tail = (struct record_tail){
		.ancestors = (const char *)header + fixed_bytes,
		.ancestor_count = header->ancestor_count,
		.frames = (const char *)header + fixed_bytes + ancestors_bytes,
		.frame_count = header->kernel_frame_count,
	};
	return true;
}

static uint64_t memory_of_machine(uint64_t page_bytes)
{
	long pages = sysconf(_SC_PHYS_PAGES);

	return pages > 0 ? (uint64_t)pages * page_bytes : 0;
}

struct translator *translator_new(struct kernel_symbols *symbols, struct user_stacks *user_stacks)
{
	struct translator *translator = calloc(1, sizeof(*translator));

	if (!translator)
		return NULL;
	translator->user_stacks = user_stacks;
	translator->page_bytes = (uint64_t)sysconf(_SC_PAGESIZE);
	translator->memory_bytes = memory_of_machine(translator->page_bytes);
	translator->cgroups = cgroups_new();
	translator->tasks = tasks_new(translator->cgroups);
	translator->stacks = kernel_stacks_new(symbols);
	translator->known_stacks = known_stacks_new();
	if (!translator->cgroups || !translator->tasks || !translator->stacks ||
	    !translator->known_stacks) {
		translator_free(translator);
		return NULL;
	}
	return translator;
}

static void translator_forget(struct translator *translator)
{
	cgroups_forget(translator->cgroups);
	tasks_forget(translator->tasks);
	kernel_stacks_forget(translator->stacks);
	translator->generation = dz_writer_generation(translator->writer);
}

/* Forgets references if a row has started a new generation. */
static void translator_keep_up(struct translator *translator)
{
	if (translator->generation != dz_writer_generation(translator->writer))
		translator_forget(translator);
}

bool translator_use_probes(struct translator *translator, const struct probe_list *probes)
{
	translator->probe_tasks = probe_tasks_new();
	translator->probe_stacks = probe_stacks_new();
	if (!translator->probe_tasks || !translator->probe_stacks)
		return false;
	translator->probes = probes;
	return true;
}

bool translator_use_command_lines(struct translator *translator, struct file_reader *reader)
{
	translator->lines = command_lines_new(pid_namespace_own() ? NULL : "/proc");
	tasks_use_command_lines(translator->tasks, translator->lines);
	if (translator->lines)
		command_lines_use_reader(translator->lines, reader);
	return translator->lines != NULL;
}

void translator_use_limit(struct translator *translator, struct size_limit *limit)
{
	translator->limit = limit;
}

void translator_use(struct translator *translator, struct dz_writer *writer)
{
	translator->epoch++;
	translator->writer = writer;
	if (translator->user_stacks)
		user_stacks_forget_references(translator->user_stacks);
	translator_forget(translator);
}

static uint32_t translate_task(struct translator *translator, const struct event_task *task,
			       const struct record_tail *tail)
{
	return tasks_intern(translator->tasks, translator->writer, task, tail->ancestors,
			    tail->ancestor_count);
}

/* Another task than `task` of the record: its ancestors are not known. */
static uint32_t translate_other_task(struct translator *translator, const struct event_task *task)
{
	return tasks_intern(translator->tasks, translator->writer, task, NULL, 0);
}

static uint32_t translate_stack(struct translator *translator, const struct record_tail *tail)
{
	return kernel_stacks_intern(translator->stacks, translator->writer, tail->frames,
				    tail->frame_count);
}

/* The same for a record whose stack can be that of an earlier record with this number. */
static uint32_t translate_numbered_stack(struct translator *translator,
					 const struct event_header *header, uint32_t number,
					 const struct record_tail *tail)
{
	const struct known_stack *stack;

	if (number == KNOWN_STACK_NONE || tail->frame_count)
		return translate_stack(translator, tail);
	stack = known_stacks_find(translator->known_stacks, header->cpu, number);
	if (!stack) {
		translator->invalid++;
		return 0;
	}
	return kernel_stacks_intern(translator->stacks, translator->writer, stack->addresses,
				    stack->count);
}

static uint32_t translate_user_stack(struct translator *translator, uint64_t stack_copy_id)
{
	if (!translator->user_stacks)
		return 0;
	return user_stacks_intern(translator->user_stacks, translator->writer, stack_copy_id);
}

/* A signed value as it is kept in a row. */
static uint64_t translate_signed(int64_t value)
{
	return (uint64_t)value;
}

/*
 * The ticks that a process was seen in user mode and in the kernel say how to divide the time that
 * it really ran, as in the kernel's own cputime_adjust().
 */
static void translate_cpu_time(const struct event_exit *event, struct dz_exit *row)
{
	const uint64_t ticks_ns = event->user_time_ns + event->system_time_ns;
	uint64_t system_ns = 0;

	if (event->system_time_ns && event->user_time_ns)
		system_ns = (uint64_t)((double)event->run_time_ns *
				       ((double)event->system_time_ns / (double)ticks_ns));
	else if (event->system_time_ns)
		system_ns = event->run_time_ns;
	row->system_time = system_ns / NS_PER_US;
	row->user_time = (event->run_time_ns - system_ns) / NS_PER_US;
}

static enum dz_status translate_exit(struct translator *translator, const void *record,
				     const struct record_tail *tail)
{
	const struct event_exit *event = record;
	struct dz_exit row = {
		.time = event->header.time_ns,
		.cpu = event->header.cpu,
		.task = translate_task(translator, &event->task, tail),
		.exit_code = event->status >> 8 & 0xff,
		.signal = event->status & 0x7f,
		.core_dumped = event->status >> 7 & 1,
		.thread = event->thread,
		.system_call = translate_signed(event->system_call),
		.max_rss = event->max_rss_pages * translator->page_bytes,
		.minor_faults = event->minor_faults,
		.major_faults = event->major_faults,
		.kernel_stack = translate_numbered_stack(translator, &event->header,
							 event->known_stack, tail),
		.user_stack = translate_user_stack(translator, event->user_stack),
		.end_tid = event->end_thread.tid,
		.end_ns_tid = event->end_thread.ns_tid,
		.never_executed = event->never_executed,
		.compat = event->task.flags & EVENT_TASK_COMPAT ? 1 : 0,
	};

	if (translator->user_stacks &&
	    user_stacks_is_rust(translator->user_stacks, event->user_stack))
		row.runtime = dz_writer_text(translator->writer, "Rust");
	if (row.end_tid != 0)
		row.end_comm = dz_writer_string(
			translator->writer, event->end_thread.comm,
			strnlen(event->end_thread.comm, sizeof(event->end_thread.comm)));
	translate_cpu_time(event, &row);
	return dz_writer_add(translator->writer, DZ_KIND_EXIT, &row);
}

static enum dz_status translate_signal(struct translator *translator, const void *record,
				       const struct record_tail *tail)
{
	const struct event_signal *event = record;
	struct dz_signal row = {
		.time = event->header.time_ns,
		.cpu = event->header.cpu,
		.task = translate_task(translator, &event->task, tail),
		.receiver = translate_other_task(translator, &event->receiver),
		.signal = event->signal,
		.code = translate_signed(event->code),
		.result = event->result,
		.group = event->facts & SIGNAL_FACT_GROUP ? 1 : 0,
		.source = signal_source_of(event),
		.system_call = translate_signed(event->system_call),
		.address = event->address,
		.value = translate_signed(event->value),
		.kernel_stack = translate_numbered_stack(translator, &event->header,
							 event->known_stack, tail),
		.user_stack = translate_user_stack(translator, event->user_stack),
		.compat = event->task.flags & EVENT_TASK_COMPAT ? 1 : 0,
	};

	return dz_writer_add(translator->writer, DZ_KIND_SIGNAL, &row);
}

static enum dz_status translate_delivery(struct translator *translator, const void *record,
					 const struct record_tail *tail)
{
	const struct event_delivery *event = record;
	struct dz_delivery row = {
		.time = event->header.time_ns,
		.cpu = event->header.cpu,
		.task = translate_task(translator, &event->task, tail),
		.signal = event->signal,
		.code = translate_signed(event->code),
		.handled = event->handled,
		.group_code = event->group_code,
		.sender_pid = event->sender_pid,
		.sender_uid = event->sender_uid,
		.address = event->address,
		.user_stack = translate_user_stack(translator, event->user_stack),
	};

	if (event->tracer.pid)
		row.tracer = translate_other_task(translator, &event->tracer);
	return dz_writer_add(translator->writer, DZ_KIND_DELIVERY, &row);
}

static enum dz_status translate_oom(struct translator *translator, const void *record,
				    const struct record_tail *tail)
{
	const struct event_oom *event = record;
	struct dz_oom row = {
		.time = event->header.time_ns,
		.cpu = event->header.cpu,
		.task = translate_task(translator, &event->task, tail),
		.victim = translate_other_task(translator, &event->victim),
		.total_vm = event->total_vm_pages * translator->page_bytes,
		.anon_rss = event->anon_rss_pages * translator->page_bytes,
		.file_rss = event->file_rss_pages * translator->page_bytes,
		.shmem_rss = event->shmem_rss_pages * translator->page_bytes,
		.score_adjustment = translate_signed(event->score_adjustment),
		.limit_cgroup = cgroups_intern(translator->cgroups, translator->writer,
					       event->limit_cgroup_id, event->limit_hierarchy),
		.limit = event->limit_pages * translator->page_bytes,
		.usage = event->usage_pages * translator->page_bytes,
		.memory_total = translator->memory_bytes,
		.limits_read = event->limits_read,
		.memory_free = event->free_pages * translator->page_bytes,
	};

	return dz_writer_add(translator->writer, DZ_KIND_OOM, &row);
}

/* The numbers of bpf/sched.h are stored as they are. */
#define CAUSE_IS_SAME(number, NAME, word)                                                          \
	_Static_assert((int)SCHED_##NAME == (int)DZ_RUNQ_CAUSE_##NAME, "as the file has it");
DZ_RUNQ_CAUSES(CAUSE_IS_SAME)

/* Each row can start a new generation, so the references are made for each. */
static enum dz_status add_holder(struct translator *translator, const struct event_runq *event,
				 const struct event_peer *holder, uint64_t held_ns)
{
	struct dz_runq_holder row = {
		.time = event->header.time_ns,
		.cpu = event->header.cpu,
		.task = translator_task(translator, &event->task),
		.holder = holder ? translator_peer(translator, holder) : 0,
		.held = held_ns,
	};

	return held_ns ? dz_writer_add(translator->writer, DZ_KIND_RUNQ_HOLDER, &row) : DZ_OK;
}

static enum dz_status translate_runq(struct translator *translator, const void *record,
				     const struct record_tail *tail)
{
	const struct event_runq *event = record;
	enum dz_status status;
	struct dz_runq row = {
		.time = event->header.time_ns,
		.cpu = event->header.cpu,
		.task = translate_task(translator, &event->task, tail),
		.waited = event->waited_ns,
		.cause = event->cause,
		.waker = event->waker.tid ? translator_peer(translator, &event->waker) : 0,
		.interrupt = event->interrupt,
		.throttled = event->throttled,
		.moves = event->moves,
		.previous = translator_peer(translator, &event->previous),
	};

	status = dz_writer_add(translator->writer, DZ_KIND_RUNQ, &row);
	for (size_t i = 0; i < event->holder_count && i < SCHED_HOLDERS_MAX && status == DZ_OK; i++)
		status = add_holder(translator, event, &event->holders[i].task,
				    event->holders[i].held_ns);
	return status == DZ_OK ? add_holder(translator, event, NULL, event->unknown_ns) : status;
}

/* The innermost address is that of the sample, not a return address. */
static uint32_t translate_sampled_stack(struct translator *translator,
					const struct record_tail *tail)
{
	uint64_t addresses[EVENT_KERNEL_FRAMES_MAX];

	if (tail->frame_count == 0 || tail->frame_count > EVENT_KERNEL_FRAMES_MAX)
		return 0;
	memcpy(addresses, tail->frames, tail->frame_count * sizeof(addresses[0]));
	addresses[0]++;
	return kernel_stacks_intern(translator->stacks, translator->writer, addresses,
				    tail->frame_count);
}

static enum dz_status translate_cpu(struct translator *translator, const void *record,
				    const struct record_tail *tail)
{
	const struct event_cpu *event = record;
	const struct dz_cpu row = {
		.time = event->header.time_ns,
		.cpu = event->header.cpu,
		.task = translate_task(translator, &event->task, tail),
		.period = event->period_ns,
		.kernel_stack = translate_sampled_stack(translator, tail),
		.user_stack = translate_user_stack(translator, event->user_stack),
		.count = event->count,
		.span = event->header.time_ns - event->first_ns,
		.events = event->events,
	};

	return dz_writer_add(translator->writer, DZ_KIND_CPU, &row);
}

/* The bits are those of TASK_INTERRUPTIBLE and so on in the kernel. */
static uint64_t offcpu_state(uint32_t state)
{
	if (state & 2)
		return DZ_OFFCPU_STATE_UNINTERRUPTIBLE;
	if (state & 12)
		return DZ_OFFCPU_STATE_STOPPED;
	return state & 1 ? DZ_OFFCPU_STATE_SLEEPING : DZ_OFFCPU_STATE_OTHER;
}

static enum dz_status translate_offcpu(struct translator *translator, const void *record,
				       const struct record_tail *tail)
{
	const struct event_offcpu *event = record;
	const uint32_t waker_frames = event->waker_frame_count < OFFCPU_WAKER_FRAMES_MAX
					      ? event->waker_frame_count
					      : OFFCPU_WAKER_FRAMES_MAX;
	const struct dz_offcpu row = {
		.time = event->header.time_ns,
		.cpu = event->header.cpu,
		.task = translate_task(translator, &event->task, tail),
		.blocked = event->blocked_ns,
		.count = event->count,
		.span = event->header.time_ns - event->first_ns,
		.state = offcpu_state(event->state),
		.waker = event->waker.tid ? translator_peer(translator, &event->waker) : 0,
		.interrupt = event->interrupt,
		.began = event->began,
		.open = event->open,
		.kernel_stack = translate_stack(translator, tail),
		.user_stack = translate_user_stack(translator, event->user_stack),
		.waker_kernel_stack =
			translator_kernel_stack(translator, event->waker_frames, waker_frames),
		.waker_user_stack = translate_user_stack(translator, event->waker_user_stack),
	};

	return dz_writer_add(translator->writer, DZ_KIND_OFFCPU, &row);
}

/* A record that breaks the protocol is counted and skipped. */
static enum dz_status translator_skip(struct translator *translator)
{
	translator->invalid++;
	return DZ_OK;
}

static enum dz_status learn_cgroup(struct translator *translator, const void *record, size_t size)
{
	return cgroups_learn(translator->cgroups, record, size) ? DZ_OK
								: translator_skip(translator);
}

static enum dz_status learn_command_line(struct translator *translator, const void *record,
					 size_t size)
{
	if (!translator->lines || !command_lines_learn(translator->lines, record, size))
		return translator_skip(translator);
	return DZ_OK;
}

static enum dz_status learn_probe_task(struct translator *translator, const void *record,
				       size_t size)
{
	struct record_tail tail;

	if (!find_tail(record, size, sizeof(struct event_probe_task), &tail))
		return translator_skip(translator);
	if (!translator->probes)
		return DZ_OK;
	return probe_tasks_learn(translator->probe_tasks, record, tail.ancestors,
				 tail.ancestor_count)
		       ? DZ_OK
		       : DZ_NO_MEMORY;
}

/* The first address of a kprobe is that of the function, not a return address. */
static void translate_probe_addresses(const struct translator *translator, uint32_t probe,
				      uint64_t *addresses)
{
	if (translator->probes->probes[probe].spec->form == PROBE_KPROBE)
		addresses[0]++;
}

static enum dz_status learn_probe_stack(struct translator *translator, const void *record,
					size_t size)
{
	const struct event_probe_stack *event = record;
	struct probe_stack *stack;
	struct record_tail tail;

	if (!find_tail(record, size, sizeof(*event), &tail))
		return translator_skip(translator);
	if (!translator->probes || event->probe >= translator->probes->count)
		return DZ_OK;
	if (!probe_stacks_learn(translator->probe_stacks, event->number, tail.frames,
				tail.frame_count))
		return DZ_NO_MEMORY;
	stack = probe_stacks_find(translator->probe_stacks, event->number);
	if (stack && stack->count)
		translate_probe_addresses(translator, event->probe, stack->addresses);
	return DZ_OK;
}

/* Generations count from 1 here; 0: none. */
static uint32_t translate_probe_owner(struct translator *translator, uint32_t number)
{
	const uint32_t generation = translator->generation + 1;
	struct probe_task *task = probe_tasks_find(translator->probe_tasks, number);

	if (!task) {
		translator->invalid++;
		return 0;
	}
	if (task->generation != generation || task->epoch != translator->epoch) {
		task->reference = tasks_intern(translator->tasks, translator->writer, &task->task,
					       task->ancestors, task->ancestor_count);
		task->generation = generation;
		task->epoch = translator->epoch;
	}
	return task->reference;
}

static uint32_t translate_known_stack(struct translator *translator, uint32_t number)
{
	const uint32_t generation = translator->generation + 1;
	struct probe_stack *stack = probe_stacks_find(translator->probe_stacks, number);

	if (!stack) {
		translator->invalid += number != PROBE_STACK_NONE;
		return 0;
	}
	if (stack->generation != generation || stack->epoch != translator->epoch) {
		stack->reference = kernel_stacks_intern(translator->stacks, translator->writer,
							stack->addresses, stack->count);
		stack->generation = generation;
		stack->epoch = translator->epoch;
	}
	return stack->reference;
}

/* The stack in the record of the hit, or one that was described before. */
static uint32_t translate_hit_stack(struct translator *translator, const struct event_probe *event,
				    const struct record_tail *tail)
{
	uint64_t addresses[EVENT_KERNEL_FRAMES_MAX];

	if (tail->frame_count == 0 || tail->frame_count > EVENT_KERNEL_FRAMES_MAX)
		return translate_known_stack(translator, event->stack);
	memcpy(addresses, tail->frames, tail->frame_count * sizeof(addresses[0]));
	translate_probe_addresses(translator, event->probe, addresses);
	return kernel_stacks_intern(translator->stacks, translator->writer, addresses,
				    tail->frame_count);
}

static enum dz_status translate_hit(struct translator *translator, const struct event_probe *event,
				    const struct record_tail *tail, const char *arguments)
{
	const struct probe *probe;
	struct dz_probe row = {
		.time = event->header.time_ns,
		.cpu = event->header.cpu,
		.latency = event->latency_ns,
		.user_stack = translate_user_stack(translator, event->user_stack),
	};

	if (!translator->probes || event->probe >= translator->probes->count) {
		return translator_skip(translator);
	}
	probe = &translator->probes->probes[event->probe];
	row.task = translate_probe_owner(translator, event->task);
	row.probe = dz_writer_text(translator->writer, probe->name);
	row.result = translate_signed(probe_result(probe, event->result));
	row.no_result = probe_has_no_result(probe);
	row.kernel_stack = translate_hit_stack(translator, event, tail);
	if (arguments && arguments[0])
		row.arguments = dz_writer_text(translator->writer, arguments);
	return dz_writer_add(translator->writer, DZ_KIND_PROBE, &row);
}

static enum dz_status translate_probe(struct translator *translator, const void *record,
				      const struct record_tail *tail)
{
	return translate_hit(translator, record, tail, NULL);
}

static enum dz_status translate_probe_brief(struct translator *translator, const void *record,
					    const struct record_tail *tail)
{
	const struct event_probe_brief *event = record;
	const struct event_probe hit = {
		.header = event->header,
		.task = event->task,
		.stack = event->stack,
		.probe = event->probe,
	};

	return translate_hit(translator, &hit, tail, NULL);
}

static enum dz_status translate_probe_data(struct translator *translator, const void *record,
					   const struct record_tail *tail)
{
	const struct event_probe_data *event = record;
	char text[PROBE_FIELDS_TEXT_MAX] = "";

	if (translator->probes && event->hit.probe < translator->probes->count)
		probe_fields_text(&translator->probes->probes[event->hit.probe].fields, event,
				  text);
	return translate_hit(translator, &event->hit, tail, text);
}

/* How each kind is taken; all 0 if it comes here by mistake. */
struct translation {
	size_t fixed_bytes;
	enum dz_status (*translate)(struct translator *translator, const void *record,
				    const struct record_tail *tail);
	enum dz_status (*learn)(struct translator *translator, const void *record, size_t size);
	uint16_t row; /* enum dz_kind; 0: no row of a fixed kind */
};

#define LEARNT_ROW_NONE 0
#define TRANSLATION_ROW(NAME, name, kind)                                                          \
	[EVENT_##NAME] = {.fixed_bytes = sizeof(struct event_##name),                              \
			  .translate = translate_##name,                                           \
			  .row = DZ_KIND_##kind},
#define TRANSLATION_LEARN(NAME, name, kind)                                                        \
	[EVENT_##NAME] = {.learn = learn_##name, .row = LEARNT_ROW_##kind},
#define TRANSLATION_USER_STACK(NAME, name, kind)
#define TRANSLATION_SECTION(NAME, name, kind)
#define TRANSLATION(NAME, name, route, row, loss, stack, scratch)                                  \
	TRANSLATION_##route(NAME, name, row)

static const struct translation translations[EVENT_KIND_COUNT] = {EVENT_KINDS(TRANSLATION)};

bool translator_admits(const struct translator *translator, enum dz_kind kind, uint64_t time_ns)
{
	return !translator->limit || size_limit_admits(translator->limit, kind, time_ns);
}

/* The number of the kernel stack of a record; KNOWN_STACK_NONE if its kind has none. */
static uint32_t known_stack_of(const struct event_header *header, size_t size)
{
	if (header->kind == EVENT_EXIT && size >= sizeof(struct event_exit))
		return ((const struct event_exit *)(const void *)header)->known_stack;
	if (header->kind == EVENT_SIGNAL && size >= sizeof(struct event_signal))
		return ((const struct event_signal *)(const void *)header)->known_stack;
	return KNOWN_STACK_NONE;
}

/* Later records can refer to the stack of one that a limit excludes. */
static bool translator_learn_stack(struct translator *translator, const struct event_header *header,
				   size_t size)
{
	const uint32_t number = known_stack_of(header, size);
	struct record_tail tail;

	if (number == KNOWN_STACK_NONE || header->kernel_frame_count == 0 ||
	    !find_tail(header, size, translations[header->kind].fixed_bytes, &tail))
		return true;
	return known_stacks_learn(translator->known_stacks, header->cpu, number, tail.frames,
				  tail.frame_count);
}

void translator_set_watch(struct translator *translator, translator_watch watch, void *context)
{
	translator->watch = watch;
	translator->watch_context = context;
}

const char *translator_cgroup(const struct translator *translator, const struct event_task *task)
{
	return cgroups_path(translator->cgroups, task->cgroup_id, task->cgroup_hierarchy);
}

static void show_to_watch(const struct translator *translator, const struct event_header *record)
{
	const struct event_task *task;

	if (!translator->watch)
		return;
	if (record->kind == EVENT_EXIT)
		task = &((const struct event_exit *)record)->task;
	else if (record->kind == EVENT_OOM)
		task = &((const struct event_oom *)record)->victim;
	else
		return;
	translator->watch(translator->watch_context, record, translator_cgroup(translator, task));
}

static void request_ancestors(struct translator *translator, const struct record_tail *tail)
{
	for (size_t i = 0; i < tail->ancestor_count && i < EVENT_ANCESTORS_MAX; i++) {
		struct event_ancestor ancestor;

		memcpy(&ancestor, (const char *)tail->ancestors + i * sizeof(struct event_ancestor),
		       sizeof(ancestor));
		command_lines_request(translator->lines, &(const struct command_line_owner){
								 ancestor.process_start_ns,
								 ancestor.pid, ancestor.comm});
	}
}

static void request_task(struct translator *translator, const struct event_task *task)
{
	if (task->pid)
		command_lines_request(translator->lines, &(const struct command_line_owner){
								 task->process_start_ns, task->pid,
								 task->process_comm});
}

/* That of the running task of other kinds comes in a record. */
static void request_other(struct translator *translator, const struct event_header *header)
{
	static const size_t other_tasks[EVENT_KIND_COUNT] = {
		[EVENT_SIGNAL] = offsetof(struct event_signal, receiver),
		[EVENT_DELIVERY] = offsetof(struct event_delivery, tracer),
		[EVENT_OOM] = offsetof(struct event_oom, victim),
		[EVENT_RUNQ] = offsetof(struct event_runq, task),
		[EVENT_CPU] = offsetof(struct event_cpu, task),
		[EVENT_OFFCPU] = offsetof(struct event_offcpu, task),
	};
	struct event_task task;

	if (!other_tasks[header->kind])
		return;
	memcpy(&task, (const char *)header + other_tasks[header->kind], sizeof(task));
	request_task(translator, &task);
}

uint64_t translator_expect_task(struct translator *translator, const struct event_task *task)
{
	if (!translator->lines)
		return 0;
	request_task(translator, task);
	return command_lines_requested(translator->lines);
}

uint64_t translator_expect(struct translator *translator, const void *record, size_t size)
{
	const struct event_header *header = record;
	struct record_tail tail;

	if (!translator->lines)
		return 0;
	if (size >= sizeof(*header) && header->kind < EVENT_KIND_COUNT &&
	    translations[header->kind].translate &&
	    find_tail(header, size, translations[header->kind].fixed_bytes, &tail)) {
		request_ancestors(translator, &tail);
		request_other(translator, header);
	}
	return command_lines_requested(translator->lines);
}

bool translator_is_ready(const struct translator *translator, uint64_t expected)
{
	return !translator->lines || command_lines_are_answered(translator->lines, expected);
}

enum dz_status translator_add(struct translator *translator, const void *record, size_t size)
{
	const struct event_header *header = record;
	const struct translation *translation;
	struct record_tail tail;

	if (size < sizeof(*header) || header->kind >= EVENT_KIND_COUNT)
		return translator_skip(translator);
	translation = &translations[header->kind];
	if (!translator_learn_stack(translator, header, size))
		return DZ_NO_MEMORY;
	if (translation->row &&
	    !translator_admits(translator, (enum dz_kind)translation->row, header->time_ns))
		return DZ_OK;
	translator_keep_up(translator);
	if (translator->lines)
		command_lines_set_time(translator->lines, translation->row == DZ_KIND_PROBE
								  ? UINT64_MAX
								  : header->time_ns);
	if (translation->learn)
		return translation->learn(translator, record, size);
	if (!translation->translate || !find_tail(header, size, translation->fixed_bytes, &tail))
		return translator_skip(translator);
	show_to_watch(translator, header);
	return translation->translate(translator, record, &tail);
}

struct dz_writer *translator_writer(const struct translator *translator)
{
	return translator->writer;
}

uint32_t translator_task(struct translator *translator, const struct event_task *task)
{
	translator_keep_up(translator);
	return translate_other_task(translator, task);
}

uint32_t translator_peer(struct translator *translator, const struct event_peer *peer)
{
	struct event_task task = {
		.process_start_ns = peer->process_start_ns,
		.start_ns = peer->start_ns,
		.pid = peer->pid,
		.tid = peer->tid,
		.ns_pid = peer->pid,
		.ns_tid = peer->tid,
		.uid = UINT32_MAX,
		.gid = UINT32_MAX,
	};

	memcpy(task.comm, peer->comm, sizeof(task.comm));
	/* The name of the process is unknown for other threads; that of the thread is the best
	 * substitute. */
	memcpy(task.process_comm, peer->comm, sizeof(task.process_comm));
	return translator_task(translator, &task);
}

uint32_t translator_kernel_stack(struct translator *translator, const void *addresses, size_t count)
{
	translator_keep_up(translator);
	return kernel_stacks_intern(translator->stacks, translator->writer, addresses, count);
}

uint64_t translator_invalid_count(const struct translator *translator)
{
	return translator->invalid;
}

void translator_free(struct translator *translator)
{
	if (!translator)
		return;
	kernel_stacks_free(translator->stacks);
	known_stacks_free(translator->known_stacks);
	tasks_free(translator->tasks);
	command_lines_free(translator->lines);
	cgroups_free(translator->cgroups);
	probe_tasks_free(translator->probe_tasks);
	probe_stacks_free(translator->probe_stacks);
	free(translator);
}
