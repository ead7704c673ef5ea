/* bpf/known_stack.bpf.h - kernel stacks that the system call alone decides, walked seldom
 *
 * The kernel needs two microseconds to walk a stack. The stack of a thread in exit_group(), which
 * has called do_exit(), is always the same, and so are those of some other system calls. Such a
 * stack is walked once on each CPU, and then at every 256th event. The events in between carry its
 * number instead.
 */
#ifndef BPF_KNOWN_STACK_BPF_H
#define BPF_KNOWN_STACK_BPF_H

#include "bpf/vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "bpf/event.h"
#include "bpf/stack.bpf.h"

#define KNOWN_STACK_EVENTS 256 /* with one walk */
#define KNOWN_STACK_COUNTS 8   /* a power of two: Linux 6.1 loses the range of a compared number */

_Static_assert(KNOWN_STACK_COUNT <= KNOWN_STACK_COUNTS, "every number has a count");

/* Events since the last walk that diag-record got; 0: none was walked. */
struct known_stack_events {
	__u32 counts[KNOWN_STACK_COUNTS];
};

struct known_stack_map {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct known_stack_events);
};

extern struct known_stack_map known_stack_events SEC(".maps");

static __always_inline __u32 *known_stack_count(__u32 number)
{
	__u32 zero = 0;
	struct known_stack_events *events = bpf_map_lookup_elem(&known_stack_events, &zero);

	if (!events || number == KNOWN_STACK_NONE)
		return NULL;
	return &events->counts[number % KNOWN_STACK_COUNTS];
}

/* Like stack_kernel(), for a stack with this number. Writes no frames if diag-record has them.
 * *number becomes KNOWN_STACK_NONE if the stack could not be walked. */
static __always_inline __u64 known_stack_write(void *context, struct event_header *header,
					       void *out, __u32 *number)
{
	__u32 *count = known_stack_count(*number);
	__u64 size;

	if (count && *count && *count % KNOWN_STACK_EVENTS != 0) {
		++*count;
		return 0;
	}
	size = stack_kernel(context, header, out);
	if (size == 0)
		*number = KNOWN_STACK_NONE;
	return size;
}

/* Call when diag-record has got a record with this number and its frames. */
static __always_inline void known_stack_sent(__u32 number)
{
	__u32 *count = known_stack_count(number);

	if (count)
		*count = 1;
}

#endif
