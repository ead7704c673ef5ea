/* bpf/section.h - sections and their steps, as the kernel side hands them to diag-record
 *
 * A part of event.h, which includes it: the same rules hold here.
 */
#ifndef BPF_SECTION_H
#define BPF_SECTION_H

#define SECTION_DEPTH_MAX         16
#define SECTION_LABEL_BYTES       48
#define SECTION_ROWS              16
#define SECTION_ROWS_FEW          4 /* a section with no more of them is handed over in less memory */
#define SECTION_BUCKETS           48
#define SECTION_SEGMENTS          8
#define SECTION_KERNEL_FRAMES_MAX 48
#define SECTION_REGISTER_WORDS    21 /* struct pt_regs of x86-64 */
#define SECTION_ARGUMENTS         6
#define SECTION_PAIRS_MAX         64

/* The numbers of these four are those of format/include/dz/enums.h, which
 * record/convert/section_rows.c asserts; it translates SECTION_STEP_PAGE_FAULTS. */
enum section_source {
	SECTION_SOURCE_MARKER,
	SECTION_SOURCE_SYSTEM_CALL,
	SECTION_SOURCE_UPROBE,
	SECTION_SOURCE_CONTROL,
	SECTION_SOURCE_MEASURED, /* in no file: what samples cost is measured in it */
};

/* Whether samples are taken. Of OFF the kernel side makes ASKED, user space everything else. */
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
	SECTION_STEP_PADDING, /* nothing: the rest of a segment */
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
	SECTION_STEP_PAGE_FAULTS, /* many in a row */
};

/* Rows of an account that stand for no system call. */
#define SECTION_CALL_NONE  (-1)
#define SECTION_CALL_FAULT (-2)
#define SECTION_CALL_OTHER (-3) /* all those that found no row */

/* Where the time went while in one system call, or in none, by state. */
struct section_row {
	__u64 ns[PHASE_STATE_COUNT];
	__u32 counts[PHASE_STATE_COUNT];
};

struct section_account {
	struct section_row rows[SECTION_ROWS];
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
	__u8 source;            /* enum section_source */
	__u8 end;               /* enum section_end_reason */
	__u8 row_count;
	__u8 depth;                      /* 0: outermost */
	char label[SECTION_LABEL_BYTES]; /* NUL-padded */
	__s32 calls[SECTION_ROWS]; /* number of the system call of each row, or SECTION_CALL_... */
	struct section_account account; /* adds up to the duration; may end after row_count rows */
};

/* The steps of an outermost section of which it or one inside of it was kept. They are in a slot,
 * which belongs to user space until it gives it back. */
struct event_step_batch {
	struct event_header header;
	struct event_task task;
	__u64 head;      /* bytes ever written to the slot */
	__u64 outermost; /* number of the section */
	__u32 slot;
	__u32 total; /* steps that happened, those that are not in the slot included */
};

/*
 * One step in a slot. After it come, for some kinds, 48 bytes that say more, then kernel_frames
 * addresses, innermost first, then, if user_bytes is not 0, SECTION_REGISTER_WORDS words of
 * registers and user_bytes of memory from the stack pointer on. The next begins size_bytes later;
 * none crosses the border between two of the SECTION_SEGMENTS parts of a slot.
 */
struct section_step {
	__u16 size_bytes;
	__u8 step_type; /* enum section_step_type */
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

/* SECTION_STEP_SWITCHED_OUT, SECTION_STEP_WOKEN_UP: another task. */
struct section_peer {
	__u64 process_start_ns;
	__u64 start_ns;
	__u32 pid;
	__u32 tid;
	char comm[EVENT_COMM_BYTES];
	__u64 reserved;
};

/* SECTION_STEP_CALL_IN */
struct section_arguments {
	__u64 values[SECTION_ARGUMENTS];
};

/* SECTION_STEP_INTERRUPT_IN: text. SECTION_STEP_TIMER_IN: the address of the handler is the step's
 * value. */
struct section_step_name {
	char text[SECTION_LABEL_BYTES];
};

/* SECTION_STEP_PAGE_FAULTS: its time is the end of the last of them, its duration that of all
 * together. */
struct section_faults {
	__u64 since_ns; /* when the first began */
	__u64 count;
	__u64 reserved[4];
};

/* All sections of a process with the same source and label. */
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
	__u64 min_inverted; /* ~ of the shortest, so that 0 is its start */
};

struct section_histogram {
	struct event_task task; /* the first that stopped one */
	struct section_bucket buckets[SECTION_BUCKETS];
};

/* What a uprobe's cookie stands for. */
struct section_pair {
	__u64 threshold_ns; /* 0: the default */
	char label[SECTION_LABEL_BYTES];
};

struct section_rule_key {
	__u32 pid;
	__s32 system_call;
};

struct section_settings {
	__u64 threshold_ns;
	__u64 call_stack_ns;    /* a system call or fault that took so long gets a user stack */
	__u32 slot_bytes;       /* a multiple of 8 * SECTION_SEGMENTS */
	__u32 user_stack_bytes; /* at most; a multiple of 1024 */
	__u32 has_samples;
};

/* What went wrong with sections, all told. */
struct section_failures {
	__u64 unmatched_stops;
	__u64 too_deep;
	__u64 no_memory;
	__u64 no_slot;
	__u64 no_histogram;
};

/* What the iterator over tasks has to do, and how it went. */
enum section_command_type {
	SECTION_COMMAND_NONE,
	SECTION_COMMAND_START,
	SECTION_COMMAND_MEASURE, /* a section that nobody sees, whatever the filters are */
	SECTION_COMMAND_STOP,
	SECTION_COMMAND_STOP_ALL, /* nothing else is attached any more */
};

struct section_command {
	__u32 order;
	__u32 tid;
	__u64 threshold_ns;
	__u32 done;
	__u32 found;
};

_Static_assert(sizeof(struct section_account) == 1536, "no padding");
_Static_assert(sizeof(struct event_section) == 1808, "no padding");
_Static_assert(sizeof(struct event_step_batch) == 128, "no padding");
_Static_assert(sizeof(struct section_step) == 48, "no padding");
_Static_assert(sizeof(struct section_peer) == 48, "no padding");
_Static_assert(sizeof(struct section_arguments) == 48, "no padding");
_Static_assert(sizeof(struct section_step_name) == 48, "no padding");
_Static_assert(sizeof(struct section_faults) == 48, "no padding");
_Static_assert(sizeof(struct section_histogram_key) == 64, "no padding");

#endif
