/* bpf/probe.h - types of probes shared by BPF and user space; part of event.h */
#ifndef BPF_PROBE_H
#define BPF_PROBE_H

#define PROBES_MAX          4096 /* in one recording */
#define PROBE_ARGUMENTS_MAX 6    /* arguments of a function that are in registers */
#define PROBE_DATA_BYTES    512  /* of strings, or of the record of a tracepoint */
#define PROBE_STRING_BYTES  64
#define PROBE_USDT_MAX      12    /* arguments of a USDT probe; the last 6 are in the data */
#define PROBE_USDT_STRING   1     /* strings of a USDT probe begin here, counted in strings */
#define PROBE_PATH_BYTES    256   /* of the path of a system call */
#define PROBE_PATH_OFFSET   64    /* in the data, behind the record of the tracepoint */
#define PROBE_TASKS_MAX     32768 /* descriptions of tasks that are kept; a power of two */
#define PROBE_STACKS_MAX    16384 /* stacks with a number; a power of two */
#define PROBE_STACK_NUMBERS (2 * PROBE_STACKS_MAX)
#define PROBE_STACK_NONE    0xffff /* the hit has no stack, or carries it */
#define PROBE_NAMES_MAX     16     /* FILTER_NAMES_MAX */

/* The last byte of the place of a string of a user program that was not read. */
#define PROBE_STRING_UNREAD 0xff

enum probe_form {
	PROBE_KPROBE,
	PROBE_KRETPROBE,
	PROBE_TRACEPOINT,
	PROBE_UPROBE,
	PROBE_URETPROBE,
	PROBE_USDT,
};

/* Set before load. */
struct probe_settings {
	__u64 min_latency_ns; /* of a kretprobe; faster calls are counted and skipped */
	__u32 every;          /* record one of this many hits on a CPU; 0 and 1: all */
	__u32 max_per_second; /* hits of all probes on a CPU; 0: no limit */
	__u32 user_stacks;    /* 1: with user stacks */
	__u32 probe_count;
	__u32 queue_hits; /* capacity of the queue of a CPU; a power of two */
	__u32 reserved;
	__u64 name_masks[PROBE_NAMES_MAX][2]; /* compared bytes of each name in the filter */
};

/* How one probe is recorded. The cookie that it is attached with is its number. */
struct probe_config {
	__u32 form;           /* enum probe_form */
	__u32 with_arguments; /* 1: registers, and the strings that they point to */
	__u32 strings;        /* bit i: argument i points to a string */
	__u32 pointees;       /* bit i: argument i points to a number, which is recorded */
	__u32 record_bytes;   /* of the record of a tracepoint, after its first 8 bytes */
	/* Of the end of a system call: 1 + the number of its argument that points to a path, which
	 * is recorded if the call failed; 0: none. */
	__u32 path_argument;
	__u32 enters_system_call; /* 1: all hits have the same kernel stack */
	__u32 argument_count;     /* of a USDT probe; of a uprobe: words on the stack */
};

/* Counts of the hits of one probe that passed the filters, on one CPU. */
struct probe_counts {
	__u64 hits;
	__u64 skipped_every;
	__u64 skipped_rate;
	__u64 skipped_latency; /* below min_latency_ns */
	__u32 stack;           /* number of the kernel stack that was walked last */
	__u32 stack_hits;      /* with it; 0: none was walked */
};

/* Counters of the kernel for one probe, found by the descriptor of its link. */
struct probe_misses {
	__u32 link_fd;
	__u32 at_once;   /* the link is one for several functions */
	__u64 nested;    /* hits while another probe was being handled on that CPU */
	__u64 exhausted; /* of a kretprobe: calls while too many had not returned; of several
			  * functions at once, all misses are in `nested` */
};

/* Describes a task. Comes before its first hit in the ring, again when the task changes, and again
 * when PROBE_TASKS_MAX / 2 more descriptions were sent. */
struct event_probe_task {
	struct event_header header; /* the ancestors are those of task */
	struct event_task task;
	__u32 number; /* of this description */
	__u32 reserved;
};

/* Describes a stack. Comes before the first hit with it in the ring, of probes of the same form. */
struct event_probe_stack {
	struct event_header header; /* the frames are those of the stack */
	__u32 number;               /* below PROBE_STACK_NUMBERS */
	__u32 probe;
};

/* A hit without further data, in the queue of its CPU. */
struct probe_queued {
	__u64 time_ns;
	__u32 task;  /* number of its description */
	__u16 stack; /* PROBE_STACK_NONE: none */
	__u16 probe;
};

/* What the last description of a task in the ring contains. */
struct probe_sent {
	__u64 comm[2];
	__u64 process_comm[2];
	__u64 groups; /* two addresses; at least one changes with the control group */
	__u64 group;
	__u64 exec;      /* changes with each execve(), also of a program of the same name */
	__u64 arguments; /* end address of the arguments; only if command lines are recorded */
	__u32 uid;
	__u32 number;
};

/* One per CPU. No other probe program runs on that CPU meanwhile, so no program waits for another
 * one. User space maps this memory. */
struct probe_cpu {
	__u64 produced; /* hits put into the queue so far: number i is at i modulo queue_hits */
	__u64 consumed; /* written by user space */
	__u64 rate_second;
	__u64 rate_hits;
	__u64 task; /* the last task with a hit here: its address and its start */
	__u64 start_ns;
	struct probe_sent sent;
	__u64 reserved[1];
};

/* A struct probe_queued as the reader of the queues passes it on. */
struct event_probe_brief {
	struct event_header header;
	__u32 task;  /* number of its description */
	__u16 stack; /* PROBE_STACK_NONE: none */
	__u16 probe;
};

struct event_probe {
	struct event_header header; /* the frames are those of a stack without a number */
	__u64 user_stack;
	__u64 latency_ns;
	__s64 result;
	__u32 task;
	__u16 stack;
	__u16 probe;
};

/* A hit with arguments. */
struct event_probe_data {
	struct event_probe hit;
	__u64 arguments[PROBE_ARGUMENTS_MAX];
	/* String i at i * PROBE_STRING_BYTES; words of the stack; or the record. The last byte of
	 * words is PROBE_STRING_UNREAD if they could not be read. */
	__u8 data[PROBE_DATA_BYTES];
};

_Static_assert(sizeof(struct probe_queued) == 16, "no padding");
_Static_assert(sizeof(struct probe_cpu) == 128, "no padding, and no cache line of another CPU");
_Static_assert(sizeof(struct probe_settings) == 32 + 16 * PROBE_NAMES_MAX, "no padding");
_Static_assert(sizeof(struct probe_config) == 32, "no padding");
_Static_assert(sizeof(struct probe_misses) == 24, "no padding");
_Static_assert(sizeof(struct event_probe_task) == 112, "no padding");
_Static_assert(sizeof(struct event_probe_stack) == 24, "no padding");
_Static_assert(sizeof(struct event_probe_brief) == 24, "no padding");
_Static_assert(sizeof(struct event_probe) == 48, "no padding");
_Static_assert(sizeof(struct event_probe_data) == 96 + PROBE_DATA_BYTES, "no padding");
_Static_assert(PROBES_MAX <= 0xffff && PROBE_STACK_NUMBERS <= PROBE_STACK_NONE, "fit");

#endif
