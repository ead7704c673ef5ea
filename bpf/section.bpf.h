/* bpf/section.bpf.h - starts and stops sections */
#ifndef BPF_SECTION_BPF_H
#define BPF_SECTION_BPF_H

#include "bpf/vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "bpf/event.h"
#include "bpf/section_state.bpf.h"

/* How a section starts. A threshold of 0 is the default. */
struct section_start_place {
	__u64 time_ns;
	__u64 threshold_ns;
	__u8 source;
	__u8 off; /* condition of a thread that does not run, 0 if it does */
	__u16 pair;
	__s32 call; /* 1 + the system call that it is known to be in, 0 for none */
	char label[SECTION_LABEL_BYTES]; /* NUL-padded: it is a part of a key */
};

/* Starts a section inside of those that the thread is in. Returns whether it did. */
int thread_section_start(struct section_thread *thread, const struct section_start_place *start);

/*
 * Ends the innermost section of that source and pair, and those inside of it that were never
 * stopped. Returns whether there was one.
 */
int thread_section_stop(struct section_thread *thread, __u64 stop_ns, __u32 source, __u32 pair);

/* Ends the sections of a thread from the innermost on, until only `depth` are left. */
int section_rows_end(struct section_thread *thread, __u64 stop_ns, __u32 end, __u32 depth);

#endif
