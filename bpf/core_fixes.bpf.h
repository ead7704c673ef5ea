/* bpf/core_fixes.bpf.h - differences between kernels, each with the commit that made it */
#ifndef BPF_CORE_FIXES_BPF_H
#define BPF_CORE_FIXES_BPF_H

#include "bpf/vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "bpf/event.h"
#include "machine.bpf.h"

extern const volatile struct kernel_traits kernel_traits;

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* 633488947ef6 (6.15) made kernfs_node::parent an RCU pointer and named it __parent. */
struct kernfs_node___v615 {
	struct kernfs_node *__parent;
};

/* f1a7941243c1 (6.2) made mm_struct::rss_stat an array of struct percpu_counter. */
struct mm_rss_stat {
	long first;
};

struct mm_struct___v61 {
	struct mm_rss_stat rss_stat;
};

/* 5e31275cc997 (6.4) added mm_struct::mm_lock_seq as a number, eb449bd96954 (6.14) made it a
 * sequence count. */
struct mm_struct___v64 {
	int mm_lock_seq;
};

/* f39681ed0f48 (4.14) numbers address spaces, on x86 alone. */
struct mm_numbers {
	__u64 ctx_id;
};

struct mm_context___vdso {
	void *vdso;
};

struct mm_struct___vdso {
	struct mm_context___vdso context;
};

struct mm_struct___numbered {
	struct mm_numbers context;
};

/* 12cd44023651 (6.7) renamed inode::i_mtime to __i_mtime, 3aa63a569c64 (6.11) split it. */
struct inode___v60 {
	struct timespec64 i_mtime;
};

struct inode___v67 {
	struct timespec64 __i_mtime;
};

struct inode___v611 {
	__s64 i_mtime_sec;
	__u32 i_mtime_nsec;
};

/* The layout of a trace event shows what its tracepoint passes. */
struct trace_event_raw_mark_victim {
	unsigned long total_vm;
};

#pragma clang attribute pop

static __always_inline struct kernfs_node *core_kernfs_parent(struct kernfs_node *node)
{
	struct kernfs_node___v615 *newer = (void *)node;

	if (bpf_core_field_exists(newer->__parent))
		return BPF_CORE_READ(newer, __parent);
	return BPF_CORE_READ(node, parent);
}

/* Returns the pages of one counter: MM_FILEPAGES, MM_ANONPAGES, MM_SWAPENTS or MM_SHMEMPAGES of the
 * kernel. The kernel's own messages are no more exact. */
static __always_inline __u64 core_resident_pages(struct mm_struct *mm, int counter)
{
	void *place = mm;
	__s64 pages = 0;

	/* A struct in old kernels, an array in new ones. */
	if (bpf_core_field_exists(struct mm_struct___v61, rss_stat))
		place += bpf_core_field_offset(struct mm_struct___v61, rss_stat) +
			 counter * sizeof(long);
	else
		place += bpf_core_field_offset(struct mm_struct, rss_stat) +
			 counter * bpf_core_type_size(struct percpu_counter) +
			 bpf_core_field_offset(struct percpu_counter, count);
	bpf_probe_read_kernel(&pages, sizeof(pages), place);
	return pages > 0 ? (__u64)pages : 0;
}

static __always_inline bool core_counts_changes_of_mappings(void)
{
	return bpf_core_field_exists(struct mm_struct___v64, mm_lock_seq) ||
	       bpf_core_field_exists(struct mm_struct, mm_lock_seq.sequence);
}

/* Returns a number that grows each time the mappings have been changed; 0: they are being changed,
 * or the kernel has none. */
static __always_inline __u32 core_mappings_version(struct mm_struct *mm)
{
	struct mm_struct___v64 *v64 = (void *)mm;
	__u32 sequence;

	if (bpf_core_field_exists(struct mm_struct___v64, mm_lock_seq))
		return (__u32)v64->mm_lock_seq + 1;
	if (!bpf_core_field_exists(mm->mm_lock_seq.sequence))
		return 0;
	sequence = mm->mm_lock_seq.sequence;
	return sequence & 1 ? 0 : sequence + 1;
}

/* Returns a number that no other address space has had since boot; 0: the machine has none.
 * Children of vfork() share the address space of their parent, and the number. */
static __always_inline __u64 core_memory_number(struct mm_struct *mm)
{
	struct mm_struct___numbered *numbered = (void *)mm;

	return bpf_core_field_exists(numbered->context.ctx_id) ? numbered->context.ctx_id : 0;
}

/* Returns where the vDSO of a 64-bit process begins; 0: not known. */
static __always_inline __u64 core_vdso(struct mm_struct *mm)
{
	struct mm_struct___vdso *mapped = (void *)mm;
	__u64 start = 0;

	if (bpf_core_field_exists(mapped->context.vdso))
		start = (__u64)mapped->context.vdso;
	return start >> 32 ? start : 0;
}

/* Sets the time of the last change of a file's contents. Also for a pointer that the verifier does
 * not trust. */
static __always_inline void core_inode_changed(struct inode *inode, __s64 *ret_s, __u32 *ret_ns)
{
	struct inode___v60 *v60 = (void *)inode;
	struct inode___v67 *v67 = (void *)inode;
	struct inode___v611 *v611 = (void *)inode;

	if (bpf_core_field_exists(v611->i_mtime_sec)) {
		*ret_s = BPF_CORE_READ(v611, i_mtime_sec);
		*ret_ns = BPF_CORE_READ(v611, i_mtime_nsec);
	} else if (bpf_core_field_exists(v67->__i_mtime)) {
		*ret_s = BPF_CORE_READ(v67, __i_mtime.tv_sec);
		*ret_ns = (__u32)BPF_CORE_READ(v67, __i_mtime.tv_nsec);
	} else {
		*ret_s = BPF_CORE_READ(v60, i_mtime.tv_sec);
		*ret_ns = (__u32)BPF_CORE_READ(v60, i_mtime.tv_nsec);
	}
}

/* 3ff2be68c22e (6.16) moved sched_process_exit before the end of the task's memory. */
static __always_inline bool core_memory_outlives_exit(void)
{
	return kernel_traits.exit_has_group_dead;
}

/* 72ba14deb40a (6.9, and in stable branches) passes the task instead of its number. */
static __always_inline bool core_mark_victim_passes_task(void)
{
	return bpf_core_field_exists(struct trace_event_raw_mark_victim, total_vm);
}

/* Tasks whose registers are read are passed as bpf_get_current_task_btf() returns them, or as an
 * argument of the program: see task_plain(). bpf_task_pt_regs() exists since dd6e10fbd9fb (5.15).
 */
static __always_inline struct pt_regs *core_registers(struct task_struct *task)
{
	if (!bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs) ||
	    task->flags & PF_KTHREAD)
		return NULL;
	return (struct pt_regs *)bpf_task_pt_regs(task);
}

/* Returns the number of the system call that a task has entered; -1 if it is in none. */
static __always_inline __s32 core_system_call(struct task_struct *task)
{
	struct pt_regs *registers = core_registers(task);

	return registers ? machine_system_call(registers) : -1;
}

/* Whether the task is in a system call of the 32-bit ABI. */
static __always_inline bool core_is_compat_call(struct task_struct *task)
{
	return machine_is_compat_call(task);
}

/* The same, or whether the task runs 32-bit code. */
static __always_inline bool core_is_compat(struct task_struct *task)
{
	struct pt_regs *registers = core_registers(task);

	return core_is_compat_call(task) || (registers && machine_runs_32bit(registers));
}

/* Whether the running task is in exit_group(). */
static __always_inline bool core_is_in_exit_group(void)
{
	struct task_struct *task = bpf_get_current_task_btf();

	return core_system_call(task) ==
	       (core_is_compat_call(task) ? COMPAT_SYSTEM_CALL_EXIT_GROUP : SYSTEM_CALL_EXIT_GROUP);
}

#endif
