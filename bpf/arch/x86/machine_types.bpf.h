/* bpf/arch/x86/machine_types.bpf.h - kernel types of x86-64; part of vmlinux.h */
#ifndef BPF_MACHINE_TYPES_BPF_H
#define BPF_MACHINE_TYPES_BPF_H

#define TS_COMPAT 0x0002u /* of thread_info.status */

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct pt_regs {
	unsigned long bp;
	unsigned long bx;
	unsigned long r10;
	unsigned long r9;
	unsigned long r8;
	unsigned long ax;
	unsigned long cx;
	unsigned long dx;
	unsigned long si;
	unsigned long di;
	unsigned long orig_ax;
	unsigned long ip;
	unsigned long cs;
	unsigned long sp;
};

struct thread_info {
	__u32 status;
};

struct desc_struct { /* a descriptor as one word */
	__u64 word;
};

struct thread_struct {
	struct desc_struct tls_array[3];
	unsigned long fsbase;
	unsigned long cr2;
	unsigned long trap_nr;
	unsigned long error_code;
};

#pragma clang attribute pop

#endif
