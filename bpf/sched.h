/* bpf/sched.h - types of waits for a CPU shared by BPF and user space; part of event.h */
#ifndef BPF_SCHED_H
#define BPF_SCHED_H

#define SCHED_HOLDERS_MAX 16   /* a power of two */
#define SCHED_MOVES_MAX   4    /* changes of CPU during one wait */
#define SCHED_RUNS        1024 /* of each CPU; a power of two */

/* What made a task runnable. */
enum sched_cause {
	SCHED_WOKEN,
	SCHED_PREEMPTED,
	SCHED_CREATED,
};

/* A task that held the CPU while another one waited for it. */
struct sched_holder {
	struct event_peer task;
	__u64 held_ns; /* 0: unused */
};

/* A task waited longer than the threshold. held_ns of all holders and unknown_ns add up to
 * waited_ns. */
struct event_runq {
	struct event_header header; /* when and where it got a CPU */
	struct event_task task;
	struct event_peer waker;    /* tid 0: none, or an interrupt */
	struct event_peer previous; /* ran on that CPU before it; tid 0: the CPU was idle */
	__u64 waited_ns;
	__u64 unknown_ns; /* held by tasks that are not known, or that are too many */
	__u32 cause;      /* enum sched_cause */
	__u16 interrupt;  /* 1: an interrupt woke it */
	__u16 throttled;  /* 1: the CPU limit of a control group held it back */
	__u32 moves;      /* changes of CPU meanwhile */
	__u32 holder_count;
	struct sched_holder holders[SCHED_HOLDERS_MAX]; /* in no order; unused ones are not sent */
};

/* Samples of a CPU in which the same task ran with the same stacks. */
struct event_cpu {
	struct event_header header; /* of the last one */
	struct event_task task;
	__u64 user_stack; /* stack_copy_id of its copy, or USER_STACK_... */
	__u64 period_ns;  /* from one sample of this CPU to the next; 0: they are not of a clock */
	__u64 first_ns;   /* CLOCK_BOOTTIME */
	__u64 count;
	__u64 events; /* for which the samples stand; 0: they are of a clock */
};

#define OFFCPU_WAKER_FRAMES_MAX 32

/* A task was blocked longer than the threshold; or several times, for less. */
struct event_offcpu {
	struct event_header header; /* when the last time ended, and the CPU of the waker */
	struct event_task task;
	struct event_peer waker; /* tid 0: none, or an interrupt */
	__u64 user_stack; /* of task where it was blocked: a stack_copy_id, or USER_STACK_... */
	__u64 waker_user_stack; /* of the waker */
	__u64 last_stack;       /* the one of the two that comes last */
	__u64 blocked_ns;       /* of all times */
	__u64 first_ns;         /* when the first one began; CLOCK_BOOTTIME */
	__u64 count;
	__u32 state;     /* of the kernel: TASK_INTERRUPTIBLE and so on */
	__u32 interrupt; /* 1: an interrupt woke it */
	__u32 began;     /* 1: it was blocked when the recording began */
	__u32 open;      /* 1: it was still blocked when the recording ended */
	__u32 waker_frame_count;
	__u32 reserved;
	__u64 waker_frames[OFFCPU_WAKER_FRAMES_MAX]; /* kernel stack of the waker, innermost first
						      */
};

/* A task that began to run on a CPU. */
struct sched_run {
	__u64 since_ns; /* 0: none yet */
	struct event_peer task;
};

/* The newest runs of a CPU. */
struct sched_cpu {
	__u64 count; /* of all runs so far */
	struct sched_run runs[SCHED_RUNS];
};

/* Events that differ in nothing but their time are added up in cells of their CPU. There are two
 * generations of cells: diag-record reads one while programs use the other. */
#define SUM_RECORD_BYTES                                                                           \
	(sizeof(struct event_cpu) + 40 * EVENT_ANCESTORS_MAX + 8 * EVENT_KERNEL_FRAMES_MAX)
#define SUM_CELLS_MIN 64 /* of a CPU; a power of two, as is the number of cells */
#define SUM_CELLS_MAX 1024

struct sum_cell {
	__u64 key; /* 0: the cell is free */
	__u8 record[SUM_RECORD_BYTES];
};

/* Of a CPU. 1: a program may use a cell of it, of either generation. */
struct sum_mark {
	__u64 busy;
};

/* What --every and --max-per-second choose from. */
enum sched_choice {
	SCHED_CHOICE_RUNQ,   /* waits as long as the threshold */
	SCHED_CHOICE_CPU,    /* samples */
	SCHED_CHOICE_OFFCPU, /* times as long as the threshold: the others are added up */
	SCHED_CHOICES,       /* number of the above */
};

/* Events of one CPU that passed the filters. */
struct sched_chosen {
	__u64 happened;
	__u64 skipped_every;
	__u64 skipped_rate;
	__u64 rate_second;
	__u64 rate_count; /* recorded in that second */
};

/* Set before load. */
struct sched_settings {
	__u64 runq_ns;       /* shortest wait that is recorded */
	__u64 cpu_period_ns; /* from one sample of a CPU to the next; 0: not of a clock */
	__u64 offcpu_ns;     /* a shorter time is added up with others */
	__u64 seed;          /* random: of the keys of cells */
	__u32 cpus;
	__u32 cpu_cells; /* of each CPU and generation */
	__u32 offcpu_cells;
	__u32 every;          /* choose one of this many; 0 and 1: all */
	__u32 max_per_second; /* choose at most this number on a CPU; 0: no limit */
	__u32 reserved;
};

_Static_assert(sizeof(struct sched_holder) == 56, "no padding");
_Static_assert(sizeof(struct event_runq) == 232 + 56 * SCHED_HOLDERS_MAX, "no padding");
_Static_assert(sizeof(struct sum_cell) == 8 + SUM_RECORD_BYTES, "no padding");
_Static_assert(sizeof(struct event_cpu) == 144, "no padding");
_Static_assert(sizeof(struct event_offcpu) == 224 + 8 * OFFCPU_WAKER_FRAMES_MAX, "no padding");
_Static_assert(sizeof(struct event_offcpu) + 8 * EVENT_KERNEL_FRAMES_MAX <= SUM_RECORD_BYTES,
	       "a cell is large enough");
_Static_assert(sizeof(struct sched_chosen) == 40, "no padding");
_Static_assert(sizeof(struct sched_settings) == 56, "no padding");
_Static_assert(sizeof(struct sched_cpu) == 8 + 56 * SCHED_RUNS, "no padding");

#endif
