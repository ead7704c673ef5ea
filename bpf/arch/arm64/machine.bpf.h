/* bpf/arch/arm64/machine.bpf.h - registers, calls and faults of arm64
 *
 * bpf/arch/ has the same functions for each machine; the build chooses one. See x86/machine.bpf.h
 * for what each returns.
 */
#ifndef BPF_MACHINE_BPF_H
#define BPF_MACHINE_BPF_H

#include "bpf/vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "bpf/event.h"

#define SYSTEM_CALL_EXIT              93
#define SYSTEM_CALL_EXIT_GROUP        94
#define SYSTEM_CALL_KILL              129
#define SYSTEM_CALL_TKILL             130
#define SYSTEM_CALL_TGKILL            131
#define COMPAT_SYSTEM_CALL_EXIT       1
#define COMPAT_SYSTEM_CALL_EXIT_GROUP 248

/* Words of struct ucontext from uc_stack on: the signal mask has 128 bytes, the context of the
 * processor is at a multiple of 16 and begins with the address of the fault. */
#define MACHINE_UCONTEXT_BP    50 /* x29 */
#define MACHINE_UCONTEXT_SP    52
#define MACHINE_UCONTEXT_WORDS 55

/* A function's return address is in x30, and can be signed in the bits above those of an address.
 */
#define MACHINE_CALL_PUSHED_BYTES 0
#define MACHINE_HAS_LINK          1
#define MACHINE_CODE_MASK         ((1ull << 48) - 1)

static __always_inline __u64 machine_link(const __u64 *registers)
{
	return registers[30];
}

/* Size of the registers at the start of struct bpf_perf_event_data. */
#define MACHINE_SAMPLE_REGISTERS_BYTES 272

/* Stores can be seen in another order by other CPUs. Only an exchange that returns the old value is
 * a full barrier in BPF; a store has none. */
#define machine_store_barrier()                                                                    \
	({                                                                                         \
		__u64 machine_barrier_word = 0;                                                    \
		asm volatile("" ::: "memory");                                                     \
		__sync_lock_test_and_set(&machine_barrier_word, 1);                                \
		asm volatile("" : "+m"(machine_barrier_word)::"memory");                           \
	})

/* Interrupts that processors send to each other, which have a name. That of the timer is as that of
 * a device. */
#define MACHINE_TIMER_VECTOR(VECTOR)
#define MACHINE_VECTORS(VECTOR)         VECTOR(ipi)
#define MACHINE_VECTOR_NUMBER(argument) 0
#define MACHINE_VECTOR_NAME(argument)   ((const char *)(argument))
#define MACHINE_TIMER_IS_IRQ            1

static __always_inline __s32 machine_system_call(struct pt_regs *registers)
{
	return registers->syscallno;
}

static __always_inline __u64 machine_stack_pointer(struct pt_regs *registers)
{
	return registers->sp;
}

static __always_inline __u64 machine_result(struct pt_regs *registers)
{
	return registers->regs[0];
}

/* At the end of the call x0 has its result. */
static __always_inline __u64 machine_call_first(struct pt_regs *registers)
{
	return registers->orig_x0;
}

static __always_inline __u64 machine_call_second(struct pt_regs *registers)
{
	return registers->regs[1];
}

static __always_inline __u64 machine_compat_call_first(struct pt_regs *registers)
{
	return registers->orig_x0;
}

static __always_inline void machine_function_arguments(struct pt_regs *registers, __u64 *out)
{
	out[0] = registers->regs[0];
	out[1] = registers->regs[1];
	out[2] = registers->regs[2];
	out[3] = registers->regs[3];
	out[4] = registers->regs[4];
	out[5] = registers->regs[5];
}

static __always_inline __u64 machine_call_argument(struct pt_regs *registers, __u32 number)
{
	switch (number) {
	case 0:
		return BPF_CORE_READ(registers, orig_x0);
	case 1:
		return BPF_CORE_READ(registers, regs[1]);
	case 2:
		return BPF_CORE_READ(registers, regs[2]);
	case 3:
		return BPF_CORE_READ(registers, regs[3]);
	case 4:
		return BPF_CORE_READ(registers, regs[4]);
	default:
		return BPF_CORE_READ(registers, regs[5]);
	}
}

/* r0 to r5 of 32-bit code are in the lower halves of x0 to x5. */
static __always_inline __u64 machine_compat_call_argument(struct pt_regs *registers, __u32 number)
{
	return machine_call_argument(registers, number);
}

/* All arguments of a system call, for a pointer that the verifier knows. */
static __always_inline void machine_call_arguments(struct pt_regs *registers, __u64 *out)
{
	out[0] = registers->orig_x0;
	out[1] = registers->regs[1];
	out[2] = registers->regs[2];
	out[3] = registers->regs[3];
	out[4] = registers->regs[4];
	out[5] = registers->regs[5];
}

static __always_inline void machine_compat_call_arguments(struct pt_regs *registers, __u64 *out)
{
	machine_call_arguments(registers, out);
}

/* A thread is in one mode as long as its program runs, so this is so outside of system calls too.
 */
static __always_inline bool machine_is_compat_call(struct task_struct *task)
{
	return task->thread_info.flags >> TIF_32BIT & 1;
}

static __always_inline bool machine_runs_32bit(struct pt_regs *registers)
{
	return MACHINE_MODE_IS_32BIT(registers->pstate);
}

static __always_inline __u64 machine_compat_thread_data(struct task_struct *task)
{
	return task->thread.uw.tp_value;
}

/* The kernel has the register TPIDR_EL0 of a task that does not run in thread.uw.tp_value; of the
 * running task it can be an older value. The C library sets it once, before the thread's first
 * function. */
static __always_inline __u64 machine_thread_data(struct task_struct *task)
{
	return task->thread.uw.tp_value;
}

/* Of the exception syndrome: its class, and whether data was written. */
#define FAULT_CLASS_SHIFT 26
#define FAULT_CLASS_FETCH 0x20 /* instruction abort of user space */
#define FAULT_CLASS_DATA  0x24 /* data abort of user space */
#define FAULT_WRITTEN     (1ull << 6)

static __always_inline __s32 machine_fault_access(struct task_struct *task)
{
	__u64 syndrome = task->thread.fault_code;
	__u64 class = syndrome >> FAULT_CLASS_SHIFT & 0x3f;

	if (class == FAULT_CLASS_FETCH)
		return SIGNAL_ACCESS_EXECUTED;
	if (class != FAULT_CLASS_DATA)
		return 0;
	return syndrome & FAULT_WRITTEN ? SIGNAL_ACCESS_WRITTEN : SIGNAL_ACCESS_READ;
}

static __always_inline bool machine_fault_address(struct task_struct *task, __u64 *ret_address)
{
	*ret_address = task->thread.fault_address;
	return true;
}

#define COMPAT(number) (SECTION_CALL_COMPAT | (number))

static __always_inline int machine_path_argument(__s32 call)
{
	switch (call) {
	case COMPAT(5):   /* open */
	case COMPAT(33):  /* access */
	case COMPAT(106): /* stat */
	case COMPAT(107): /* lstat */
	case COMPAT(195): /* stat64 */
	case COMPAT(196): /* lstat64 */
		return 0;
	case 48:          /* faccessat */
	case 56:          /* openat */
	case 79:          /* newfstatat */
	case 291:         /* statx */
	case 437:         /* openat2 */
	case 439:         /* faccessat2 */
	case COMPAT(322): /* openat */
	case COMPAT(327): /* fstatat64 */
	case COMPAT(334): /* faccessat */
	case COMPAT(397): /* statx */
	case COMPAT(437): /* openat2 */
	case COMPAT(439): /* faccessat2 */
		return 1;
	default:
		return -1;
	}
}

#endif
