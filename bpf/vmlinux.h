/* bpf/vmlinux.h - the kernel types that our programs read, and of these only the fields they read
 *
 * Kept by hand. CO-RE finds a field in the running kernel by the names of its struct and itself, so
 * neither order nor size matters here, and the build needs no BTF. What differs from kernel to
 * kernel is in core_fixes.bpf.h, what differs from machine to machine in bpf/arch/.
 */
#ifndef BPF_VMLINUX_H
#define BPF_VMLINUX_H

/* The names that the headers of libbpf expect. */
typedef unsigned char __u8;
typedef signed char __s8;
typedef unsigned short __u16;
typedef short __s16;
typedef unsigned int __u32;
typedef int __s32;
typedef unsigned long long __u64;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;
typedef _Bool bool;
enum { false = 0, true = 1 };
#define NULL ((void *)0)

/* Of the user space ABI of BPF. */
enum bpf_map_type {
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_PERCPU_ARRAY = 6,
	BPF_MAP_TYPE_LRU_HASH = 9,
	BPF_MAP_TYPE_ARRAY_OF_MAPS = 12,
	BPF_MAP_TYPE_QUEUE = 22,
	BPF_MAP_TYPE_RINGBUF = 27,
	BPF_MAP_TYPE_STACK_TRACE = 7,
	BPF_MAP_TYPE_TASK_STORAGE = 29,
};

enum {
	BPF_ANY = 0,
	BPF_NOEXIST = 1,
};

enum {
	BPF_F_NO_PREALLOC = 1,
	BPF_F_MMAPABLE = 1024,
	BPF_LOCAL_STORAGE_GET_F_CREATE = 1,
};

enum {
	BPF_RB_NO_WAKEUP = 1,
	BPF_RB_FORCE_WAKEUP = 2,
};

enum {
	BPF_RB_AVAIL_DATA = 0,
	BPF_RB_RING_SIZE = 1,
	BPF_RB_CONS_POS = 2,
};

enum bpf_func_id {
	BPF_FUNC_task_pt_regs = 175,
	BPF_FUNC_find_vma = 180,
	BPF_FUNC_loop = 181,
};

/* Of task_struct.flags and signal_struct.flags. */
#define PF_EXITING        0x00000004u
#define PF_KTHREAD        0x00200000u
#define SIGNAL_GROUP_EXIT 0x00000004u

/* struct pt_regs, thread_info and thread_struct of the machine that is built for. */
#include "machine_types.bpf.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct list_head {
	struct list_head *next;
};

struct ns_common {
	unsigned int inum;
};

struct pid_namespace {
	struct ns_common ns;
};

struct nsproxy {
	struct pid_namespace *pid_ns_for_children;
};

struct upid {
	int nr;
	struct pid_namespace *ns;
};

struct pid {
	unsigned int level;
	struct upid numbers[1];
};

enum pid_type {
	PIDTYPE_PID,
	PIDTYPE_TGID,
	PIDTYPE_PGID,
	PIDTYPE_SID,
	PIDTYPE_MAX,
};

struct cred {
	struct {
		__u32 val;
	} uid;
	struct {
		__u32 val;
	} gid;
};

struct kernfs_node {
	const char *name;
	struct kernfs_node *parent;
	__u64 id;
};

struct cgroup_root {
	int hierarchy_id;
};

struct cgroup {
	int level;
	struct kernfs_node *kn;
	struct cgroup_root *root;
};

struct cgroup_subsys_state {
	struct cgroup *cgroup;
};

struct page_counter { /* in pages */
	struct {
		long counter;
	} usage;
	unsigned long max;
	struct page_counter *parent;
};

typedef struct {
	long counter;
} atomic_long_t;

enum zone_stat_item {
	NR_FREE_PAGES,
};

struct zone {
	atomic_long_t vm_stat[1];
};

struct zoneref {
	struct zone *zone;
};

struct zonelist {
	struct zoneref _zonerefs[1];
};

struct pglist_data {
	struct zonelist node_zonelists[1];
};

struct lruvec {
	struct pglist_data *pgdat;
};

struct mem_cgroup_per_node {
	struct lruvec lruvec;
};

struct mem_cgroup {
	struct cgroup_subsys_state css;
	struct page_counter memory;
	struct mem_cgroup_per_node *nodeinfo[1];
};

enum cgroup_subsys_id {
	memory_cgrp_id,
	pids_cgrp_id,
};

struct css_set {
	struct cgroup_subsys_state *subsys[1];
	struct cgroup *dfl_cgrp;
};

struct rlimit {
	unsigned long rlim_max;
};

struct signal_struct {
	struct {
		int counter;
	} live;
	int nr_threads;
	struct list_head thread_head;
	int group_exit_code;
	unsigned int flags;
	struct pid *pids[PIDTYPE_MAX];
	int leader;
	__u64 utime;
	__u64 stime;
	unsigned long min_flt;
	unsigned long maj_flt;
	unsigned long maxrss;
	unsigned long long sum_sched_runtime;
	struct rlimit rlim[16];
	short oom_score_adj;
};

struct sched_entity {
	__u64 sum_exec_runtime;
};

struct percpu_counter {
	__s64 count;
};

typedef struct seqcount {
	unsigned int sequence;
} seqcount_t;

struct mm_struct {
	unsigned long total_vm;
	unsigned long start_stack;
	unsigned long arg_start;
	unsigned long arg_end;
	unsigned long env_end;
	struct percpu_counter rss_stat[4];
	seqcount_t mm_lock_seq;
};

struct task_struct {
	struct thread_info thread_info;
	unsigned int flags;
	unsigned int ptrace;
	struct sched_entity se;
	struct mm_struct *mm;
	int exit_code;
	int pdeath_signal;
	int pid;
	int tgid;
	struct task_struct *real_parent;
	struct task_struct *parent;
	struct task_struct *group_leader;
	struct pid *thread_pid;
	struct nsproxy *nsproxy;
	struct list_head thread_node;
	__u64 utime;
	__u64 stime;
	__u64 start_boottime;
	__u64 self_exec_id;
	unsigned long min_flt;
	unsigned long maj_flt;
	const struct cred *real_cred;
	char comm[16];
	struct signal_struct *signal;
	struct css_set *cgroups;
	struct sighand_struct *sighand;
	unsigned long sas_ss_sp;
	unsigned long sas_ss_size;
	struct bpf_local_storage *bpf_storage;
	struct thread_struct thread;
};

struct super_block {
	__u32 s_dev;
};

struct timespec64 {
	__s64 tv_sec;
	long tv_nsec;
};

struct inode {
	struct super_block *i_sb;
	__s64 i_size;
	unsigned long i_ino;
	__u32 i_generation;
};

struct file {
	struct inode *f_inode;
};

struct vm_area_struct {
	unsigned long vm_start;
	unsigned long vm_end;
	unsigned long vm_flags;
	unsigned long vm_pgoff;
	struct file *vm_file;
};

struct linux_binprm {
	struct file *file;
};

union __sifields {
	struct {
		int _pid;
		__u32 _uid;
	} _kill;
	struct {
		union {
			int sival_int;
		} _sigval;
	} _rt;
	struct {
		int _status;
	} _sigchld;
	struct {
		void *_addr;
	} _sigfault;
	struct {
		void *_call_addr;
		int _syscall;
	} _sigsys;
};

struct kernel_siginfo {
	struct {
		int si_code;
		union __sifields _sifields;
	};
};

struct sigaction {
	void *sa_handler;
};

struct k_sigaction {
	struct sigaction sa;
};

struct sighand_struct {
	struct k_sigaction action[64];
};

#pragma clang attribute pop

#endif
