/* bpf/probe.h - what the kernel side of probes and diag-record tell each other; part of event.h */
#ifndef BPF_PROBE_H
#define BPF_PROBE_H

#define PROBES_MAX          4096 /* in one recording */
#define PROBE_ARGUMENTS_MAX 6    /* those that a function gets in registers */
#define PROBE_DATA_BYTES    512  /* of strings, or of the record of a tracepoint */
#define PROBE_STRING_BYTES  64

enum probe_form {
	PROBE_KPROBE,
	PROBE_KRETPROBE,
	PROBE_TRACEPOINT,
};

/* Set before load. */
struct probe_settings {
	__u64 min_latency_ns; /* of a kretprobe; quicker calls are counted and left out */
	__u32 every;          /* of so many hits on a CPU one is recorded; 0 and 1: all */
	__u32 max_per_second; /* of all probes on a CPU; 0: no limit */
	__u32 user_stacks;    /* 1: with user stacks */
	__u32 reserved;
};

/* How one probe is to be recorded. Its number is the cookie it is attached with. */
struct probe_info {
	__u32 form;           /* enum probe_form */
	__u32 with_arguments; /* 1: registers, and the strings that they point to */
	__u32 strings;        /* bit i: argument i points to a string */
	__u32 pointees;       /* bit i: argument i points to a number, which is what is wanted */
	__u32 record_bytes;   /* of a tracepoint's record, after its first 8 bytes */
	__u32 reserved;
};

/* What became of the hits of one probe that passed the filters, on one CPU. */
struct probe_counts {
	__u64 hits;
	__u64 left_out_every;
	__u64 left_out_rate;
	__u64 left_out_quick; /* less than the smallest latency */
};

/* Comes before the first hit of a task in the ring, and again when what is known of it changes. */
struct event_probe_task {
	struct event_header header; /* the ancestors are those of task */
	struct event_task task;
};

struct event_probe {
	struct event_header header;
	__u64 start_ns; /* of the thread; with tid, which task it is */
	__u64 user_stack;
	__u64 latency_ns;
	__s64 result;
	__u32 tid;
	__u32 probe;
};

/* The same with arguments. */
struct event_probe_data {
	struct event_probe hit;
	__u64 arguments[PROBE_ARGUMENTS_MAX];
	__u8 data[PROBE_DATA_BYTES]; /* string i at i * PROBE_STRING_BYTES, or the record */
};

_Static_assert(sizeof(struct probe_settings) == 24, "no padding");
_Static_assert(sizeof(struct probe_info) == 24, "no padding");
_Static_assert(sizeof(struct event_probe_task) == 104, "no padding");
_Static_assert(sizeof(struct event_probe) == 56, "no padding");
_Static_assert(sizeof(struct event_probe_data) == 104 + PROBE_DATA_BYTES, "no padding");

#endif
