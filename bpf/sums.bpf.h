/* bpf/sums.bpf.h - adds up events that differ in nothing but their time
 *
 * A program announces itself, then looks for the cell of its event among those of its CPU. If there
 * is none and no free one either, it sends the event alone. A program must not be interrupted by
 * one that uses the same cells.
 */
#ifndef BPF_SUMS_BPF_H
#define BPF_SUMS_BPF_H

#include "bpf/vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "bpf/event.h"
#include "bpf/user_stack.bpf.h"

#define SUM_TRIES 8

extern const volatile struct sched_settings sched_settings;
extern volatile __u64 sum_generation; /* user space changes it */

/* User space sets the sizes before load. */
struct sum_cell_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct sum_cell);
};

struct sum_mark_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct sum_mark);
};

/* Announces the program on this CPU. The caller must pass the mark to sum_end(). Returns NULL if
 * the CPU has none. */
static __always_inline struct sum_mark *sum_begin(void *marks)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct sum_mark *mark = bpf_map_lookup_elem(marks, &cpu);

	if (mark)
		__sync_lock_test_and_set(&mark->busy, 1);
	return mark;
}

static __always_inline void sum_end(struct sum_mark *mark)
{
	__sync_lock_test_and_set(&mark->busy, 0);
}

/* Whether other events can have the same user stack: a copy belongs to one event. */
static __always_inline bool sum_is_possible(__u64 stack_copy_id)
{
	return stack_copy_id == USER_STACK_NONE ||
	       (stack_copy_id != USER_STACK_LOST && stack_copy_id & UNWIND_CHAIN_ID);
}

static __always_inline __u64 sum_mix(__u64 hash, __u64 value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15ull;
	return hash ^ hash >> 29;
}

struct sum_frames {
	__u64 frames[EVENT_KERNEL_FRAMES_MAX];
};

static __noinline __u64 sum_mix_frames(__u64 hash, const struct sum_frames *list, __u32 count)
{
#pragma clang loop unroll(disable)
	for (__u32 i = 0; i < EVENT_KERNEL_FRAMES_MAX; i++) {
		if (i >= count)
			break;
		hash = sum_mix(hash, list->frames[i]);
	}
	return hash;
}

/* The start of a key: the task, under its name. Keys are odd, so never 0. */
static __always_inline __u64 sum_mix_task(struct task_struct *task)
{
	__u64 hash = sum_mix(sched_settings.seed, (__u64)task->pid);
	__u64 comm[2];

	task_comm((char *)comm, task);
	hash = sum_mix(hash, task->start_boottime);
	return sum_mix(sum_mix(hash, comm[0]), comm[1]);
}

/* Returns the cell with this key, or a free one; NULL if there is neither. A macro: the verifier
 * must know the map. */
#define SUM_FIND(name, map, cells)                                                                 \
	static __noinline struct sum_cell *name(__u64 key)                                         \
	{                                                                                          \
		__u32 cpu = bpf_get_smp_processor_id();                                            \
		__u32 first = ((__u32)(sum_generation & 1) * sched_settings.cpus + cpu) * (cells); \
                                                                                                   \
		_Pragma("clang loop unroll(disable)") for (__u32 i = 0; i < SUM_TRIES; i++)        \
		{                                                                                  \
			__u32 at = first + (((__u32)(key >> 32) + i) & ((cells)-1));               \
			struct sum_cell *cell = bpf_map_lookup_elem(&map, &at);                    \
                                                                                                   \
			if (!cell || cell->key == key || cell->key == 0)                           \
				return cell;                                                       \
		}                                                                                  \
		return NULL;                                                                       \
	}

/* Copies a record to a free cell. Returns false if it is too large. */
static __always_inline bool sum_fill(struct sum_cell *cell, __u64 key,
				     const struct event_header *record, __u64 size)
{
	if (size > SUM_RECORD_BYTES || bpf_probe_read_kernel(cell->record, size, record) != 0)
		return false;
	cell->key = key;
	return true;
}

#endif
