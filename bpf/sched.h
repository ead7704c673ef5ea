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
	__u32 interrupt;  /* 1: an interrupt woke it */
	__u32 throttled;  /* 1: the CPU limit of a control group held it back */
	__u32 moves;      /* changes of CPU meanwhile */
	struct sched_holder holders[SCHED_HOLDERS_MAX]; /* in no order */
};

/* A sample of a CPU: the task that ran. */
struct event_cpu {
	struct event_header header;
	struct event_task task;
	__u64 user_stack; /* stack_copy_id of its copy, or USER_STACK_... */
	__u64 period_ns;  /* from one sample of this CPU to the next */
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

/* Set before load. */
struct sched_settings {
	__u64 runq_ns;       /* shortest wait that is recorded */
	__u64 cpu_period_ns; /* from one sample of a CPU to the next */
};

_Static_assert(sizeof(struct sched_holder) == 56, "no padding");
_Static_assert(sizeof(struct event_runq) == 232 + 56 * SCHED_HOLDERS_MAX, "no padding");
_Static_assert(sizeof(struct event_cpu) == 120, "no padding");
_Static_assert(sizeof(struct sched_cpu) == 8 + 56 * SCHED_RUNS, "no padding");

#endif
