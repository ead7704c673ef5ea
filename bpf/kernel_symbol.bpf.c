/* bpf/kernel_symbol.bpf.c - prints the function at an address of the kernel
 *
 * A recording that needs few names need not read all functions of the kernel, some 100,000. User
 * space sets the address and reads the iterator once for each question. No privilege is needed for
 * that.
 */
#include "bpf/vmlinux.h"

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "bpf/event.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct bpf_iter_meta___symbol {
	struct seq_file *seq;
};

struct bpf_iter__bpf_map_elem___symbol {
	struct bpf_iter_meta___symbol *meta;
	void *key;
};

#pragma clang attribute pop

/* One element for each question. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, KERNEL_SYMBOL_QUESTIONS);
	__type(key, __u32);
	__type(value, __u64);
} symbol_questions SEC(".maps");

volatile __u64 symbol_address;

SEC("iter/bpf_map_elem")
int print_kernel_symbol(struct bpf_iter__bpf_map_elem___symbol *context)
{
	static const char format[] = "%pS";
	__u64 address = symbol_address;

	if (!context->key)
		return 0;
	/* Ends this read(); the next one begins with the same element. */
	if (!address)
		return 1;
	symbol_address = 0;
	bpf_seq_printf(context->meta->seq, format, sizeof(format), &address, sizeof(address));
	return 0;
}
