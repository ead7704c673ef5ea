/* bpf/section.h - sections and their steps, as the kernel side hands them to diag-record
 *
 * A part of event.h, which includes it: the same rules hold here.
 */
#ifndef BPF_SECTION_H
#define BPF_SECTION_H

#define RUN_DEPTH_MAX         16
#define RUN_LABEL_BYTES       48
#define RUN_ROWS              16
#define RUN_ROWS_FEW          4 /* a section with no more of them is handed over in less memory */
#define RUN_BUCKETS           48
#define RUN_SEGMENTS          8
#define RUN_KERNEL_FRAMES_MAX 48
#define RUN_REGISTER_WORDS    21 /* struct pt_regs of x86-64 */
#define RUN_ARGUMENTS         6
#define RUN_PAIRS_MAX         64

/* The numbers of these four are those of format/include/dz/enums.h, which
 * record/convert/section_rows.c asserts; it translates RUN_PAGE_FAULTS. */
enum run_source {
	RUN_SOURCE_MARKER,
	RUN_SOURCE_SYSTEM_CALL,
	RUN_SOURCE_UPROBE,
	RUN_SOURCE_CONTROL,
	RUN_SOURCE_MEASURED, /* in no file: what samples cost is measured in it */
};

/* Whether samples are taken. Of OFF the kernel side makes ASKED, user space everything else. */
enum run_sampling {
	RUN_SAMPLING_OFF,
	RUN_SAMPLING_ASKED,
	RUN_SAMPLING_ON,
};

enum run_end {
	RUN_END_STOPPED,
	RUN_END_THREAD_ENDED,
	RUN_END_RECORDING_ENDED,
	RUN_END_STOPPED_BY_OTHER,
};

enum run_condition {
	RUN_USER,
	RUN_KERNEL,
	RUN_FAULT,
	RUN_INTERRUPT,
	RUN_WOKEN,
	RUN_PREEMPTED,
	RUN_BLOCKED,
	RUN_BLOCKED_UNINTERRUPTIBLY,
	RUN_CONDITION_COUNT,
};

enum run_what {
	RUN_PADDING, /* nothing: the rest of a segment */
	RUN_SWITCHED_OUT,
	RUN_WOKEN_UP,
	RUN_SWITCHED_IN,
	RUN_CALL_IN,
	RUN_CALL_OUT,
	RUN_INTERRUPT_IN,
	RUN_INTERRUPT_OUT,
	RUN_SOFTIRQ_IN,
	RUN_SOFTIRQ_OUT,
	RUN_TIMER_IN,
	RUN_TIMER_OUT,
	RUN_PAGE_FAULT,
	RUN_MIGRATED,
	RUN_SAMPLE,
	RUN_PAGE_FAULTS, /* many in a row */
};

/* Rows of an account that stand for no system call. */
#define RUN_CALL_NONE  (-1)
#define RUN_CALL_FAULT (-2)
#define RUN_CALL_OTHER (-3) /* all those that found no row */

/* Where the time went while in one system call, or in none, by condition. */
struct run_row {
	__u64 ns[RUN_CONDITION_COUNT];
	__u32 counts[RUN_CONDITION_COUNT];
};

struct run_account {
	struct run_row rows[RUN_ROWS];
};

/* A section that took at least its threshold. Sections are numbered from 1 as they start. */
struct event_section {
	struct event_header header; /* its time is that of the stop */
	struct event_task task;
	__u64 start_ns;
	__u64 threshold_ns;
	__u64 number;
	__u64 outer;            /* number of the section around it, 0 for none */
	__u64 outermost;        /* its own, if it is that */
	__u64 dropped_until_ns; /* steps before this are lost, 0 if none are */
	__u32 dropped_steps;    /* since the outermost section began */
	__u8 source;            /* enum run_source */
	__u8 end;               /* enum run_end */
	__u8 row_count;
	__u8 depth;                  /* 0: outermost */
	char label[RUN_LABEL_BYTES]; /* NUL-padded */
	__s32 calls[RUN_ROWS];       /* number of the system call of each row, or RUN_CALL_... */
	struct run_account account;  /* adds up to the duration; may end after row_count rows */
};

/* The steps of an outermost section of which it or one inside of it was kept. They are in a slot,
 * which belongs to user space until it gives it back. */
struct event_steps {
	struct event_header header;
	struct event_task task;
	__u64 head;      /* bytes ever written to the slot */
	__u64 outermost; /* number of the section */
	__u32 slot;
	__u32 total; /* steps that happened, those that are not in the slot included */
};

/*
 * One step in a slot. After it come, for some kinds, 48 bytes that say more, then kernel_frames
 * addresses, innermost first, then, if user_bytes is not 0, RUN_REGISTER_WORDS words of registers
 * and user_bytes of memory from the stack pointer on. The next begins size_bytes later; none
 * crosses the border between two of the RUN_SEGMENTS parts of a slot.
 */
struct run_step {
	__u16 size_bytes;
	__u8 what; /* enum run_what */
	__u8 kernel_frames;
	__u16 user_bytes;
	__u16 cpu;
	__u64 time_ns;
	__u32 sequence; /* from 0 in each outermost section */
	__s32 number;
	__u64 value;       /* switched in: ns that it could have run */
	__u64 duration_ns; /* switched in: how long it was blocked */
	__u64 outermost;   /* number of the section: other steps are what was there before */
};

/* RUN_SWITCHED_OUT, RUN_WOKEN_UP: another task. */
struct run_peer {
	__u64 process_start_ns;
	__u64 start_ns;
	__u32 pid;
	__u32 tid;
	char comm[EVENT_COMM_BYTES];
	__u64 reserved;
};

/* RUN_CALL_IN */
struct run_arguments {
	__u64 values[RUN_ARGUMENTS];
};

/* RUN_INTERRUPT_IN: text. RUN_TIMER_IN: the address of the handler is the step's value. */
struct run_name {
	char text[RUN_LABEL_BYTES];
};

/* RUN_PAGE_FAULTS: its time is the end of the last of them, its duration that of all together. */
struct run_faults {
	__u64 since_ns; /* when the first began */
	__u64 count;
	__u64 reserved[4];
};

/* All sections of a process with the same source and label. */
struct run_tally_key {
	__u64 process_start_ns;
	__u32 pid;
	__u32 source;
	char label[RUN_LABEL_BYTES];
};

struct run_bucket {
	__u64 count;
	__u64 kept;
	__u64 sum_ns;
	__u64 max_ns;
	__u64 min_inverted; /* ~ of the shortest, so that 0 is its start */
};

struct run_tally {
	struct event_task task; /* the first that stopped one */
	struct run_bucket buckets[RUN_BUCKETS];
};

/* What a uprobe's cookie stands for. */
struct run_pair {
	__u64 threshold_ns; /* 0: the default */
	char label[RUN_LABEL_BYTES];
};

struct run_rule_key {
	__u32 pid;
	__s32 system_call;
};

struct run_settings {
	__u64 threshold_ns;
	__u64 call_stack_ns;    /* a system call or fault that took so long gets a user stack */
	__u32 slot_bytes;       /* a multiple of 8 * RUN_SEGMENTS */
	__u32 user_stack_bytes; /* at most; a multiple of 1024 */
	__u32 has_samples;
};

/* What went wrong with sections, all told. */
struct run_failures {
	__u64 unmatched_stops;
	__u64 too_deep;
	__u64 no_memory;
	__u64 no_slot;
	__u64 no_tally;
};

/* What the iterator over tasks has to do, and how it went. */
enum run_order {
	RUN_ORDER_NONE,
	RUN_ORDER_START,
	RUN_ORDER_MEASURE, /* a section that nobody sees, whatever the filters are */
	RUN_ORDER_STOP,
	RUN_ORDER_STOP_ALL, /* nothing else is attached any more */
};

struct run_command {
	__u32 order;
	__u32 tid;
	__u64 threshold_ns;
	__u32 done;
	__u32 found;
};

_Static_assert(sizeof(struct run_account) == 1536, "no padding");
_Static_assert(sizeof(struct event_section) == 1808, "no padding");
_Static_assert(sizeof(struct event_steps) == 128, "no padding");
_Static_assert(sizeof(struct run_step) == 48, "no padding");
_Static_assert(sizeof(struct run_peer) == 48, "no padding");
_Static_assert(sizeof(struct run_arguments) == 48, "no padding");
_Static_assert(sizeof(struct run_name) == 48, "no padding");
_Static_assert(sizeof(struct run_faults) == 48, "no padding");
_Static_assert(sizeof(struct run_tally_key) == 64, "no padding");

#endif
