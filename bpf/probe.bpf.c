/* bpf/probe.bpf.c - hits of kprobes, kretprobes, tracepoints, uprobes, uretprobes and USDT probes
 *
 * The cookie of every probe is its number, an index into probe_configs. A task or a stack is
 * described in the ring once; hits refer to it by number. Fields of the running task are read
 * directly, through a pointer whose type the verifier knows. Reading each with
 * bpf_probe_read_kernel() would cost more than the rest of a hit.
 */
#include "bpf/vmlinux.h"

/* With this, bpf_tracing.h uses the names that the kernel has for registers. */
#define __VMLINUX_H__

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/usdt.bpf.h>

#include "bpf/cgroup.bpf.h"
#include "bpf/command_line.bpf.h"
#include "bpf/event.h"
#include "bpf/filter.bpf.h"
#include "bpf/known_stack.bpf.h"
#include "bpf/loss.bpf.h"
#include "bpf/own_stack.bpf.h"
#include "bpf/ring.bpf.h"
#include "bpf/scratch.bpf.h"
#include "bpf/stack.bpf.h"
#include "bpf/task.bpf.h"
#include "bpf/user_stack.bpf.h"

#define PROBE_NS_PER_SECOND 1000000000ull
#define PROBE_TRACE_HEADER  8 /* of a tracepoint's record; programs may not read it */
#define PROBE_USER_END      (1ull << 63)
#define PROBE_WAKE_HITS     64 /* hits on a CPU between two checks whether to wake diag-record */
#define PROBE_WAKE_PARTS    8  /* diag-record is woken when 1/8 of the queue is full */

#define BPF_MAP_TYPE_STACK_TRACE 7

/* The types from a descriptor of a link to the kernel's structure of the probe. */
#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct kprobe {
	unsigned long nmissed;
};

struct kretprobe {
	struct kprobe kp;
	int nmissed;
};

struct trace_probe_event {
	struct trace_event_call {
		int unused;
	} call;
	struct list_head probes;
};

struct trace_probe {
	struct list_head list;
};

struct trace_kprobe {
	struct kretprobe rp;
	struct trace_probe tp;
};

struct perf_event {
	struct trace_event_call *tp_event;
};

struct bpf_perf_link {
	struct bpf_link {
		int unused;
	} link;
	struct file *perf_file;
};

struct fprobe {
	unsigned long nmissed;
};

struct bpf_kprobe_multi_link {
	struct bpf_link link;
	struct fprobe fp;
};

struct fdtable {
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

struct task_struct___files {
	struct files_struct *files;
};

struct file___probe {
	void *private_data;
};

#pragma clang attribute pop

const volatile struct probe_settings probe_settings;

struct ring_map probe_ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct probe_config);
} probe_configs SEC(".maps");

/* By CPU and number of the probe. Not a per-CPU map: access to an array takes a few instructions
 * and no call. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct probe_counts);
} probe_count SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct probe_cpu);
} probe_cpus SEC(".maps");

/* The queues of all CPUs, one behind the other. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct probe_queued);
} probe_queues SEC(".maps");

/* User space sets the size of a value: no more frames than the kernel walks. */
struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, PROBE_STACKS_MAX);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, STACK_BYTES_MAX);
} probe_stacks SEC(".maps");

/* By number of a stack; 1: described in the ring. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, PROBE_STACK_NUMBERS);
	__type(key, __u32);
	__type(value, __u32);
} probe_sent_stacks SEC(".maps");

/* Number of descriptions of tasks so far. */
__u32 probe_task_sends;

/* User space sets this when all probes are attached, and clears it before it detaches them. The
 * kernel takes seconds to attach or detach hundreds. Hits are recorded only in between. */
__u32 probe_is_on;

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct probe_sent);
} probe_sent_tasks SEC(".maps");

#define PROBE_CALLS_MAX   16 /* of a task at the same time */
#define PROBE_STACK_SHIFT 14 /* log2 of the size and alignment of the kernel's stacks */

/* A call that has not returned. The same function can be called again before that, at another place
 * of the stack. */
struct probe_call {
	__u64 place; /* address of the return address; 0: unused */
	__u64 probe;
	__u64 time_ns;
	__u64 arguments[PROBE_ARGUMENTS_MAX];
};

struct probe_calls {
	struct probe_call calls[PROBE_CALLS_MAX];
};

/* Freed with their task. */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct probe_calls);
} probe_open_calls SEC(".maps");

#define PROBE_USER_CALLS_MAX 64 /* as many as the kernel follows; a power of two */

/* The same for calls of functions of user programs, of which more are open in a recursion. The
 * newest one is the last. */
struct probe_user_calls {
	__u64 depth;
	struct probe_call calls[PROBE_USER_CALLS_MAX];
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct probe_user_calls);
} probe_user_open_calls SEC(".maps");

/* A hit that is being recorded. */
struct probe_hit {
	void *context;
	const struct probe_config *info;
	struct probe_cpu *own; /* of this CPU, like the counts; NULL for a user program */
	struct probe_counts *counts;
	const __u64 *arguments; /* NULL for a tracepoint */
	__u64 time_ns;
	__u64 latency_ns;
	__s64 result;
	__u32 cpu;
	__u32 probe;
	__u32 task;          /* number of its description */
	__u32 stack;         /* its number, or PROBE_STACK_NONE */
	bool is_stack_apart; /* it has a stack without a number */
	bool is_known;       /* the current state of the task is described in the ring */
};

static __always_inline bool probe_same_name(const __u64 *name, __u32 filter_name)
{
	const volatile __u64 *wanted = (const volatile __u64 *)filter.comms.names[filter_name];
	const volatile __u64 *mask = probe_settings.name_masks[filter_name];

	return ((name[0] ^ wanted[0]) & mask[0]) == 0 && ((name[1] ^ wanted[1]) & mask[1]) == 0;
}

static __always_inline bool probe_name_passes(struct task_struct *task)
{
	struct task_struct *leader = task->group_leader;
	const __u64 own[2] = {*(__u64 *)task->comm, *(__u64 *)&task->comm[8]};
	const __u64 leaders[2] = {*(__u64 *)leader->comm, *(__u64 *)&leader->comm[8]};

	for (__u32 i = 0; i < FILTER_NAMES_MAX && i < filter.comms.count; i++) {
		if (filter.comms.patterns && filter.comms.patterns >> i & 1 &&
		    (filter_pattern_matches(&filter.comms, i, (const char *)own) ||
		     filter_pattern_matches(&filter.comms, i, (const char *)leaders)))
			return true;
		if (probe_same_name(own, i) || probe_same_name(leaders, i))
			return true;
	}
	return false;
}

/* Like filter_task_passes(), for the running task. */
static __noinline int probe_task_passes(struct task_struct *task)
{
	const __u32 pid = filter.pid_namespace ? filter_tgid(task) : (__u32)task->tgid;
	const __u32 tid = filter.pid_namespace ? filter_tid(task) : (__u32)task->pid;

	if (filter_is_own(pid))
		return false;
	if (filter.cpus.count && !filter_ranges_pass(&filter.cpus, bpf_get_smp_processor_id()))
		return false;
	if (filter.tgids.count && !filter_ranges_pass(&filter.tgids, pid))
		return false;
	if (filter.tids.count && !filter_ranges_pass(&filter.tids, tid))
		return false;
	if (filter.uids.count && !filter_ranges_pass(&filter.uids, task->real_cred->uid.val))
		return false;
	if (filter.comms.count && !probe_name_passes(task))
		return false;
	if (filter.cgroup_tree && !cgroup_is_within(task, filter.cgroup_tree, filter_cgroup_id))
		return false;
	return !filter.followed || filter_is_followed(task);
}

/* Reads the properties of the running task that can change. The first thread of a process has its
 * name. */
static __always_inline void probe_look(struct probe_sent *out, struct task_struct *task)
{
	struct task_struct *leader = task->group_leader;
	struct css_set *groups = task->cgroups;

	out->comm[0] = *(__u64 *)task->comm;
	out->comm[1] = *(__u64 *)&task->comm[8];
	out->process_comm[0] = *(__u64 *)leader->comm;
	out->process_comm[1] = *(__u64 *)&leader->comm[8];
	out->groups = (__u64)groups;
	out->group = (__u64)groups->dfl_cgrp;
	out->exec = task->self_exec_id;
	if (command_line_settings.wanted)
		out->arguments = task->mm ? task->mm->arg_end : 0;
	out->uid = task->real_cred->uid.val;
}

/* During execve() there are no arguments yet, and at exit there is no memory any more. */
static __always_inline bool probe_has_sent_arguments(const struct probe_sent *sent,
						     struct task_struct *task)
{
	struct mm_struct *memory = task->mm;

	return !command_line_settings.wanted || !memory || memory->arg_end == sent->arguments;
}

/* Whether the task is still as it was described. Checked at every hit: unlike probe_look(), this
 * copies nothing. */
static __always_inline bool probe_is_as_sent(const struct probe_sent *sent,
					     struct task_struct *task)
{
	struct task_struct *leader = task->group_leader;
	struct css_set *groups = task->cgroups;

	return sent->number && probe_task_sends - sent->number < PROBE_TASKS_MAX / 2 &&
	       sent->comm[0] == *(__u64 *)task->comm && sent->comm[1] == *(__u64 *)&task->comm[8] &&
	       sent->process_comm[0] == *(__u64 *)leader->comm &&
	       sent->process_comm[1] == *(__u64 *)&leader->comm[8] &&
	       sent->groups == (__u64)groups && sent->group == (__u64)groups->dfl_cgrp &&
	       sent->exec == task->self_exec_id && sent->uid == task->real_cred->uid.val &&
	       probe_has_sent_arguments(sent, task);
}

/* Fills in how a hit is recorded; false if it is not recorded. The filters are not checked again
 * for a task that had the last hit on this CPU, passed, and has not changed. The keys are not in
 * *hit: an object whose address a helper gets stays in memory, with all that is beside it. */
static __always_inline bool probe_begin(struct probe_hit *hit, struct task_struct *task,
					__u32 probe, bool is_wanted)
{
	__u32 cpu = bpf_get_smp_processor_id(), info_key = probe, count_key;
	struct probe_cpu *own = bpf_map_lookup_elem(&probe_cpus, &cpu);

	if (!probe_is_on)
		return false;
	count_key = cpu * probe_settings.probe_count + probe;
	hit->is_known = own && own->task == (__u64)task && own->start_ns == task->start_boottime &&
			probe_is_as_sent(&own->sent, task);
	if (!is_wanted && !hit->is_known && !probe_task_passes(task))
		return false;
	hit->time_ns = bpf_ktime_get_boot_ns();
	hit->own = own;
	hit->cpu = cpu;
	hit->probe = probe;
	hit->info = bpf_map_lookup_elem(&probe_configs, &info_key);
	hit->counts = bpf_map_lookup_elem(&probe_count, &count_key);
	if (hit->info && hit->counts && own)
		return true;
	loss_add(EVENT_PROBE, LOSS_NO_SCRATCH);
	return false;
}

static __always_inline bool probe_rate_allows(struct probe_cpu *own, __u64 now_ns)
{
	__u64 second = now_ns / PROBE_NS_PER_SECOND;

	if (own->rate_second != second) {
		own->rate_second = second;
		own->rate_hits = 0;
	}
	return own->rate_hits++ < probe_settings.max_per_second;
}

/* Counts a hit that has passed the filters, and returns whether it is recorded. */
static __always_inline bool probe_is_chosen(const struct probe_hit *hit)
{
	__u64 before = hit->counts->hits++;

	if (probe_settings.every > 1 && before % probe_settings.every != 0) {
		hit->counts->skipped_every++;
		return false;
	}
	if (probe_settings.max_per_second && !probe_rate_allows(hit->own, hit->time_ns)) {
		hit->counts->skipped_rate++;
		return false;
	}
	return true;
}

static __noinline int probe_output_task(struct task_struct *task, __u32 number)
{
	struct scratch_slot *slot = scratch_acquire();
	__u64 size = sizeof(struct event_probe_task);
	bool output;

	if (!slot)
		return false;
	__builtin_memset(&slot->probe_task, 0, sizeof(slot->probe_task));
	slot->header.time_ns = bpf_ktime_get_boot_ns();
	slot->header.kind = EVENT_PROBE_TASK;
	task_fill(&slot->probe_task.task, task);
	slot->probe_task.number = number;
	cgroup_fill(&slot->probe_task.task, task, &probe_ring, EVENT_PROBE);
	size += task_ancestors(&slot->header, (void *)&slot->bytes[size]);
	output = size <= SCRATCH_BYTES && ring_try_output(&probe_ring, &slot->header, size);
	scratch_release(slot);
	return output;
}

/* Describes the task in the ring, unless another CPU did; *out is the description then. */
static __noinline int probe_send_new_task(struct task_struct *task, struct probe_sent *out,
					  __u64 time_ns)
{
	struct probe_sent *sent =
		bpf_task_storage_get(&probe_sent_tasks, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (sent && probe_is_as_sent(sent, task)) {
		*out = *sent;
		return true;
	}
	command_line_send(&probe_ring, EVENT_PROBE, time_ns);
	probe_look(out, task);
	out->number = __sync_fetch_and_add(&probe_task_sends, 1) + 1;
	if (!probe_output_task(task, out->number))
		return false;
	if (sent)
		*sent = *out;
	return true;
}

/* Makes sure that the current state of the running task is described in the ring. */
static __always_inline bool probe_send_task(struct probe_hit *hit, struct task_struct *task)
{
	struct probe_cpu *own = hit->own;

	if (!hit->is_known) {
		own->task = 0;
		if (!probe_send_new_task(task, &own->sent, hit->time_ns))
			return false;
		own->start_ns = task->start_boottime;
		own->task = (__u64)task;
	}
	hit->task = own->sent.number;
	return true;
}

/* The kernel numbers stacks by their contents. A new stack that would replace another one gets no
 * number, nor does one that could not be described. The first address of a kprobe is that of the
 * function, of other probes a return address, so they are numbered separately. */
static __noinline int probe_output_stack(void *context, __u32 number, __u32 probe)
{
	struct scratch_slot *slot = scratch_acquire();
	__u64 size = sizeof(struct event_probe_stack);
	bool output;

	if (!slot)
		return false;
	slot->probe_stack = (struct event_probe_stack){
		.header = {.time_ns = bpf_ktime_get_boot_ns(), .kind = EVENT_PROBE_STACK},
		.number = number,
		.probe = probe,
	};
	size += stack_kernel(context, &slot->header, &slot->bytes[size]);
	output = size <= SCRATCH_BYTES && ring_try_output(&probe_ring, &slot->header, size);
	scratch_release(slot);
	return output;
}

static __always_inline void probe_send_stack(struct probe_hit *hit)
{
	long number = bpf_get_stackid(hit->context, &probe_stacks, 0);
	__u32 key, *sent;

	hit->stack = PROBE_STACK_NONE;
	if (number < 0 || number >= PROBE_STACKS_MAX) {
		hit->is_stack_apart = true;
		return;
	}
	key = (__u32)number * 2 + (hit->info->form == PROBE_KPROBE);
	sent = bpf_map_lookup_elem(&probe_sent_stacks, &key);
	if (!sent)
		return;
	if (!*sent && !probe_output_stack(hit->context, key, hit->probe)) {
		hit->is_stack_apart = true;
		return;
	}
	*sent = 1;
	hit->stack = key;
}

/* Walks the kernel stack at the first hit of a CPU and at every 256th, if it is always the same: a
 * 64-bit program enters a system call in one way only. */
static __always_inline void probe_find_stack(struct probe_hit *hit, struct task_struct *task)
{
	bool is_same = hit->info->enters_system_call && !core_is_compat_call(task);

	if (is_same && hit->counts->stack_hits % KNOWN_STACK_EVENTS != 0) {
		hit->counts->stack_hits++;
		hit->stack = hit->counts->stack;
		return;
	}
	probe_send_stack(hit);
	if (is_same) {
		hit->counts->stack = hit->stack;
		hit->counts->stack_hits = hit->stack != PROBE_STACK_NONE;
	}
}

/* The pointer itself shows whether it is of user space or the kernel. */
static __always_inline void probe_follow(void *out, __u64 *argument, bool is_string)
{
	bool is_user = *argument < PROBE_USER_END;

	if (is_string && is_user)
		bpf_probe_read_user_str(out, PROBE_STRING_BYTES, (void *)*argument);
	else if (is_string)
		bpf_probe_read_kernel_str(out, PROBE_STRING_BYTES, (void *)*argument);
	else if (is_user)
		bpf_probe_read_user(out, sizeof(__u64), (void *)*argument);
	else
		bpf_probe_read_kernel(out, sizeof(__u64), (void *)*argument);
}

/* A number that an argument points to is read when the function is called. */
static __always_inline void probe_follow_numbers(const struct probe_config *info, __u64 *arguments)
{
#pragma unroll
	for (int i = 0; i < PROBE_ARGUMENTS_MAX; i++) {
		__u64 number = 0;

		if (!(info->pointees >> i & 1))
			continue;
		probe_follow(&number, &arguments[i], false);
		arguments[i] = number;
	}
}

static __always_inline void probe_follow_strings(const struct probe_config *info,
						 struct event_probe_data *out)
{
#pragma unroll
	for (int i = 0; i < PROBE_ARGUMENTS_MAX; i++) {
		if (info->strings >> i & 1)
			probe_follow(&out->data[i * PROBE_STRING_BYTES], &out->arguments[i], true);
	}
}

/* The record of the end of a system call has its number and its result. The kernel has just read
 * the path, so it is resident. After a successful execve() the registers are those of the new
 * program. */
static __always_inline void probe_add_path(struct event_probe_data *out, __u32 argument)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct pt_regs *registers = core_registers(task);

	if (!registers || *(__s64 *)&out->data[sizeof(__u64)] >= 0 || core_is_compat_call(task))
		return;
	bpf_probe_read_user_str(&out->data[PROBE_PATH_OFFSET], PROBE_PATH_BYTES,
				(void *)(argument == 1 ? machine_call_first(registers)
						       : machine_call_second(registers)));
}

static __always_inline void probe_fill_data(struct event_probe_data *out,
					    const struct probe_hit *hit)
{
	__u32 bytes = hit->info->record_bytes;

	__builtin_memset(out->arguments, 0, sizeof(out->arguments) + sizeof(out->data));
	if (!hit->arguments) {
		if (bytes <= PROBE_DATA_BYTES)
			bpf_probe_read_kernel(out->data, bytes, hit->context + PROBE_TRACE_HEADER);
		if (hit->info->path_argument)
			probe_add_path(out, hit->info->path_argument);
		return;
	}
	__builtin_memcpy(out->arguments, hit->arguments, sizeof(out->arguments));
	probe_follow_strings(hit->info, out);
}

static __always_inline void probe_fill(struct event_probe *out, const struct probe_hit *hit)
{
	*out = (struct event_probe){
		.header =
			{
				.time_ns = hit->time_ns,
				.cpu = hit->cpu,
				.kind = EVENT_PROBE,
			},
		.latency_ns = hit->latency_ns,
		.result = hit->result,
		.task = hit->task,
		.stack = (__u16)hit->stack,
		.probe = (__u16)hit->probe,
	};
}

/* diag-record reads the queue a few times a second. If that would be too late, a discarded record
 * wakes it. */
static __always_inline void probe_wake_reader(void)
{
	void *ring = ring_of_cpu(&probe_ring);
	void *nothing = ring ? bpf_ringbuf_reserve(ring, sizeof(__u64), 0) : NULL;

	if (nothing)
		bpf_ringbuf_discard(nothing, BPF_RB_FORCE_WAKEUP);
}

static __always_inline void probe_queue(const struct probe_hit *hit)
{
	const __u32 capacity = probe_settings.queue_hits;
	struct probe_cpu *own = hit->own;
	__u64 produced = own->produced, waiting = produced - *(volatile __u64 *)&own->consumed;
	__u32 key = hit->cpu * capacity + ((__u32)produced & (capacity - 1));
	struct probe_queued *out = bpf_map_lookup_elem(&probe_queues, &key);

	if (!out || waiting >= capacity) {
		loss_add(EVENT_PROBE, LOSS_RING_FULL);
		return;
	}
	*out = (struct probe_queued){
		.time_ns = hit->time_ns,
		.task = hit->task,
		.stack = (__u16)hit->stack,
		.probe = (__u16)hit->probe,
	};
	/* A CPU that sees the new number must see the hit. */
	machine_store_barrier();
	*(volatile __u64 *)&own->produced = produced + 1;
	if (produced % PROBE_WAKE_HITS == 0 && waiting > capacity / PROBE_WAKE_PARTS)
		probe_wake_reader();
}

/* Not inlined, as it would take stack of programs from which the deepest walks begin. */
static __noinline int probe_output(struct event_header *record, __u64 size)
{
	return ring_output_as(&probe_ring, record, size, EVENT_PROBE);
}

static __always_inline void probe_record_full(const struct probe_hit *hit, struct task_struct *task)
{
	struct scratch_slot *slot = scratch_acquire();
	__u64 size = sizeof(struct event_probe);

	if (!slot) {
		loss_add(EVENT_PROBE, LOSS_NO_SCRATCH);
		return;
	}
	probe_fill(&slot->probe, hit);
	if (probe_settings.user_stacks)
		slot->probe.user_stack = user_stack_copy(task, USER_STACK_INTERRUPTS_ON);
	if (hit->info->with_arguments) {
		slot->header.kind = EVENT_PROBE_DATA;
		size = sizeof(struct event_probe_data);
		probe_fill_data(&slot->probe_data, hit);
	}
	if (hit->is_stack_apart)
		size += stack_kernel(hit->context, &slot->header, &slot->bytes[size]);
	probe_output(&slot->header, size);
	scratch_release(slot);
}

static __always_inline void probe_record(struct probe_hit *hit, struct task_struct *task)
{
	if (!probe_send_task(hit, task)) {
		loss_add(EVENT_PROBE, LOSS_RING_FULL);
		return;
	}
	probe_find_stack(hit, task);
	if (hit->is_stack_apart || hit->info->with_arguments || probe_settings.user_stacks ||
	    hit->info->form == PROBE_KRETPROBE)
		probe_record_full(hit, task);
	else
		probe_queue(hit);
}

static __always_inline void probe_read_arguments(struct pt_regs *context,
						 const struct probe_config *info, __u64 *out)
{
	machine_function_arguments(context, out);
	if (info->pointees)
		probe_follow_numbers(info, out);
}

static __always_inline int probe_on_function(struct pt_regs *context, __u32 probe)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u64 arguments[PROBE_ARGUMENTS_MAX];
	struct probe_hit hit = {.context = context, .arguments = arguments};

	if (!probe_begin(&hit, task, probe, false) || !probe_is_chosen(&hit))
		return 0;
	if (hit.info->with_arguments)
		probe_read_arguments(context, hit.info, arguments);
	probe_record(&hit, task);
	return 0;
}

/* The stack pointer is at the call or beyond it: its return was missed. */
static __always_inline bool probe_call_is_over(const struct probe_call *call, __u64 place,
					       __u32 probe)
{
	if ((call->place ^ place) >> PROBE_STACK_SHIFT)
		return false;
	return call->place < place || (call->place == place && call->probe == probe);
}

/* Returns an entry for a call; NULL if there are too many. */
static __always_inline struct probe_call *probe_call_begin(struct probe_calls *open, __u64 place,
							   __u32 probe)
{
	__u32 free_one = PROBE_CALLS_MAX;

	for (__u32 i = 0; i < PROBE_CALLS_MAX; i++) {
		struct probe_call *call = &open->calls[i];

		if (call->place && probe_call_is_over(call, place, probe))
			call->place = 0;
		if (!call->place)
			free_one = i;
	}
	return free_one < PROBE_CALLS_MAX ? &open->calls[free_one] : NULL;
}

static __always_inline struct probe_call *probe_call_find(struct probe_calls *open, __u64 place,
							  __u32 probe)
{
	for (__u32 i = 0; i < PROBE_CALLS_MAX; i++) {
		if (open->calls[i].place == place && open->calls[i].probe == probe)
			return &open->calls[i];
	}
	return NULL;
}

static __always_inline int probe_on_call(struct pt_regs *context, __u32 probe)
{
	struct task_struct *task = bpf_get_current_task_btf();
	const struct probe_config *info = bpf_map_lookup_elem(&probe_configs, &probe);
	struct probe_calls *open;
	struct probe_call *call;

	if (!probe_is_on || !info || !probe_task_passes(task))
		return 0;
	open = bpf_task_storage_get(&probe_open_calls, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	call = open ? probe_call_begin(open, machine_stack_pointer(context), probe) : NULL;
	if (!call) {
		loss_add(EVENT_PROBE, LOSS_NO_SCRATCH);
		return 0;
	}
	probe_read_arguments(context, info, call->arguments);
	call->time_ns = bpf_ktime_get_boot_ns();
	call->probe = probe;
	call->place = machine_stack_pointer(context);
	return 0;
}

static __always_inline int probe_on_return(struct pt_regs *context, __u32 probe)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct probe_hit hit = {.context = context, .result = (__s64)machine_result(context)};
	struct probe_calls *open = bpf_task_storage_get(&probe_open_calls, task, NULL, 0);
	struct probe_call call, *known = NULL;

	if (open)
		known = probe_call_find(
			open, machine_stack_pointer(context) - MACHINE_CALL_PUSHED_BYTES, probe);

	/* Called before the probe was attached, by a task that filters exclude, or lost and
	 * counted. */
	if (!known || !probe_begin(&hit, task, probe, true))
		return 0;
	call = *known;
	known->place = 0;
	hit.latency_ns = hit.time_ns - call.time_ns;
	hit.arguments = call.arguments;
	if (hit.latency_ns < probe_settings.min_latency_ns) {
		hit.counts->hits++;
		hit.counts->skipped_latency++;
		return 0;
	}
	if (probe_is_chosen(&hit))
		probe_record(&hit, task);
	return 0;
}

/* With a single probe the cookie is not needed. */
#define PROBE_COOKIE(context)                                                                      \
	(probe_settings.probe_count == 1 ? 0 : (__u32)bpf_get_attach_cookie(context))

SEC("kprobe")
int probe_on_kprobe(struct pt_regs *context)
{
	return probe_on_function(context, PROBE_COOKIE(context));
}

SEC("kprobe.multi")
int probe_on_kprobe_multi(struct pt_regs *context)
{
	return probe_on_function(context, PROBE_COOKIE(context));
}

SEC("kprobe")
int probe_on_kretprobe_call(struct pt_regs *context)
{
	return probe_on_call(context, PROBE_COOKIE(context));
}

SEC("kprobe.multi")
int probe_on_kretprobe_call_multi(struct pt_regs *context)
{
	return probe_on_call(context, PROBE_COOKIE(context));
}

SEC("kretprobe")
int probe_on_kretprobe(struct pt_regs *context)
{
	return probe_on_return(context, PROBE_COOKIE(context));
}

SEC("kretprobe.multi")
int probe_on_kretprobe_multi(struct pt_regs *context)
{
	return probe_on_return(context, PROBE_COOKIE(context));
}

SEC("tracepoint")
int probe_on_tracepoint(void *context)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct probe_hit hit = {.context = context};

	if (probe_begin(&hit, task, PROBE_COOKIE(context), false) && probe_is_chosen(&hit))
		probe_record(&hit, task);
	return 0;
}

/*
 * Probes in user programs.
 *
 * Unlike a kprobe, such a program can be preempted by a task that hits another probe on the same
 * CPU, or be interrupted by a kprobe. So it uses nothing that belongs to the CPU, but scratch
 * memory, which is taken by atomic exchange: hits go into the ring, and are counted atomically.
 */

/* Returns the number of a description of the running task that is in the ring; 0: none. */
static __noinline __u32 probe_user_task(struct task_struct *task, __u64 time_ns)
{
	struct probe_sent *sent =
		bpf_task_storage_get(&probe_sent_tasks, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	__u32 number;

	if (!sent)
		return 0;
	if (probe_is_as_sent(sent, task))
		return sent->number;
	command_line_send(&probe_ring, EVENT_PROBE, time_ns);
	sent->number = 0;
	probe_look(sent, task);
	number = __sync_fetch_and_add(&probe_task_sends, 1) + 1;
	if (!probe_output_task(task, number))
		return 0;
	sent->number = number;
	return number;
}

static __always_inline bool probe_user_begin(struct probe_hit *hit, __u32 probe)
{
	__u32 cpu = bpf_get_smp_processor_id(), info_key = probe, count_key;

	count_key = cpu * probe_settings.probe_count + probe;
	hit->time_ns = bpf_ktime_get_boot_ns();
	hit->cpu = cpu;
	hit->probe = probe;
	hit->stack = PROBE_STACK_NONE;
	hit->info = bpf_map_lookup_elem(&probe_configs, &info_key);
	hit->counts = bpf_map_lookup_elem(&probe_count, &count_key);
	if (hit->info && hit->counts)
		return true;
	loss_add(EVENT_PROBE, LOSS_NO_SCRATCH);
	return false;
}

/* As probe_rate_allows(). Two tasks that start a second at the same time may count it twice. */
static __always_inline bool probe_user_rate_allows(const struct probe_hit *hit)
{
	__u64 second = hit->time_ns / PROBE_NS_PER_SECOND;
	__u32 cpu = hit->cpu;
	struct probe_cpu *own = bpf_map_lookup_elem(&probe_cpus, &cpu);

	if (!own)
		return true;
	if (own->rate_second != second) {
		own->rate_second = second;
		own->rate_hits = 0;
	}
	return __sync_fetch_and_add(&own->rate_hits, 1) < probe_settings.max_per_second;
}

/* As probe_is_chosen(). */
static __always_inline bool probe_user_is_chosen(const struct probe_hit *hit)
{
	__u64 before = __sync_fetch_and_add(&hit->counts->hits, 1);

	if (probe_settings.every > 1 && before % probe_settings.every != 0) {
		__sync_fetch_and_add(&hit->counts->skipped_every, 1);
		return false;
	}
	if (probe_settings.max_per_second && !probe_user_rate_allows(hit)) {
		__sync_fetch_and_add(&hit->counts->skipped_rate, 1);
		return false;
	}
	return true;
}

/* Reads a string of a user program, and marks one that is not in memory. */
static __always_inline void probe_user_string(__u8 *out, __u64 address)
{
	if (address && bpf_probe_read_user_str(out, PROBE_STRING_BYTES, (void *)address) < 0)
		out[PROBE_STRING_BYTES - 1] = PROBE_STRING_UNREAD;
}

static __always_inline void probe_user_strings(const struct probe_config *info,
					       struct event_probe_data *out)
{
#pragma unroll
	for (int i = 0; i < PROBE_ARGUMENTS_MAX; i++) {
		if (info->strings >> i & 1)
			probe_user_string(&out->data[(i + PROBE_USDT_STRING) * PROBE_STRING_BYTES],
					  out->arguments[i]);
	}
}

/* The words that the caller of the function put on the stack. */
static __always_inline void probe_stack_words(struct event_probe_data *out,
					      const struct probe_hit *hit)
{
	/* At most 8 words; the mask is for the verifier. */
	__u32 bytes = (hit->info->argument_count & 15) * sizeof(__u64);
	struct pt_regs *context = hit->context;

	if (bytes && bpf_probe_read_user(
			     out->data, bytes,
			     (void *)(machine_stack_pointer(context) + MACHINE_CALL_PUSHED_BYTES)))
		out->data[PROBE_DATA_BYTES - 1] = PROBE_STRING_UNREAD;
}

static __always_inline void probe_user_arguments(struct event_probe_data *out,
						 const struct probe_hit *hit)
{
	__builtin_memset(out->arguments, 0, sizeof(out->arguments) + sizeof(out->data));
	if (hit->arguments) {
		__builtin_memcpy(out->arguments, hit->arguments, sizeof(out->arguments));
		probe_stack_words(out, hit);
	}
	for (__u32 i = 0; !hit->arguments && i < PROBE_USDT_MAX && i < hit->info->argument_count;
	     i++) {
		__u64 *place = i < PROBE_ARGUMENTS_MAX
				       ? &out->arguments[i]
				       : (__u64 *)out->data + (i - PROBE_ARGUMENTS_MAX);
		long value = 0;

		bpf_usdt_arg(hit->context, i, &value);
		*place = (__u64)value;
	}
	probe_user_strings(hit->info, out);
}

static __always_inline int probe_user_record(struct probe_hit *hit, struct task_struct *task)
{
	__u64 size = sizeof(struct event_probe);
	struct scratch_slot *slot;

	hit->task = probe_user_task(task, hit->time_ns);
	if (!hit->task) {
		loss_add(EVENT_PROBE, LOSS_RING_FULL);
		return 0;
	}
	slot = scratch_acquire();
	if (!slot) {
		loss_add(EVENT_PROBE, LOSS_NO_SCRATCH);
		return 0;
	}
	probe_fill(&slot->probe, hit);
	if (probe_settings.user_stacks)
		slot->probe.user_stack = user_stack_copy(task, USER_STACK_INTERRUPTS_ON);
	if (hit->info->with_arguments) {
		slot->header.kind = EVENT_PROBE_DATA;
		size = sizeof(struct event_probe_data);
		probe_user_arguments(&slot->probe_data, hit);
	}
	probe_output(&slot->header, size);
	scratch_release(slot);
	return 0;
}

static __always_inline int probe_on_user_function(struct pt_regs *context, __u32 probe)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u64 arguments[PROBE_ARGUMENTS_MAX];
	struct probe_hit hit = {.context = context, .arguments = arguments};

	if (!probe_is_on || !probe_task_passes(task) || !probe_user_begin(&hit, probe) ||
	    !probe_user_is_chosen(&hit))
		return 0;
	if (hit.info->with_arguments)
		probe_read_arguments(context, hit.info, arguments);
	return probe_user_record(&hit, task);
}

SEC("uprobe")
int probe_on_uprobe(struct pt_regs *context)
{
	own_stack_keep(context);
	return probe_on_user_function(context, PROBE_COOKIE(context));
}

/* User space makes the programs with this ending those of links to several functions. */
SEC("uprobe")
int probe_on_uprobe_multi(struct pt_regs *context)
{
	own_stack_keep(context);
	return probe_on_user_function(context, PROBE_COOKIE(context));
}

SEC("usdt")
int probe_on_usdt(struct pt_regs *context)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct probe_hit hit = {.context = context};

	own_stack_keep(context);
	if (!probe_is_on || !probe_task_passes(task) ||
	    !probe_user_begin(&hit, (__u32)bpf_usdt_cookie(context)) || !probe_user_is_chosen(&hit))
		return 0;
	return probe_user_record(&hit, task);
}

/* Number i of the open calls. The mask is for the verifier, which does not know the depth; the
 * compiler, which knows it here and there, must not leave it out. */
static __always_inline struct probe_call *probe_user_call(struct probe_user_calls *open, __u64 i)
{
	barrier_var(i);
	return &open->calls[i & (PROBE_USER_CALLS_MAX - 1)];
}

/* Removes the calls that ended without a return, as by longjmp(): the stack pointer is beyond them.
 * The kernel forgets them by the same rule. */
static __always_inline __u64 probe_user_calls_left(struct probe_user_calls *open, __u64 place)
{
	__u64 depth = open->depth;

	for (__u32 i = 0; i < PROBE_USER_CALLS_MAX && depth; i++) {
		if (probe_user_call(open, depth - 1)->place >= place)
			break;
		depth--;
	}
	return depth;
}

/* Returns an entry for a call; NULL if there are too many. */
static __always_inline struct probe_call *probe_user_call_begin(struct probe_user_calls *open,
								__u64 place, __u32 probe)
{
	__u64 depth = probe_user_calls_left(open, place);
	struct probe_call *last = probe_user_call(open, depth - 1);

	if (depth && last->place == place && last->probe == probe)
		depth--;
	if (depth >= PROBE_USER_CALLS_MAX) {
		open->depth = PROBE_USER_CALLS_MAX;
		return NULL;
	}
	open->depth = depth + 1;
	return probe_user_call(open, depth);
}

static __always_inline int probe_on_user_call(struct pt_regs *context, __u32 probe)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u32 key = probe;
	const struct probe_config *info = bpf_map_lookup_elem(&probe_configs, &key);
	__u64 place = machine_stack_pointer(context);
	struct probe_user_calls *open;
	struct probe_call *call;

	if (!probe_is_on || !info || !probe_task_passes(task))
		return 0;
	open = bpf_task_storage_get(&probe_user_open_calls, task, NULL,
				    BPF_LOCAL_STORAGE_GET_F_CREATE);
	call = open ? probe_user_call_begin(open, place, probe) : NULL;
	if (!call) {
		loss_add(EVENT_PROBE, LOSS_NO_SCRATCH);
		return 0;
	}
	if (info->with_arguments)
		probe_read_arguments(context, info, call->arguments);
	call->time_ns = bpf_ktime_get_boot_ns();
	call->probe = probe;
	call->place = place;
	return 0;
}

SEC("uprobe")
int probe_on_uretprobe_call(struct pt_regs *context)
{
	own_stack_keep(context);
	return probe_on_user_call(context, PROBE_COOKIE(context));
}

SEC("uprobe")
int probe_on_uretprobe_call_multi(struct pt_regs *context)
{
	own_stack_keep(context);
	return probe_on_user_call(context, PROBE_COOKIE(context));
}

/* Removes the call that returns now, and returns it; NULL if it is not known. Functions that jump
 * to each other, and probes of the same function, have calls at the same place. */
static __always_inline struct probe_call *probe_user_call_end(struct probe_user_calls *open,
							      __u64 place, __u32 probe)
{
	__u64 depth = probe_user_calls_left(open, place), at = depth;
	struct probe_call *call = NULL, *last = probe_user_call(open, depth - 1), returned;

	for (__u32 i = 0; i < PROBE_USER_CALLS_MAX && at; i++) {
		call = probe_user_call(open, at - 1);
		if (call->place != place || call->probe == probe)
			break;
		at--;
	}
	open->depth = depth;
	if (!at || call->place != place || call->probe != probe)
		return NULL;
	open->depth = depth - 1;
	if (call == last)
		return call;
	returned = *call;
	*call = *last;
	*last = returned;
	return last;
}

/* A call that is not known began before the probe was attached, is of a task that the filters
 * exclude, or was lost and counted. Without its memory, it cannot be known. */
static __always_inline int probe_on_user_return(struct pt_regs *context, __u32 probe)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u64 arguments[PROBE_ARGUMENTS_MAX];
	struct probe_hit hit = {.context = context, .arguments = arguments};
	struct probe_call *call = NULL;
	struct probe_user_calls *open;
	__u64 place = machine_stack_pointer(context) - MACHINE_CALL_PUSHED_BYTES;

	if (!probe_is_on)
		return 0;
	open = bpf_task_storage_get(&probe_user_open_calls, task, NULL, 0);
	if (open)
		call = probe_user_call_end(open, place, probe);
	if (!call || !probe_user_begin(&hit, probe))
		return 0;
	__builtin_memcpy(arguments, call->arguments, sizeof(arguments));
	hit.result = (__s64)machine_result(context);
	hit.latency_ns = hit.time_ns - call->time_ns;
	if (hit.latency_ns < probe_settings.min_latency_ns) {
		__sync_fetch_and_add(&hit.counts->hits, 1);
		__sync_fetch_and_add(&hit.counts->skipped_latency, 1);
		return 0;
	}
	if (!probe_user_is_chosen(&hit))
		return 0;
	return probe_user_record(&hit, task);
}

SEC("uretprobe")
int probe_on_uretprobe(struct pt_regs *context)
{
	own_stack_keep(context);
	return probe_on_user_return(context, PROBE_COOKIE(context));
}

SEC("uretprobe")
int probe_on_uretprobe_multi(struct pt_regs *context)
{
	own_stack_keep(context);
	return probe_on_user_return(context, PROBE_COOKIE(context));
}

/* Reads the misses of a link to several functions. The kernel has one count for all of them. */
static __always_inline int probe_answer_at_once(struct probe_misses *misses, void *link)
{
	struct bpf_kprobe_multi_link *multi = link;

	if (!bpf_core_field_exists(multi->fp.nmissed))
		return 1;
	multi = link - bpf_core_field_offset(struct bpf_kprobe_multi_link, link);
	misses->nested = BPF_CORE_READ(multi, fp.nmissed);
	misses->exhausted = 0;
	return 0;
}

/* Run by user space with the descriptor of a link to kprobes or kretprobes. */
SEC("syscall")
int probe_on_question(struct probe_misses *misses)
{
	struct task_struct___files *task = (void *)bpf_get_current_task_btf();
	struct file **files = BPF_CORE_READ(task, files, fdt, fd);
	struct file___probe *file = NULL;
	struct bpf_perf_link *link;
	struct perf_event *event;
	void *call, *probe;

	bpf_probe_read_kernel(&file, sizeof(file), &files[misses->link_fd]);
	if (!file)
		return 1;
	if (misses->at_once)
		return probe_answer_at_once(misses, BPF_CORE_READ(file, private_data));
	link = BPF_CORE_READ(file, private_data) -
	       bpf_core_field_offset(struct bpf_perf_link, link);
	file = (void *)BPF_CORE_READ(link, perf_file);
	event = BPF_CORE_READ(file, private_data);
	call = BPF_CORE_READ(event, tp_event);
	if (!call)
		return 1;
	call -= bpf_core_field_offset(struct trace_probe_event, call);
	/* The event of such a link has one probe. */
	probe = BPF_CORE_READ((struct trace_probe_event *)call, probes.next);
	probe -= bpf_core_field_offset(struct trace_probe, list);
	probe -= bpf_core_field_offset(struct trace_kprobe, tp);
	misses->nested = BPF_CORE_READ((struct trace_kprobe *)probe, rp.kp.nmissed);
	misses->exhausted = (__u32)BPF_CORE_READ((struct trace_kprobe *)probe, rp.nmissed);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
