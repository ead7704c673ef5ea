/* bpf/follow.bpf.c - descendants of the workload, from fork until they are freed */
#include "bpf/vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "bpf/event.h"
#include "bpf/filter.bpf.h"
#include "bpf/loss.bpf.h"

SEC("tp_btf/sched_process_fork")
int BPF_PROG(on_process_fork, struct task_struct *parent, struct task_struct *child)
{
	__u32 pid = (__u32)child->tgid;
	__u64 start_ns = child->start_boottime;

	/* Only processes are in the map, not threads. */
	if (child->pid != child->tgid || !filter_is_followed(parent))
		return 0;
	if (bpf_map_update_elem(&followed, &pid, &start_ns, BPF_ANY) != 0)
		loss_add(EVENT_EXIT, LOSS_NOT_FOLLOWED);
	return 0;
}

/* The pid may belong to another process by now, which has another start time. */
SEC("tp_btf/sched_process_free")
int BPF_PROG(on_process_free, struct task_struct *task)
{
	__u32 pid = (__u32)task->tgid;
	__u64 *start_ns;

	if (task->pid != task->tgid)
		return 0;
	start_ns = bpf_map_lookup_elem(&followed, &pid);
	if (start_ns && *start_ns == task->start_boottime)
		bpf_map_delete_elem(&followed, &pid);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
