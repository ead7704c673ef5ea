/* bpf/section.h - types of sections and steps shared by BPF and user space; part of event.h */
#ifndef BPF_SECTION_H
#define BPF_SECTION_H

#include "machine.h"

#define SECTION_DEPTH_MAX         16
#define SECTION_LABEL_BYTES       48
#define SECTION_ACCOUNTS          2048 /* of sections inside of others */
#define SECTION_ROWS              16
#define SECTION_ROWS_FEW          4 /* a section with at most this many rows is sent as a shorter record */
#define SECTION_BUCKETS           48
#define SECTION_SEGMENTS          8
#define SECTION_KERNEL_FRAMES_MAX 48
#define SECTION_KERNEL_STACKS     4096 /* distinct ones, at most */
#define SECTION_REGISTER_WORDS    MACHINE_REGISTER_WORDS
#define SECTION_ARGUMENTS         6
#define SECTION_PAIRS_MAX         64

/* The place of a step in a slot: the number of segments that were filled before, the segment, and
 * the bytes before it there. */
#define SECTION_HEAD(turn, segment, used) ((__u64)(turn) << 32 | (__u64)(segment) << 24 | (used))
#define SECTION_HEAD_TURN(head)           ((head) >> 32)
#define SECTION_HEAD_SEGMENT(head)        ((head) >> 24 & (SECTION_SEGMENTS - 1))
#define SECTION_HEAD_USED(head)           ((head)&0xffffff)

/* In front of the segments of a slot: the places of steps that later ones can repeat, for BPF
 * programs alone. */
#define SECTION_INDEX_ENTRIES 256u
#define SECTION_INDEX_BYTES   (SECTION_INDEX_ENTRIES * 8u)

/* A step that repeats one of the same segment is one word, which is odd: how many words before it
 * that one begins, and the step with which its duration began (0: it has none), 4 bits of the
 * sequence of that one, and the nanoseconds since then. */
#define SECTION_REPEAT_DISTANCE_MAX 0x1fffu
#define SECTION_REPEAT_CHECK_MAX    0xfu
#define SECTION_REPEAT_NS_MAX       0x1ffffffffull
#define SECTION_REPEAT(distance, begin, check, ns)                                                 \
	((__u64)(ns) << 31 | (__u64)((check)&SECTION_REPEAT_CHECK_MAX) << 27 |                     \
	 (__u64)(begin) << 14 | (__u64)(distance) << 1 | 1)
#define SECTION_REPEAT_IS(word)       ((word)&1)
#define SECTION_REPEAT_DISTANCE(word) ((word) >> 1 & SECTION_REPEAT_DISTANCE_MAX)
#define SECTION_REPEAT_BEGIN(word)    ((word) >> 14 & SECTION_REPEAT_DISTANCE_MAX)
#define SECTION_REPEAT_CHECK(word)    ((word) >> 27 & SECTION_REPEAT_CHECK_MAX)
#define SECTION_REPEAT_NS(word)       ((word) >> 31)

/* The numbers of these four enums are those of format/include/dz/enums.h, as
 * record/convert/section_rows.c asserts. It translates SECTION_STEP_PAGE_FAULTS and
 * SECTION_STEP_FILE. */
enum section_source {
	SECTION_SOURCE_MARKER,
	SECTION_SOURCE_SYSTEM_CALL,
	SECTION_SOURCE_UPROBE,
	SECTION_SOURCE_CONTROL,
	SECTION_SOURCE_MEASURED, /* in no file: measures the cost of samples */
};

/* Whether samples are taken. BPF changes OFF to ASKED; user space makes all other changes. */
enum section_sampling {
	SECTION_SAMPLING_OFF,
	SECTION_SAMPLING_ASKED,
	SECTION_SAMPLING_ON,
};

enum section_end_reason {
	SECTION_END_STOPPED,
	SECTION_END_THREAD_ENDED,
	SECTION_END_RECORDING_ENDED,
	SECTION_END_STOPPED_BY_OTHER,
};

enum phase_state {
	PHASE_STATE_USER,
	PHASE_STATE_KERNEL,
	PHASE_STATE_FAULT,
	PHASE_STATE_INTERRUPT,
	PHASE_STATE_RUNNABLE,
	PHASE_STATE_PREEMPTED,
	PHASE_STATE_BLOCKED,
	PHASE_STATE_UNINTERRUPTIBLE,
	PHASE_STATE_COUNT,
};

enum section_step_type {
	SECTION_STEP_PADDING, /* no step: the rest of the segment is unused */
	SECTION_STEP_SWITCHED_OUT,
	SECTION_STEP_WOKEN_UP,
	SECTION_STEP_SWITCHED_IN,
	SECTION_STEP_CALL_IN,
	SECTION_STEP_CALL_OUT,
	SECTION_STEP_INTERRUPT_IN,
	SECTION_STEP_INTERRUPT_OUT,
	SECTION_STEP_SOFTIRQ_IN,
	SECTION_STEP_SOFTIRQ_OUT,
	SECTION_STEP_TIMER_IN,
	SECTION_STEP_TIMER_OUT,
	SECTION_STEP_PAGE_FAULT,
	SECTION_STEP_MIGRATED,
	SECTION_STEP_SAMPLE,
	SECTION_STEP_PAGE_FAULTS, /* several in a row, merged */
	SECTION_STEP_FILE,        /* of the descriptor of the system call before */
};

/* Added to the number of a system call of the 32-bit ABI. */
#define SECTION_CALL_COMPAT (1 << 29)

/* Rows of an account without a system call. */
#define SECTION_CALL_NONE  (-1)
#define SECTION_CALL_FAULT (-2)
#define SECTION_CALL_OTHER (-3) /* all system calls that found no free row */

/* Time by state, in one system call or outside of all. */
struct section_row {
	__u64 ns[PHASE_STATE_COUNT];
	__u32 counts[PHASE_STATE_COUNT];
};

struct section_account {
	struct section_row rows[SECTION_ROWS];
};

/* A section that took at least its threshold. Sections get numbers in the order of their starts,
 * from 1. */
struct event_section {
	struct event_header header; /* its time is the stop */
	struct event_task task;
	__u64 start_ns;
	__u64 threshold_ns;
	__u64 number;
	__u64 outer;            /* number of the enclosing section; 0: none */
	__u64 outermost;        /* number of the outermost section; its own if it is that */
	__u64 dropped_until_ns; /* no later step was dropped; 0: none was */
	__u32 dropped_steps;    /* since the start of the outermost section */
	__u8 source;            /* enum section_source */
	__u8 end;               /* enum section_end_reason */
	__u8 row_count;
	__u8 depth;                      /* 0: outermost */
	char label[SECTION_LABEL_BYTES]; /* NUL-padded */
	__s32 calls[SECTION_ROWS]; /* number of the system call of each row, or SECTION_CALL_... */
	struct section_account account; /* adds up to the duration; may end after row_count rows */
};

/* The steps of an outermost section, sent if that section or one inside it was kept. The steps are
 * in a slot, which belongs to user space until user space returns it. */
struct event_step_batch {
	struct event_header header;
	struct event_task task;
	__u64 head;      /* place behind the newest step: SECTION_HEAD */
	__u64 outermost; /* number of the section */
	__u64 owner;     /* SECTION_OWNER of the slot */
	__u32 slot;
	__u32 total; /* steps that happened, including those that are no longer in the slot */
};

/* One step in a slot. Some types are followed by 48 bytes of details, or by a
 * struct section_file. Then come kernel_frames
 * addresses, innermost first. If user_bytes is SECTION_USER_ID, a stack_copy_id follows; if it is
 * another number than 0, SECTION_REGISTER_WORDS words of registers and user_bytes of memory from
 * the stack pointer up. The next step starts size_bytes later. No
 * step crosses the border between two of the SECTION_SEGMENTS segments of a slot
 * (bpf/section_step.bpf.h). */
struct section_step {
	__u16 size_bytes;
	__u8 step_type; /* enum section_step_type */
	__u8 kernel_frames;
	__u16 user_bytes;
	__u16 cpu;
	__u64 time_ns;
	__u32 sequence; /* counts from 0 in each outermost section */
	__s32 number;
	__u64 value;        /* switched in: ns that it was runnable */
	__u64 duration_ns;  /* switched in, and woken up: ns that it was blocked */
	__u32 outermost;    /* number of the section; another one: left from an earlier section */
	__u32 kernel_stack; /* 1 + its number in section_kernel_stacks; 0: none, or kernel_frames */
};

#define SECTION_USER_ID 0xffffu

/* SECTION_STEP_CALL_IN */
struct section_arguments {
	__u64 values[SECTION_ARGUMENTS];
};

/* SECTION_STEP_INTERRUPT_IN: text. SECTION_STEP_TIMER_IN: the address of the handler is the step's
 * value. */
struct section_step_name {
	char text[SECTION_LABEL_BYTES];
};

/* SECTION_STEP_PAGE_FAULTS: the time of the step is the end of the last fault, its duration the sum
 * of all. */
struct section_faults {
	__u64 since_ns; /* start of the first fault */
	__u64 count;
	__u64 reserved[4];
};

#define SECTION_FILE_CALLS       512u /* numbers of system calls */
#define SECTION_FILE_STEPS       24   /* names and mounts from the file to the root */
#define SECTION_FILE_NAME_BYTES  264u /* a longer name is omitted, and those above it */
#define SECTION_FILE_PATH_BYTES  256u /* a path up to this length has all its names */
#define SECTION_FILE_NAMES_BYTES (SECTION_FILE_PATH_BYTES + SECTION_FILE_NAME_BYTES)

enum section_file_flag {
	SECTION_FILE_DELETED = 1,
	SECTION_FILE_TRUNCATED = 2, /* the names nearest to the root are missing */
	SECTION_FILE_APART = 4,     /* the last name is that of a file without a directory */
	SECTION_FILE_REPLACED =
		8, /* the descriptor was closed during the call; nothing else is set */
};

/* SECTION_STEP_FILE: the descriptor is the step's number. */
struct section_file {
	__u64 inode;
	__u32 mode;
	__u16 flags;       /* enum section_file_flag */
	__u16 parts;       /* names, each with a NUL; the file's own first */
	__u64 file_system; /* its magic number, as in statfs(2) */
	char names[SECTION_FILE_NAMES_BYTES];
};

/* Identifies all sections of a process with the same source and label. */
struct section_histogram_key {
	__u64 process_start_ns;
	__u32 pid;
	__u32 source;
	char label[SECTION_LABEL_BYTES];
};

struct section_bucket {
	__u64 count;
	__u64 kept;
	__u64 sum_ns;
	__u64 max_ns;
	__u64 min_inverted; /* ~ of the shortest, so that 0 is the initial value */
};

struct section_histogram {
	struct event_task task; /* the first thread that stopped such a section */
	__u64 owner;            /* SECTION_OWNER */
	struct section_bucket buckets[SECTION_BUCKETS];
};

/* What each user can use up, in each pid namespace. */
enum section_resource {
	SECTION_RESOURCE_SLOT,
	SECTION_RESOURCE_ACCOUNT,
	SECTION_RESOURCE_HISTOGRAM,
	SECTION_RESOURCE_COUNT,
};

#define SECTION_HISTOGRAMS_MAX            1024u
#define SECTION_OWNERS_MAX                1024u
#define SECTION_OWNER(uid, pid_namespace) ((__u64)(uid) << 32 | (pid_namespace))
#define SECTION_OWNER_ALL                 (~0ull) /* all of them together */

/* How many were taken, and how many BPF programs have returned, since the start. */
struct section_owner {
	__u64 taken[SECTION_RESOURCE_COUNT];
	__u64 returned[SECTION_RESOURCE_COUNT];
};

/* How many user space has returned. */
struct section_owner_returns {
	__u64 returned[SECTION_RESOURCE_COUNT];
};

struct section_process_key {
	__u64 process_start_ns;
	__u64 pid;
};

/* A pair of uprobes; their cookie is its index. */
struct section_pair {
	__u64 threshold_ns; /* 0: the default */
	char label[SECTION_LABEL_BYTES];
};

#define SECTION_RULE_EVERY 0 /* as pid: every process that passes the filters */

struct section_rule_key {
	__u32 pid;
	__s32 system_call;
};

struct section_settings {
	__u64 threshold_ns;
	__u64 call_stack_ns; /* longer calls and faults get a user stack, longer waits that of the
				waker */
	__u32 slot_bytes;    /* a multiple of 8 * SECTION_SEGMENTS */
	__u32 user_stack_bytes; /* at most; a multiple of 1024 */
	__u32 has_samples;
	__u32 slowest_ppm; /* keep sections if this part of those before took longer; 0: all */
	__u32 slot_count;
};

/* Counts of failures, of all sections, and of those that were open when the recording ended: these
 * are in no histogram, as their duration is not known. */
struct section_failures {
	__u64 unmatched_stops;
	__u64 too_deep;
	__u64 no_account;
	__u64 no_memory;
	__u64 no_slot;
	__u64 no_histogram;
	__u64 unfinished;
	__u64 walked_stacks; /* user stacks of steps: their steps refer to them */
	__u64 copied_stacks; /* into steps */
};

/* A command to the iterator over tasks, and its result. */
enum section_command_type {
	SECTION_COMMAND_NONE,
	SECTION_COMMAND_START,
	SECTION_COMMAND_MEASURE, /* a section of source MEASURED, independent of the filters */
	SECTION_COMMAND_STOP,
	SECTION_COMMAND_STOP_ALL, /* all other programs are detached */
	SECTION_COMMAND_COUNT,    /* found: threads in a section; done: open sections */
};

struct section_command {
	__u32 type; /* enum section_command_type */
	__u32 tid;
	__u64 threshold_ns;
	__u32 done;  /* threads that it was done for */
	__u32 found; /* threads with this tid */
};

_Static_assert(sizeof(struct section_account) == 1536, "no padding");
_Static_assert(sizeof(struct event_section) == 1808, "no padding");
_Static_assert(sizeof(struct event_step_batch) == 136, "no padding");
_Static_assert(sizeof(struct section_step) == 48, "no padding");
_Static_assert(sizeof(struct section_arguments) == 48, "no padding");
_Static_assert(sizeof(struct section_step_name) == 48, "no padding");
_Static_assert(sizeof(struct section_faults) == 48, "no padding");
_Static_assert(sizeof(struct section_file) == 544, "no padding");
_Static_assert(sizeof(struct section_histogram_key) == 64, "no padding");

#endif
