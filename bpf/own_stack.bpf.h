/* bpf/own_stack.bpf.h - keeps the variables of a program on the stack of its thread
 *
 * Since Linux 6.13, a function of a BPF program for kprobes and uprobes that uses more than 48
 * bytes of stack has that stack once for each CPU, not for each thread. The kernel can preempt
 * programs of uprobes: it does so since 7.0, whose preemption is lazy or full. If another thread
 * then runs the same program on that CPU, it overwrites the variables of the first one. The kernel
 * gives no such stacks to a program that contains a tail call. The one here is never made, and the
 * verifier removes it.
 *
 * Programs of tracepoints and kprobes need none: the kernel runs no such program (tp_btf: not the
 * same one) while one runs on that CPU, and counts that. Those of perf events and hrtimers run in
 * interrupts, where nothing preempts them. `lint/programs` checks that all programs of uprobes call
 * this.
 */
#ifndef BPF_OWN_STACK_BPF_H
#define BPF_OWN_STACK_BPF_H

#include "bpf/vmlinux.h"

#include <bpf/bpf_helpers.h>

/* Always 0, which the compiler must not know. */
extern const volatile __u32 own_stack_never;

/* Call in the program itself, not in a function that it calls. */
static __always_inline void own_stack_keep(void *context)
{
	if (own_stack_never)
		bpf_tail_call(context, NULL, 0);
}

#endif
