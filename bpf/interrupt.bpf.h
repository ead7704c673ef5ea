/* bpf/interrupt.bpf.h - whether a CPU handles an interrupt, from marks of the handlers
 *
 * The programs of sched.bpf.c set the marks.
 */
#ifndef BPF_INTERRUPT_BPF_H
#define BPF_INTERRUPT_BPF_H

#include "bpf/vmlinux.h"

#include <bpf/bpf_helpers.h>

/* The handlers that run on a CPU. */
enum interrupt_handler {
	INTERRUPT_IN_VECTOR = 1,
	INTERRUPT_IN_IRQ = 2,
	INTERRUPT_IN_SOFTIRQ = 4,
};

/* enum interrupt_handler */
struct interrupt_map {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
};

extern struct interrupt_map interrupt_handlers SEC(".maps");

static __always_inline bool interrupt_is_handled(void)
{
	__u32 zero = 0;
	__u32 *handlers = bpf_map_lookup_elem(&interrupt_handlers, &zero);

	return handlers && *handlers;
}

#endif
