/* bpf/section.bpf.h - starts and stops sections */
#ifndef BPF_SECTION_BPF_H
#define BPF_SECTION_BPF_H

#include "bpf/vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "bpf/event.h"
#include "bpf/section_state.bpf.h"

/* How a section starts. A threshold of 0 stands for the default. */
struct section_start_place {
	__u64 threshold_ns;
	__u8 source;
	__u8 off; /* phase state of a thread that does not run; 0: it runs */
	__u16 pair;
	__s32 call; /* 1 + the system call that the thread is in; 0: none known */
	char label[SECTION_LABEL_BYTES]; /* NUL-padded, as it is part of a key */
};

/* Begins to start or stop sections of a thread, which can be another one, and returns the time of
 * that. Until section_busy_end() nothing is charged to the thread; what the kernel takes from it
 * after that time, by preemption, is held. Only the functions below may call them. If the thread is
 * preempted between the time and this state, both begin anew. */
__u64 section_busy_begin(struct section_thread *thread);

/* Charges what was held to the innermost section, if the thread is in one. */
int section_busy_end(struct section_thread *thread);

/* Starts a section now, inside those that the thread is in. Returns whether it did. */
int thread_section_start(struct section_thread *thread, const struct section_start_place *start);

/* Ends the innermost section with that source and pair, and all sections inside it: now, but one of
 * a system call when that call ended. Returns whether there was one. */
int thread_section_stop(struct section_thread *thread, __u32 source, __u32 pair);

/* Ends the sections of a thread, innermost first, until `depth` are left. */
int sections_end(struct section_thread *thread, __u64 stop_ns, __u32 end, __u32 depth);

#endif
