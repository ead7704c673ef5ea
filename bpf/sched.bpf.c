/* bpf/sched.bpf.c - waits for a CPU, and which tasks held it meanwhile
 *
 * A task waits from the time at which it became runnable until it is switched in. Each CPU keeps
 * its newest runs. A wait that is long enough is compared with them.
 */
#include "bpf/vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "bpf/cgroup.bpf.h"
#include "bpf/choice.bpf.h"
#include "bpf/event.h"
#include "bpf/filter.bpf.h"
#include "bpf/interrupt.bpf.h"
#include "bpf/loss.bpf.h"
#include "bpf/ring.bpf.h"
#include "bpf/scratch.bpf.h"
#include "bpf/task.bpf.h"
#include "bpf/task_state.bpf.h"
#include "machine.bpf.h"

#define SCHED_HASH_FACTOR 0x9e3779b1u

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* CONFIG_FAIR_GROUP_SCHED and CONFIG_CFS_BANDWIDTH */
struct cfs_rq___sched {
	int throttle_count;
	__u64 throttled_clock_pelt_time; /* 64eaf50731ac (5.19) */
};

struct sched_entity___sched {
	struct cfs_rq___sched *cfs_rq;
};

struct thread_info___sched {
	__u32 cpu;
};

struct task_struct___sched {
	struct sched_entity___sched se;
	struct thread_info___sched thread_info;
	int on_rq;
	bool throttled; /* e1fad12dcb66 (6.18) */
};

#pragma clang attribute pop

/* The part of a wait on a CPU that the task left before it ran. */
struct sched_move {
	__u64 until_ns;
	__u64 cpu;
};

/* A wait that goes on; since_ns is 0 while the task does not wait. */
struct sched_wait {
	__u64 since_ns;
	struct event_peer waker;
	__u64 queue;        /* address of its cfs_rq, */
	__u64 throttled_ns; /* and how long that had been throttled */
	__u32 cpu;          /* where it waits */
	__u32 moves;
	__u8 cause; /* enum sched_cause */
	__u8 interrupt;
	__u8 throttled;
	__u8 is_off;     /* switched out, and not yet in again */
	__u8 is_leaving; /* woken in between, when it was off its queue already */
	__u8 reserved[3];
	struct sched_move left[SCHED_MOVES_MAX];
};

const volatile struct sched_settings sched_settings;

volatile __u64 sum_generation;

struct ring_map sched_ring SEC(".maps");

struct choice_map sched_choices SEC(".maps");

/* By CPU, of which user space sets the number. Not a per-CPU map: the runs of another CPU are read
 * for a task that comes from there. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct sched_cpu);
} sched_cpus SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct sched_wait);
} sched_waits SEC(".maps");

struct interrupt_map interrupt_handlers SEC(".maps");

static __always_inline void sched_mark(enum interrupt_handler handler, bool begins)
{
	__u32 zero = 0;
	__u32 *handlers = bpf_map_lookup_elem(&interrupt_handlers, &zero);

	if (handlers && begins)
		*handlers |= handler;
	else if (handlers)
		*handlers &= ~(__u32)handler;
}

#define SCHED_HANDLER(name, handler)                                                               \
	SEC("tp_btf/" #name "_entry")                                                              \
	int irq_on_##name(void *context)                                                           \
	{                                                                                          \
		sched_mark(handler, true);                                                         \
		return 0;                                                                          \
	}                                                                                          \
	SEC("tp_btf/" #name "_exit")                                                               \
	int irq_on_##name##_end(void *context)                                                     \
	{                                                                                          \
		sched_mark(handler, false);                                                        \
		return 0;                                                                          \
	}

SCHED_HANDLER(irq_handler, INTERRUPT_IN_IRQ)
SCHED_HANDLER(softirq, INTERRUPT_IN_SOFTIRQ)
#define SCHED_VECTOR(name) SCHED_HANDLER(name, INTERRUPT_IN_VECTOR)
MACHINE_TIMER_VECTOR(SCHED_VECTOR)
MACHINE_VECTORS(SCHED_VECTOR)

static __always_inline struct cfs_rq___sched *sched_queue_of(struct task_struct *task)
{
	struct task_struct___sched *other = (void *)task;

	return bpf_core_field_exists(other->se.cfs_rq) ? BPF_CORE_READ(other, se.cfs_rq) : NULL;
}

static __always_inline __u64 sched_throttled_ns(struct cfs_rq___sched *queue)
{
	if (!queue || !bpf_core_field_exists(queue->throttled_clock_pelt_time))
		return 0;
	return BPF_CORE_READ(queue, throttled_clock_pelt_time);
}

static __always_inline bool sched_is_throttled(struct task_struct *task,
					       struct cfs_rq___sched *queue)
{
	struct task_struct___sched *other = (void *)task;

	if (bpf_core_field_exists(other->throttled) && BPF_CORE_READ(other, throttled))
		return true;
	return queue && bpf_core_field_exists(queue->throttle_count) &&
	       BPF_CORE_READ(queue, throttle_count) > 0;
}

/* A wait whose begin cannot be noted may be a long one, so it counts as lost. */
static __always_inline struct sched_wait *sched_wait_of(struct task_struct *task)
{
	struct sched_wait *wait =
		bpf_task_storage_get(&sched_waits, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (!wait)
		loss_add(EVENT_RUNQ, LOSS_NOT_FOLLOWED);
	return wait;
}

static __always_inline void sched_begin(struct sched_wait *wait, struct task_struct *task,
					enum sched_cause cause, __u64 now_ns)
{
	struct cfs_rq___sched *queue = sched_queue_of(task);

	wait->cause = cause;
	wait->interrupt = 0;
	wait->waker.tid = 0;
	wait->moves = 0;
	wait->queue = (__u64)queue;
	wait->throttled_ns = sched_throttled_ns(queue);
	wait->throttled = sched_is_throttled(task, queue);
	wait->since_ns = now_ns;
}

static __always_inline void sched_woken(struct task_struct *task, enum sched_cause cause)
{
	struct task_struct___sched *other = (void *)task;
	struct sched_wait *wait = sched_wait_of(task);
	bool runs;

	/* One that was preempted on its way to sleep waits already. */
	if (!wait || wait->since_ns)
		return;
	/* One that still runs goes on if it is in its queue. Otherwise it is about to be switched
	 * out, and waits from now on. */
	runs = !wait->is_off && section_is_on_cpu(task);
	if (runs && BPF_CORE_READ(other, on_rq))
		return;
	wait->is_leaving = runs;
	sched_begin(wait, task, cause, bpf_ktime_get_boot_ns());
	wait->interrupt = interrupt_is_handled();
	if (!wait->interrupt)
		task_fill_peer(&wait->waker, bpf_get_current_task_btf());
}

/* sched_waking, not sched_wakeup: only here the waker is always the running task. */
SEC("tp_btf/sched_waking")
int BPF_PROG(sched_on_waking, struct task_struct *task)
{
	sched_woken(task, SCHED_WOKEN);
	return 0;
}

SEC("tp_btf/sched_wakeup_new")
int BPF_PROG(sched_on_created, struct task_struct *task)
{
	struct task_struct___sched *other = (void *)task;
	struct sched_wait *wait;

	sched_woken(task, SCHED_CREATED);
	wait = bpf_task_storage_get(&sched_waits, task, NULL, 0);
	if (wait && bpf_core_field_exists(other->thread_info.cpu))
		wait->cpu = BPF_CORE_READ(other, thread_info.cpu);
	return 0;
}

/* Before a task that wakes is in a queue, its CPU is chosen: that is no change of CPU. */
static __always_inline void sched_leave(struct sched_wait *wait)
{
	__u32 moves = wait->moves;

	if (moves < SCHED_MOVES_MAX) {
		wait->left[moves].until_ns = bpf_ktime_get_boot_ns();
		wait->left[moves].cpu = wait->cpu;
	}
	wait->moves = moves + 1;
}

SEC("tp_btf/sched_migrate_task")
int BPF_PROG(sched_on_migrate, struct task_struct *task, int cpu)
{
	struct sched_wait *wait = bpf_task_storage_get(&sched_waits, task, NULL, 0);
	struct task_struct___sched *other = (void *)task;

	if (!wait)
		return 0;
	if (wait->since_ns && BPF_CORE_READ(other, on_rq))
		sched_leave(wait);
	wait->cpu = (__u32)cpu;
	return 0;
}

/* The tid of a run of which the end was not seen: who held the CPU since it began is not known. */
#define SCHED_UNSEEN 0xffffffffu

static __always_inline struct sched_cpu *sched_history(void)
{
	__u32 cpu = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&sched_cpus, &cpu);
}

/* A task leaves its CPU. If another one was the last that was seen to begin to run there, switches
 * in between were not seen. */
static __always_inline void sched_end_run(struct sched_cpu *history, struct task_struct *task)
{
	struct sched_run *run;

	if (!history)
		return;
	run = &history->runs[(history->count - 1) & (SCHED_RUNS - 1)];
	if (run->task.tid != (__u32)task->pid)
		run->task.tid = SCHED_UNSEEN;
}

static __always_inline void sched_begin_run(struct sched_cpu *history, struct task_struct *task,
					    __u64 now_ns)
{
	struct sched_run *run;

	if (!history)
		return;
	run = &history->runs[history->count & (SCHED_RUNS - 1)];
	run->since_ns = now_ns;
	task_fill_peer(&run->task, task);
	history->count++;
}

/* Two places for each task: what fits in neither is not known. */
static __always_inline void sched_add_holder(struct event_runq *out, const struct sched_run *run,
					     __u64 held_ns)
{
	__u32 tid = run->task.tid;
	__u32 hash = tid * SCHED_HASH_FACTOR;
	struct sched_holder *holder = &out->holders[hash >> 28 & (SCHED_HOLDERS_MAX - 1)];

	if (holder->held_ns && holder->task.tid != tid)
		holder = &out->holders[hash >> 20 & (SCHED_HOLDERS_MAX - 1)];
	if (tid == SCHED_UNSEEN || (holder->held_ns && holder->task.tid != tid)) {
		out->unknown_ns += held_ns;
		return;
	}
	if (!holder->held_ns)
		holder->task = run->task;
	holder->held_ns += held_ns;
}

/* A walk from the newest run of a CPU to older ones. */
struct sched_walk {
	struct event_runq *out;
	struct sched_cpu *history;
	__u64 count; /* of runs when the walk began */
	__u64 since_ns;
	__u64 until_ns; /* what ran from here on is known */
};

/* Looks at a run. Returns 1 at the end. Another CPU may write runs meanwhile: these are later. */
static long sched_look(__u32 index, void *context)
{
	struct sched_walk *walk = context;
	const struct sched_run *run =
		&walk->history->runs[(walk->count - 1 - index) & (SCHED_RUNS - 1)];
	__u64 from_ns = run->since_ns;

	if (!from_ns)
		return 1;
	if (from_ns >= walk->until_ns)
		return 0;
	if (from_ns < walk->since_ns)
		from_ns = walk->since_ns;
	sched_add_holder(walk->out, run, walk->until_ns - from_ns);
	walk->until_ns = from_ns;
	return from_ns == walk->since_ns;
}

/* Adds the tasks that ran on a CPU in that time. Always returns 0. Neither inlined nor static, so
 * that the verifier checks it once. */
__noinline int sched_add_holders(struct event_runq *out, __u32 cpu, __u64 since_ns, __u64 until_ns)
{
	struct sched_walk walk = {.out = out, .since_ns = since_ns, .until_ns = until_ns};

	walk.history = bpf_map_lookup_elem(&sched_cpus, &cpu);
	if (!out || until_ns <= since_ns)
		return 0;
	/* bpf_loop() is of Linux 5.17; before, no holders are known. */
	if (walk.history && bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_loop)) {
		walk.count = walk.history->count;
		bpf_loop(SCHED_RUNS, sched_look, &walk, 0);
	}
	out->unknown_ns += walk.until_ns - since_ns;
	return 0;
}

static __always_inline void sched_find_holders(struct event_runq *out,
					       const struct sched_wait *wait, __u64 now_ns)
{
	__u64 since_ns = wait->since_ns;

#pragma unroll
	for (__u32 i = 0; i < SCHED_MOVES_MAX; i++) {
		if (i >= wait->moves)
			break;
		sched_add_holders(out, (__u32)wait->left[i].cpu, since_ns, wait->left[i].until_ns);
		since_ns = wait->left[i].until_ns;
	}
	/* After too many changes it is not known where it waited. */
	if (wait->moves > SCHED_MOVES_MAX)
		out->unknown_ns += now_ns - since_ns;
	else
		sched_add_holders(out, bpf_get_smp_processor_id(), since_ns, now_ns);
}

/* Moves the holders to the first places, and returns their number. Neither inlined nor static, as
 * above. */
__noinline int sched_pack_holders(struct event_runq *out)
{
	__u32 count = 0;

	if (!out)
		return 0;
	for (__u32 i = 0; i < SCHED_HOLDERS_MAX; i++) {
		if (!out->holders[i].held_ns)
			continue;
		out->holders[count & (SCHED_HOLDERS_MAX - 1)] = out->holders[i];
		count++;
	}
	return (int)count;
}

static __always_inline void sched_clear(struct event_runq *out)
{
	__builtin_memset(out, 0, __builtin_offsetof(struct event_runq, holders));
	for (__u32 i = 0; i < SCHED_HOLDERS_MAX; i++)
		out->holders[i].held_ns = 0;
}

static __noinline int sched_output(struct sched_wait *wait, struct task_struct *task, __u64 now_ns)
{
	struct task_struct *plain = task_plain(task);
	struct cfs_rq___sched *queue = sched_queue_of(task);
	struct scratch_slot *slot = plain ? scratch_acquire() : NULL;
	struct event_runq *out;
	__u32 count;

	if (!slot) {
		loss_add(EVENT_RUNQ, LOSS_NO_SCRATCH);
		return 0;
	}
	out = &slot->runq;
	sched_clear(out);
	out->header.time_ns = now_ns;
	out->header.cpu = bpf_get_smp_processor_id();
	out->header.kind = EVENT_RUNQ;
	task_fill(&out->task, plain);
	cgroup_fill(&out->task, plain, &sched_ring, EVENT_RUNQ);
	out->waker = wait->waker;
	/* The switch is not made yet. */
	task_fill_peer(&out->previous, bpf_get_current_task_btf());
	out->waited_ns = now_ns - wait->since_ns;
	out->cause = wait->cause;
	out->interrupt = wait->interrupt;
	out->throttled = wait->throttled || ((__u64)queue == wait->queue &&
					     sched_throttled_ns(queue) != wait->throttled_ns);
	out->moves = wait->moves;
	sched_find_holders(out, wait, now_ns);
	count = (__u32)sched_pack_holders(out);
	/* The verifier knows nothing about that number. */
	if (count > SCHED_HOLDERS_MAX)
		count = SCHED_HOLDERS_MAX;
	out->holder_count = count;
	ring_output(&sched_ring, &slot->header,
		    __builtin_offsetof(struct event_runq, holders) +
			    count * sizeof(struct sched_holder));
	scratch_release(slot);
	return 0;
}

static __always_inline void sched_switched_out(struct task_struct *task, bool preempt, __u64 now_ns)
{
	struct sched_wait *wait = sched_wait_of(task);
	__u32 bits = section_bits_of(task);

	if (!wait)
		return;
	/* It was switched in unseen: how long it waited is not known. */
	if (wait->is_off && filter_task_passes(task))
		loss_add(EVENT_RUNQ, LOSS_UNSEEN);
	/* A waker that was not seen changes the state, too. */
	if (preempt || bits == 0 || (bits & SECTION_STATE_WAKING && !wait->is_leaving))
		sched_begin(wait, task, SCHED_PREEMPTED, now_ns);
	else if (!wait->is_leaving)
		wait->since_ns = 0;
	wait->is_off = 1;
	wait->is_leaving = 0;
	wait->cpu = bpf_get_smp_processor_id();
}

/* The last program, so that it is attached after those that see what happens between two switches.
 */
SEC("tp_btf/sched_switch")
int BPF_PROG(sched_on_switch, bool preempt, struct task_struct *previous, struct task_struct *next)
{
	__u64 now_ns = bpf_ktime_get_boot_ns();
	struct sched_cpu *history = sched_history();
	struct sched_wait *wait;

	sched_end_run(history, previous);
	/* The idle tasks never wait. */
	if (previous->pid)
		sched_switched_out(previous, preempt, now_ns);
	wait = next->pid ? bpf_task_storage_get(&sched_waits, next, NULL, 0) : NULL;
	if (wait && wait->since_ns && now_ns - wait->since_ns >= sched_settings.runq_ns &&
	    filter_task_passes(next) && choice_is_made(SCHED_CHOICE_RUNQ, now_ns))
		sched_output(wait, next, now_ns);
	if (wait) {
		/* It was woken unseen. */
		if (wait->is_off && !wait->since_ns && filter_task_passes(next))
			loss_add(EVENT_RUNQ, LOSS_UNSEEN);
		wait->since_ns = 0;
		wait->is_off = 0;
	}
	sched_begin_run(history, next, now_ns);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
