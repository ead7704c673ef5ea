/* bpf/probe.bpf.c - hits of kprobes, kretprobes and tracepoints
 *
 * Every probe is attached with its number as the cookie; probe_infos tells how it is recorded. What
 * is known of a task goes into the ring once, and each hit only names it.
 */
#include "bpf/vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "bpf/cgroup.bpf.h"
#include "bpf/event.h"
#include "bpf/filter.bpf.h"
#include "bpf/loss.bpf.h"
#include "bpf/ring.bpf.h"
#include "bpf/scratch.bpf.h"
#include "bpf/stack.bpf.h"
#include "bpf/task.bpf.h"
#include "bpf/user_stack.bpf.h"

#define PROBE_NS_PER_SECOND 1000000000ull
#define PROBE_TRACE_HEADER  8 /* of a tracepoint's record, which programs may not read */
#define PROBE_USER_END      (1ull << 63)

const volatile struct probe_settings probe_settings;

struct ring_map probe_ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct probe_info);
} probe_infos SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct probe_counts);
} probe_count SEC(".maps");

struct probe_rate {
	__u64 second;
	__u64 hits;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct probe_rate);
} probe_rates SEC(".maps");

/* What the ring says of a task. */
struct probe_told {
	__u64 comm[2];
	__u64 cgroups;
	__u64 uid;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct probe_told);
} probe_told_tasks SEC(".maps");

/* A call that has not returned: the same function may be called again before that, at another
 * place of the stack. */
struct probe_call_key {
	__u64 place; /* where the return address is */
	__u32 tid;
	__u32 probe;
};

struct probe_call {
	__u64 time_ns;
	__u64 arguments[PROBE_ARGUMENTS_MAX];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, struct probe_call_key);
	__type(value, struct probe_call);
} probe_calls SEC(".maps");

/* A hit on its way into the ring. */
struct probe_hit {
	void *context;
	struct task_struct *task;
	const struct probe_info *info;
	const __u64 *arguments; /* NULL for a tracepoint */
	__u64 time_ns;
	__u64 latency_ns;
	__s64 result;
	__u32 probe;
	__u32 reserved;
};

static __always_inline struct probe_counts *probe_counts_of(__u32 probe)
{
	return bpf_map_lookup_elem(&probe_count, &probe);
}

static __always_inline bool probe_rate_allows(__u64 now_ns)
{
	__u32 zero = 0;
	struct probe_rate *rate = bpf_map_lookup_elem(&probe_rates, &zero);
	__u64 second = now_ns / PROBE_NS_PER_SECOND;

	if (!rate)
		return true;
	if (rate->second != second) {
		rate->second = second;
		rate->hits = 0;
	}
	return __sync_fetch_and_add(&rate->hits, 1) < probe_settings.max_per_second;
}

/* Counts a hit that has passed the filters, and says whether it is one to record. */
static __always_inline bool probe_is_chosen(__u32 probe, __u64 now_ns)
{
	struct probe_counts *counts = probe_counts_of(probe);
	__u64 before;

	if (!counts)
		return false;
	before = __sync_fetch_and_add(&counts->hits, 1);
	if (probe_settings.every > 1 && before % probe_settings.every != 0) {
		__sync_fetch_and_add(&counts->left_out_every, 1);
		return false;
	}
	if (probe_settings.max_per_second && !probe_rate_allows(now_ns)) {
		__sync_fetch_and_add(&counts->left_out_rate, 1);
		return false;
	}
	return true;
}

static __always_inline bool probe_same_told(const struct probe_told *left,
					    const struct probe_told *right)
{
	return left->comm[0] == right->comm[0] && left->comm[1] == right->comm[1] &&
	       left->cgroups == right->cgroups && left->uid == right->uid;
}

static __noinline int probe_output_task(struct task_struct *task)
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
	cgroup_fill(&slot->probe_task.task, task, &probe_ring, EVENT_PROBE);
	size += task_ancestors(task, &slot->header, (void *)&slot->bytes[size]);
	output = size <= SCRATCH_BYTES && bpf_ringbuf_output(&probe_ring, &slot->header, size,
							     ring_flags(&probe_ring, size)) == 0;
	scratch_release(slot);
	return output;
}

/* Makes sure that the reader knows the running task as it is now. */
static __always_inline bool probe_tell_task(struct task_struct *task)
{
	struct task_struct *current = bpf_get_current_task_btf();
	struct probe_told *told, now = {
					 .cgroups = (__u64)BPF_CORE_READ(task, cgroups),
					 .uid = BPF_CORE_READ(task, real_cred, uid.val),
				 };

	task_comm((char *)now.comm, task);
	told = bpf_task_storage_get(&probe_told_tasks, current, NULL,
				    BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (told && probe_same_told(told, &now))
		return true;
	if (!probe_output_task(task))
		return false;
	if (told)
		*told = now;
	return true;
}

/* A pointer says itself whose memory it points to. */
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

/* A number that an argument points to is what it is when the function is called. */
static __always_inline void probe_follow_numbers(const struct probe_info *info, __u64 *arguments)
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

static __always_inline void probe_follow_strings(const struct probe_info *info,
						 struct event_probe_data *out)
{
#pragma unroll
	for (int i = 0; i < PROBE_ARGUMENTS_MAX; i++) {
		if (info->strings >> i & 1)
			probe_follow(&out->data[i * PROBE_STRING_BYTES], &out->arguments[i], true);
	}
}

static __always_inline void probe_fill_data(struct event_probe_data *out,
					    const struct probe_hit *hit)
{
	__u32 bytes = hit->info->record_bytes;

	__builtin_memset(out->arguments, 0, sizeof(out->arguments) + sizeof(out->data));
	if (!hit->arguments) {
		if (bytes <= PROBE_DATA_BYTES)
			bpf_probe_read_kernel(out->data, bytes, hit->context + PROBE_TRACE_HEADER);
		return;
	}
	__builtin_memcpy(out->arguments, hit->arguments, sizeof(out->arguments));
	probe_follow_strings(hit->info, out);
}

static __always_inline void probe_fill(struct event_probe *out, const struct probe_hit *hit)
{
	/* A variable of its own, or CO-RE would look for struct probe_hit in the kernel. */
	struct task_struct *task = hit->task;

	*out = (struct event_probe){
		.header =
			{
				.time_ns = hit->time_ns,
				.cpu = bpf_get_smp_processor_id(),
				.kind = EVENT_PROBE,
			},
		.start_ns = BPF_CORE_READ(task, start_boottime),
		.latency_ns = hit->latency_ns,
		.result = hit->result,
		.tid = (__u32)BPF_CORE_READ(task, pid),
		.probe = hit->probe,
	};
}

static __always_inline void probe_record(const struct probe_hit *hit)
{
	struct scratch_slot *slot;
	__u64 size = sizeof(struct event_probe);

	if (!probe_tell_task(hit->task)) {
		loss_add(EVENT_PROBE, LOSS_RING_FULL);
		return;
	}
	slot = scratch_acquire();
	if (!slot) {
		loss_add(EVENT_PROBE, LOSS_NO_SCRATCH);
		return;
	}
	probe_fill(&slot->probe, hit);
	if (probe_settings.user_stacks)
		slot->probe.user_stack = user_stack_copy(bpf_get_current_task_btf());
	if (hit->info->with_arguments) {
		slot->header.kind = EVENT_PROBE_DATA;
		size = sizeof(struct event_probe_data);
		probe_fill_data(&slot->probe_data, hit);
	}
	size += stack_kernel(hit->context, &slot->header, &slot->bytes[size]);
	ring_output_as(&probe_ring, &slot->header, size, EVENT_PROBE);
	scratch_release(slot);
}

static __always_inline void probe_read_arguments(struct pt_regs *context,
						 const struct probe_info *info, __u64 *out)
{
	out[0] = context->di;
	out[1] = context->si;
	out[2] = context->dx;
	out[3] = context->cx;
	out[4] = context->r8;
	out[5] = context->r9;
	if (info->pointees)
		probe_follow_numbers(info, out);
}

static __always_inline int probe_on_function(struct pt_regs *context, __u32 probe)
{
	__u64 arguments[PROBE_ARGUMENTS_MAX];
	struct probe_hit hit = {
		.context = context,
		.task = (struct task_struct *)bpf_get_current_task(),
		.arguments = arguments,
		.info = bpf_map_lookup_elem(&probe_infos, &probe),
		.time_ns = bpf_ktime_get_boot_ns(),
		.probe = probe,
	};

	if (!hit.info || !filter_task_passes(hit.task) || !probe_is_chosen(probe, hit.time_ns))
		return 0;
	probe_read_arguments(context, hit.info, arguments);
	probe_record(&hit);
	return 0;
}

/* The return address is at the stack pointer when a function is called. */
static __always_inline int probe_on_call(struct pt_regs *context, __u32 probe)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct probe_call_key key = {
		.place = context->sp,
		.tid = (__u32)BPF_CORE_READ(task, pid),
		.probe = probe,
	};
	const struct probe_info *info = bpf_map_lookup_elem(&probe_infos, &probe);
	struct probe_call call;

	if (!info || !filter_task_passes(task))
		return 0;
	probe_read_arguments(context, info, call.arguments);
	call.time_ns = bpf_ktime_get_boot_ns();
	if (bpf_map_update_elem(&probe_calls, &key, &call, BPF_ANY) != 0)
		loss_add(EVENT_PROBE, LOSS_NO_SCRATCH);
	return 0;
}

/* When it has returned, the stack pointer is behind the return address. */
static __always_inline int probe_on_return(struct pt_regs *context, __u32 probe)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct probe_hit hit = {
		.context = context,
		.task = task,
		.info = bpf_map_lookup_elem(&probe_infos, &probe),
		.time_ns = bpf_ktime_get_boot_ns(),
		.result = (__s64)context->ax,
		.probe = probe,
	};
	struct probe_call_key key = {
		.place = context->sp - sizeof(long),
		.tid = (__u32)BPF_CORE_READ(task, pid),
		.probe = probe,
	};
	struct probe_call call, *known = bpf_map_lookup_elem(&probe_calls, &key);
	struct probe_counts *counts;

	/* Called before the probe was there, by a task that is not wanted, or lost and counted. */
	if (!known || !hit.info)
		return 0;
	call = *known;
	bpf_map_delete_elem(&probe_calls, &key);
	hit.latency_ns = hit.time_ns - call.time_ns;
	hit.arguments = call.arguments;
	counts = probe_counts_of(probe);
	if (counts && hit.latency_ns < probe_settings.min_latency_ns) {
		__sync_fetch_and_add(&counts->hits, 1);
		__sync_fetch_and_add(&counts->left_out_quick, 1);
		return 0;
	}
	if (probe_is_chosen(probe, hit.time_ns))
		probe_record(&hit);
	return 0;
}

#define PROBE_COOKIE(context) ((__u32)bpf_get_attach_cookie(context))

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
	__u32 probe = PROBE_COOKIE(context);
	struct probe_hit hit = {
		.context = context,
		.task = (struct task_struct *)bpf_get_current_task(),
		.info = bpf_map_lookup_elem(&probe_infos, &probe),
		.time_ns = bpf_ktime_get_boot_ns(),
		.probe = probe,
	};

	if (hit.info && filter_task_passes(hit.task) && probe_is_chosen(probe, hit.time_ns))
		probe_record(&hit);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
