/* bpf/event.h - types shared by the BPF programs and diag-record
 *
 * Fixed widths, no padding; static assertions check the sizes. None of these types reaches a file.
 */
#ifndef BPF_EVENT_H
#define BPF_EVENT_H

#ifndef __bpf__
#include <linux/types.h>
#endif

#include "bpf/event_kinds.h"

#define EVENT_COMM_BYTES        16
#define EVENT_ANCESTORS_MAX     16
#define EVENT_KERNEL_FRAMES_MAX 127
#define EVENT_CGROUP_NAMES_MAX  2048
#define RING_ENTRIES            8 /* of each ring, a power of two: bpf/ring.bpf.h */

/* Every record starts with this header. The fixed part of its kind is followed by ancestor_count
 * times struct event_ancestor, then by kernel_frame_count addresses of 8 bytes, innermost first. */
struct event_header {
	__u64 time_ns; /* CLOCK_BOOTTIME */
	__u32 cpu;
	__u16 kind; /* enum event_kind */
	__u8 ancestor_count;
	__u8 kernel_frame_count;
};

enum event_task_flag {
	EVENT_TASK_KERNEL_THREAD = 1,
	/* Of the task of an exit or signal: it runs 32-bit code, or is in a system call of the
	 * 32-bit ABI. */
	EVENT_TASK_COMPAT = 2,
};

struct event_task {
	__u64 process_start_ns; /* CLOCK_BOOTTIME, as is start_ns */
	__u64 start_ns;
	__u64 cgroup_id;
	__u32 pid;
	__u32 tid;
	__u32 ns_pid;
	__u32 ns_tid;
	__u32 pid_namespace;
	__u32 uid;
	__u32 gid;
	__u16 cgroup_hierarchy;
	__u16 flags;                         /* enum event_task_flag */
	char comm[EVENT_COMM_BYTES];         /* NUL-padded */
	char process_comm[EVENT_COMM_BYTES]; /* NUL-padded */
};

/* One ancestor of `task` of the record: its parent first, then the parent of that, and so on. */
struct event_ancestor {
	__u64 process_start_ns;
	__u32 pid;
	__u32 uid;
	char comm[EVENT_COMM_BYTES];
	__u32 ns_pid; /* 0: it is in the initial pid namespace, as is `task` or only the ancestor */
	__u32 reserved;
};

/* Another task than that of the record, such as its waker. */
struct event_peer {
	__u64 process_start_ns; /* CLOCK_BOOTTIME, as is start_ns */
	__u64 start_ns;
	__u32 pid;
	__u32 tid;
	char comm[EVENT_COMM_BYTES];
	__u64 reserved;
};

struct event_end_thread {
	char comm[EVENT_COMM_BYTES];
	__u32 tid; /* 0: unknown */
	__u32 ns_tid;
};

/* Kernel stacks that the system call alone decides. The frames of a record with such a number are
 * also those of later records of the same CPU with this number and without frames. */
enum event_known_stack {
	KNOWN_STACK_NONE,
	KNOWN_STACK_EXIT,
	KNOWN_STACK_EXIT_GROUP,
	KNOWN_STACK_KILL, /* of one process: the paths to several differ */
	KNOWN_STACK_TKILL,
	KNOWN_STACK_TGKILL,
	KNOWN_STACK_COUNT,
};

struct event_exit {
	struct event_header header;
	struct event_task task;
	__u64 user_time_ns; /* by the ticks of the kernel; run_time_ns is the exact sum of both */
	__u64 system_time_ns;
	__u64 run_time_ns;
	__u64 max_rss_pages;
	__u64 minor_faults;
	__u64 major_faults;
	__u64 user_stack;    /* stack_copy_id of its copy, or USER_STACK_... */
	__u16 status;        /* as wait4() returns it */
	__u8 thread;         /* 1: a thread that was not the last of its process */
	__u8 never_executed; /* 1: its process has not executed a program since it was forked */
	__s32 system_call;   /* -1: none */
	/* Of a process: the thread that called exit() or took the fatal signal. */
	struct event_end_thread end_thread;
	__u32 known_stack; /* enum event_known_stack */
	__u32 reserved;
};

/* Properties of a signal, beyond its si_code, that decide its source. */
enum event_signal_fact {
	SIGNAL_FACT_GROUP = 1,          /* sent to the process, not to one thread */
	SIGNAL_FACT_NO_INFO = 2,        /* the kernel passed SEND_SIG_NOINFO */
	SIGNAL_FACT_KERNEL_INFO = 4,    /* the kernel passed SEND_SIG_PRIV */
	SIGNAL_FACT_SENDER_EXITING = 8, /* the task that ran was exiting */
	SIGNAL_FACT_SENDER_LEADS = 16,  /* the task that ran was a session leader */
	SIGNAL_FACT_PARENT_DEATH = 32,  /* PR_SET_PDEATHSIG of the receiver is this signal */
	SIGNAL_FACT_CPU_LIMIT = 64,     /* the receiver has used up its RLIMIT_CPU */
	SIGNAL_FACT_SELF = 128,         /* sender and receiver are one process */
	SIGNAL_FACT_TRACER = 256,       /* the task that ran traces the receiver */
	SIGNAL_FACT_EXIT_KILL = 512,    /* PTRACE_O_EXITKILL of the receiver is set */
};

/* The value of a fault: how memory was accessed; 0: unknown. */
enum event_signal_access {
	SIGNAL_ACCESS_READ = 1,
	SIGNAL_ACCESS_WRITTEN = 2,
	SIGNAL_ACCESS_EXECUTED = 3,
	SIGNAL_ACCESS_BELOW_STACK =
		4, /* a flag: the address is below the stack, which could not grow to it */
	SIGNAL_ACCESS_NOWHERE = 8, /* a flag: the stack pointer points to no memory */
};

struct event_signal {
	struct event_header header;
	struct event_task task; /* the task that ran */
	struct event_task receiver;
	__u64 address;
	__u64 user_stack; /* of task: stack_copy_id of its copy, or USER_STACK_... */
	__s32 code;
	__s32 value;
	__s32 system_call; /* that task was in; -1: none */
	__u8 signal;
	__u8 result;
	__u16 facts;       /* enum event_signal_fact */
	__u32 known_stack; /* enum event_known_stack */
	__u32 reserved;
};

struct event_delivery {
	struct event_header header;
	struct event_task task;
	__u64 address;
	__u64 user_stack; /* stack_copy_id of its copy, or USER_STACK_... */
	__s32 code;
	__u32 group_code;
	__u32 sender_pid;
	__u32 sender_uid;
	__u32 signal;
	__u32 handled;
	struct event_task tracer; /* pid 0: the task was not traced */
};

struct event_oom {
	struct event_header header;
	struct event_task task;
	struct event_task victim;
	__u64 total_vm_pages;
	__u64 anon_rss_pages;
	__u64 file_rss_pages;
	__u64 shmem_rss_pages;
	__s64 score_adjustment;
	/* The innermost group at its limit of memory, from the victim's upwards; id 0: none. */
	__u64 limit_cgroup_id;
	__u64 limit_pages;
	__u64 usage_pages;
	__u32 limit_hierarchy;
	__u32 limits_read; /* 1: up to the group at its limit, or to the root */
	__u64 free_pages;  /* of the machine; 0: unknown */
};

/* Comes before the first record of the same ring with this control group. */
struct event_cgroup {
	struct event_header header;
	__u64 id;
	__u16 hierarchy;
	__u16 names_bytes;
	__u32 is_truncated;                 /* 1: the outermost names are missing */
	char names[EVENT_CGROUP_NAMES_MAX]; /* innermost first, each with its NUL; names_bytes */
};

#define COMMAND_LINE_BYTES 512

/* Set before load. */
struct command_line_settings {
	__u32 wanted; /* 1: command lines are recorded */
	__u32 reserved;
};

/* Comes before a record of the same ring with this process, unless the command line could not be
 * read. */
struct event_command_line {
	struct event_header header;
	__u64 process_start_ns;
	__u32 pid;
	__u32 is_truncated;            /* 1: the command line is longer than text */
	__u8 text[COMMAND_LINE_BYTES]; /* arguments, each with its NUL; not padded */
};

#include "bpf/probe.h"
#include "bpf/sched.h"
#include "bpf/section.h"
#include "bpf/unwind.h"
#include "bpf/user_stack.h"

/* How often user space can ask for the function at an address of the kernel. */
#define KERNEL_SYMBOL_QUESTIONS 16384

/* Differences between kernels that BPF programs cannot find in a type that all kernels have. */
struct kernel_traits {
	/* sched_process_exit has the argument group_dead: 3ff2be68c22e (6.16) */
	__u8 exit_has_group_dead;
	/* the verifier trusts pointers, and checks each that is loaded: 6fcd486b3a0a (6.4) */
	__u8 has_trusted_pointers;
	__u8 reserved[6];
};

/* Why an event was lost. */
enum loss_reason {
	LOSS_RING_FULL,
	LOSS_NO_SCRATCH,
	LOSS_NOT_FOLLOWED,
	LOSS_LIMITED,
	LOSS_UNSEEN,
	LOSS_USER_SHARE,
	LOSS_REASON_COUNT,
};

/* By kind, reason and CPU. The times are those of the current epoch; user space starts epochs. */
struct loss {
	__u64 count;
	__u64 first_ns;
	__u64 last_ns;
	__u64 epoch;
};

/* What BPF programs count by CPU, apart from losses. */
enum event_count {
	COUNT_CRASHED, /* ends of processes by a signal of a fault or an abort */
	COUNT_KILLED,  /* and by other signals */
	COUNT_SKIPPED_EXIT,
	COUNT_SKIPPED_SIGNAL,
	EVENT_COUNTS,
};

#define FILTER_RANGES_MAX 128
#define FILTER_NAMES_MAX  16

struct filter_range {
	__u32 first;
	__u32 last;
};

/* Ascending and disjoint. Without ranges every id passes. */
struct filter_ranges {
	__u32 count;
	struct filter_range ranges[FILTER_RANGES_MAX];
};

/* Without names every name passes. */
struct filter_names {
	__u32 count;
	char names[FILTER_NAMES_MAX][EVENT_COMM_BYTES]; /* NUL-padded */
	__u32 patterns; /* bit i: name i is a pattern, with the positions that follow */
	__u32 any[FILTER_NAMES_MAX];   /* bit j: byte j is ?, for any byte */
	__u32 stars[FILTER_NAMES_MAX]; /* bit j: byte j is *, for any bytes; never two in a row */
	__u32 lengths[FILTER_NAMES_MAX];
};

#define FILTER_CGROUP_NONE    0u
#define FILTER_CGROUP_DEFAULT 1u
#define FILTER_CGROUP_V1      2u /* plus the number of the controller in the running kernel */

struct filter {
	__u64 signals; /* bit n-1: signal n passes */
	struct filter_ranges tgids;
	struct filter_ranges tids;
	struct filter_ranges cpus;
	struct filter_ranges uids;
	struct filter_ranges sender_tgids;
	struct filter_names comms;
	struct filter_names sender_comms;
	__u32 own_tgid;
	__u32 writer_tgid; /* of the process that writes the file; own_tgid: none */
	__u32 cgroup_tree; /* the hierarchy of filter_cgroup_id: FILTER_CGROUP_... */
	__u32 failed;      /* 1: only exits with a status other than 0 */
	__u32 threads;     /* 1: also threads that are not the last of their process */
	__u32 followed;    /* 1: only processes in the map `followed` */
	/* Of diag-record: all IDs of this struct are numbers in it. 0: the initial namespace. */
	__u32 pid_namespace;
	__u32 command;      /* with pid_namespace: the workload, which is followed, too; 0: none */
	__u32 child_stacks; /* 1: SIGCHLD has a kernel stack too */
};

#define EVENT_HAS_STRUCT(NAME, name, route, row, loss, stack, scratch)                             \
	_Static_assert(sizeof(struct event_##name) % 8 == 0, "a multiple of 8 bytes");
EVENT_KINDS(EVENT_HAS_STRUCT)
#undef EVENT_HAS_STRUCT

_Static_assert(sizeof(struct event_header) == 16, "no padding");
_Static_assert(sizeof(struct event_task) == 88, "no padding");
_Static_assert(sizeof(struct event_ancestor) == 40, "no padding");
_Static_assert(sizeof(struct event_peer) == 48, "no padding");
_Static_assert(sizeof(struct event_exit) == 200, "no padding");
_Static_assert(sizeof(struct event_signal) == 232, "no padding");
_Static_assert(sizeof(struct event_delivery) == 232, "no padding");
_Static_assert(sizeof(struct event_oom) == 272, "no padding");
_Static_assert(sizeof(struct event_cgroup) == 32 + EVENT_CGROUP_NAMES_MAX, "no padding");
_Static_assert(sizeof(struct event_command_line) == 32 + COMMAND_LINE_BYTES, "no padding");
_Static_assert(sizeof(struct loss) == 32, "no padding");
_Static_assert(sizeof(struct filter_ranges) == 4 + 8 * FILTER_RANGES_MAX, "no padding");
_Static_assert(sizeof(struct filter_names) == 8 + (EVENT_COMM_BYTES + 12) * FILTER_NAMES_MAX,
	       "no padding");

#endif
