/* bpf/arch/arm64/machine_types.bpf.h - kernel types of arm64; part of vmlinux.h */
#ifndef BPF_MACHINE_TYPES_BPF_H
#define BPF_MACHINE_TYPES_BPF_H

#define TIF_32BIT 22 /* bit of thread_info.flags */

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct pt_regs {
	__u64 regs[31];
	__u64 sp;
	__u64 pc;
	__u64 pstate;
	__u64 orig_x0;
	__s32 syscallno;
};

struct user_pt_regs { /* the beginning of struct pt_regs, which libbpf's macros read */
	__u64 regs[31];
	__u64 sp;
	__u64 pc;
	__u64 pstate;
};

struct thread_info {
	unsigned long flags;
};

struct thread_struct {
	struct {
		unsigned long tp_value;
	} uw;
	unsigned long fault_address;
	unsigned long fault_code;
};

#pragma clang attribute pop

#endif
