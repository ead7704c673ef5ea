/* bpf/stack.bpf.h - kernel stacks */
#ifndef BPF_STACK_BPF_H
#define BPF_STACK_BPF_H

#include "bpf/vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "bpf/event.h"

#define STACK_BYTES_MAX (EVENT_KERNEL_FRAMES_MAX * 8)

/* Writes the kernel stack of the program's context to `out`, which has space for STACK_BYTES_MAX
 * bytes, and its frame count to the header. Returns its size in bytes. The innermost frames are
 * those of the BPF program itself. */
static __always_inline __u64 stack_kernel(void *context, struct event_header *header, void *out)
{
	long size = bpf_get_stack(context, out, STACK_BYTES_MAX, 0);

	if (size < 0 || size > STACK_BYTES_MAX)
		return 0;
	header->kernel_frame_count = (__u8)((__u64)size / 8);
	return (__u64)size;
}

#endif
