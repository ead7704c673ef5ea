/* bpf/arch/x86/machine.bpf.h - registers, calls and faults of x86-64
 *
 * bpf/arch/ has the same functions for each machine; the build chooses one.
 */
#ifndef BPF_MACHINE_BPF_H
#define BPF_MACHINE_BPF_H

#include "bpf/vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "bpf/event.h"

#define SYSTEM_CALL_EXIT              60
#define SYSTEM_CALL_EXIT_GROUP        231
#define SYSTEM_CALL_KILL              62
#define SYSTEM_CALL_TKILL             200
#define SYSTEM_CALL_TGKILL            234
#define COMPAT_SYSTEM_CALL_EXIT       1
#define COMPAT_SYSTEM_CALL_EXIT_GROUP 252

/* Words of struct ucontext from uc_stack on. */
#define MACHINE_UCONTEXT_BP    13
#define MACHINE_UCONTEXT_SP    18
#define MACHINE_UCONTEXT_WORDS 20

/* A function's return address is on the stack when its first instruction runs, and behind the stack
 * pointer when it has returned. */
#define MACHINE_CALL_PUSHED_BYTES 8
#define MACHINE_HAS_LINK          0
#define MACHINE_CODE_MASK         (~0ull)

/* Returns the register with the return address of a function, from those of a copy. */
static __always_inline __u64 machine_link(const __u64 *registers)
{
	return 0;
}

/* Size of the registers at the start of struct bpf_perf_event_data. */
#define MACHINE_SAMPLE_REGISTERS_BYTES 168

/* Orders the stores before and after it, as other CPUs see them: x86 keeps their order, so the
 * compiler must. */
#define machine_store_barrier() asm volatile("" ::: "memory")

/* Interrupts of the processor itself, which have the tracepoints NAME_entry and
 * NAME_exit, with a number: that of the timer, and the others. */
#define MACHINE_TIMER_VECTOR(VECTOR) VECTOR(local_timer)
#define MACHINE_VECTORS(VECTOR)                                                                    \
	VECTOR(reschedule)                                                                         \
	VECTOR(call_function)                                                                      \
	VECTOR(call_function_single)                                                               \
	VECTOR(irq_work)
#define MACHINE_VECTOR_NUMBER(argument) ((__s32)(argument))
#define MACHINE_VECTOR_NAME(argument)   NULL
#define MACHINE_TIMER_IS_IRQ            0

static __always_inline __s32 machine_system_call(struct pt_regs *registers)
{
	return (__s32)registers->orig_ax;
}

static __always_inline __u64 machine_stack_pointer(struct pt_regs *registers)
{
	return registers->sp;
}

static __always_inline __u64 machine_result(struct pt_regs *registers)
{
	return registers->ax;
}

/* The first two arguments of a system call, also at its end. */
static __always_inline __u64 machine_call_first(struct pt_regs *registers)
{
	return registers->di;
}

static __always_inline __u64 machine_call_second(struct pt_regs *registers)
{
	return registers->si;
}

/* The first argument of a system call of the 32-bit ABI. */
static __always_inline __u64 machine_compat_call_first(struct pt_regs *registers)
{
	return registers->bx;
}

/* Arguments of a function of the kernel. */
static __always_inline void machine_function_arguments(struct pt_regs *registers, __u64 *out)
{
	out[0] = registers->di;
	out[1] = registers->si;
	out[2] = registers->dx;
	out[3] = registers->cx;
	out[4] = registers->r8;
	out[5] = registers->r9;
}

/* An argument of a system call, also at its end. */
static __always_inline __u64 machine_call_argument(struct pt_regs *registers, __u32 number)
{
	switch (number) {
	case 0:
		return BPF_CORE_READ(registers, di);
	case 1:
		return BPF_CORE_READ(registers, si);
	case 2:
		return BPF_CORE_READ(registers, dx);
	case 3:
		return BPF_CORE_READ(registers, r10);
	case 4:
		return BPF_CORE_READ(registers, r8);
	default:
		return BPF_CORE_READ(registers, r9);
	}
}

/* The same for a system call of the 32-bit ABI. */
static __always_inline __u64 machine_compat_call_argument(struct pt_regs *registers, __u32 number)
{
	switch (number) {
	case 0:
		return BPF_CORE_READ(registers, bx);
	case 1:
		return BPF_CORE_READ(registers, cx);
	case 2:
		return BPF_CORE_READ(registers, dx);
	case 3:
		return BPF_CORE_READ(registers, si);
	case 4:
		return BPF_CORE_READ(registers, di);
	default:
		return BPF_CORE_READ(registers, bp);
	}
}

/* All arguments of a system call, for a pointer that the verifier knows. They are those of a
 * function but for one: the instruction of the call overwrites RCX. */
static __always_inline void machine_call_arguments(struct pt_regs *registers, __u64 *out)
{
	machine_function_arguments(registers, out);
	out[3] = registers->r10;
}

/* The same for a system call of the 32-bit ABI. */
static __always_inline void machine_compat_call_arguments(struct pt_regs *registers, __u64 *out)
{
	out[0] = registers->bx;
	out[1] = registers->cx;
	out[2] = registers->dx;
	out[3] = registers->si;
	out[4] = registers->di;
	out[5] = registers->bp;
}

/* Whether the task is in a system call of the 32-bit ABI. */
static __always_inline bool machine_is_compat_call(struct task_struct *task)
{
	return task->thread_info.status & TS_COMPAT;
}

/* Whether the registers are those of 32-bit code. */
static __always_inline bool machine_runs_32bit(struct pt_regs *registers)
{
	return MACHINE_MODE_IS_32BIT(registers->cs);
}

/* 32-bit code finds the thread's own data through GS, which selects the first descriptor of
 * set_thread_area(). Its base is in three parts. */
static __always_inline __u64 machine_compat_thread_data(struct task_struct *task)
{
	__u64 word = 0;

	bpf_probe_read_kernel(&word, sizeof(word), &task->thread.tls_array[0]);
	return (word >> 16 & 0xffffff) | word >> 56 << 24;
}

/* Where the C library has the thread's own data: FS of 64-bit code. */
static __always_inline __u64 machine_thread_data(struct task_struct *task)
{
	return task->thread.fsbase;
}

/* Bits of the error code of a page fault. */
#define PAGE_FAULT_TRAP  14
#define PAGE_FAULT_WRITE 2
#define PAGE_FAULT_FETCH 16

/* Returns the access of the last page fault of the running task; 0: the kernel does not give it. */
static __always_inline __s32 machine_fault_access(struct task_struct *task)
{
	__u64 error;

	if (!bpf_core_field_exists(task->thread.error_code) ||
	    task->thread.trap_nr != PAGE_FAULT_TRAP)
		return 0;
	error = task->thread.error_code;
	if (error & PAGE_FAULT_FETCH)
		return SIGNAL_ACCESS_EXECUTED;
	return error & PAGE_FAULT_WRITE ? SIGNAL_ACCESS_WRITTEN : SIGNAL_ACCESS_READ;
}

/* Sets the address of that fault. Returns whether the kernel gives it. */
static __always_inline bool machine_fault_address(struct task_struct *task, __u64 *ret_address)
{
	if (!bpf_core_field_exists(task->thread.cr2))
		return false;
	*ret_address = task->thread.cr2;
	return true;
}

#define COMPAT(number) (SECTION_CALL_COMPAT | (number))

/* Returns the index of the path argument of a system call that queries or opens a file; -1 for
 * others. */
static __always_inline int machine_path_argument(__s32 call)
{
	switch (call) {
	case 2:           /* open */
	case 4:           /* stat */
	case 6:           /* lstat */
	case 21:          /* access */
	case COMPAT(5):   /* open */
	case COMPAT(33):  /* access */
	case COMPAT(106): /* stat */
	case COMPAT(107): /* lstat */
	case COMPAT(195): /* stat64 */
	case COMPAT(196): /* lstat64 */
		return 0;
	case 257:         /* openat */
	case 262:         /* newfstatat */
	case 269:         /* faccessat */
	case 332:         /* statx */
	case 437:         /* openat2 */
	case 439:         /* faccessat2 */
	case COMPAT(295): /* openat */
	case COMPAT(300): /* fstatat64 */
	case COMPAT(307): /* faccessat */
	case COMPAT(383): /* statx */
	case COMPAT(437): /* openat2 */
	case COMPAT(439): /* faccessat2 */
		return 1;
	default:
		return -1;
	}
}

#endif
