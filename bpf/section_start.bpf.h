/* bpf/section_start.bpf.h - the state of a thread in which a section may start */
#ifndef BPF_SECTION_START_BPF_H
#define BPF_SECTION_START_BPF_H

#include "bpf/vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "bpf/cgroup.bpf.h"
#include "bpf/event.h"
#include "bpf/filter.bpf.h"
#include "bpf/ring.bpf.h"
#include "bpf/section.bpf.h"
#include "bpf/section_state.bpf.h"
#include "bpf/task.bpf.h"

extern struct ring_map section_ring SEC(".maps");

/* Returns the state of a task for a section to start in; creates it if needed. NULL: filters
 * exclude the task, or out of memory. */
static __noinline struct section_thread *section_thread_for_start(struct task_struct *task)
{
	struct section_thread *thread = bpf_task_storage_get(&section_threads, task, NULL, 0);

	if (thread && thread->depth)
		return thread;
	if (!filter_task_passes(task))
		return NULL;
	if (!thread)
		thread = bpf_task_storage_get(&section_threads, task, NULL,
					      BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!thread) {
		__sync_fetch_and_add(&section_failures.no_memory, 1);
		return NULL;
	}
	if (thread->identity.tid != (__u32)task->pid) {
		task_fill(&thread->identity, task);
		cgroup_fill(&thread->identity, task, &section_ring, EVENT_SECTION);
	}
	return thread;
}

#endif
