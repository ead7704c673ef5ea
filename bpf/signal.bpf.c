/* bpf/signal.bpf.c - generated signals with sender and receiver, and deliveries */
#include "bpf/vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "bpf/cgroup.bpf.h"
#include "bpf/command_line.bpf.h"
#include "bpf/core_fixes.bpf.h"
#include "bpf/count.bpf.h"
#include "bpf/event.h"
#include "bpf/filter.bpf.h"
#include "bpf/known_stack.bpf.h"
#include "bpf/loss.bpf.h"
#include "bpf/ring.bpf.h"
#include "bpf/scratch.bpf.h"
#include "bpf/stack.bpf.h"
#include "bpf/task.bpf.h"
#include "bpf/user_stack.bpf.h"

#define SIGBUS  7
#define SIGKILL 9
#define SIGSEGV 11
#define SIGCHLD 17
#define SIGSYS  31

/* ILL, TRAP, ABRT, BUS, FPE, KILL, SEGV, SYS */
#define SIGNALS_OF_DEATHS                                                                          \
	(1ull << 4 | 1ull << 5 | 1ull << 6 | 1ull << 7 | 1ull << 8 | 1ull << 9 | 1ull << 11 |      \
	 1ull << 31)

#define SI_USER   0
#define SI_QUEUE  (-1)
#define SI_TKILL  (-6)
#define SI_KERNEL 0x80

#define RLIMIT_CPU 0
#define NS_PER_S   1000000000ull

#define PT_EXITKILL (1u << 23) /* PTRACE_O_EXITKILL, as the kernel keeps it */

/* Values of the pointer that the kernel passes for a signal without a struct kernel_siginfo. */
#define SEND_SIG_NOINFO ((struct kernel_siginfo *)0)
#define SEND_SIG_PRIV   ((struct kernel_siginfo *)1)

struct signal_parties {
	struct task_struct *sender; /* the running task */
	struct task_struct *receiver;
	struct kernel_siginfo *info;
};

/* With a filter for senders: the deliveries of signals that passed it. */
struct awaited {
	__u32 tgid;
	__u32 signal;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct awaited);
	__type(value, __u8);
} awaited_deliveries SEC(".maps");

static __always_inline bool signal_has_info(struct kernel_siginfo *info)
{
	return info != SEND_SIG_NOINFO && info != SEND_SIG_PRIV;
}

/* Faults have an address. SI_KERNEL alone does not show which fields are valid. */
static __always_inline bool signal_is_fault(__u32 signal, __s32 code)
{
	const __u64 faults = 1ull << 11 | 1ull << 7 | 1ull << 8 | 1ull << 4 | 1ull << 5;

	return code > 0 && code < SI_KERNEL && (1ull << signal & faults);
}

/* Returns the kind of access of a page fault that the running task has just had. Neither inlined
 * nor static, so that the verifier checks it once. */
__noinline int signal_access(__u64 address)
{
	struct task_struct *task = task_current();
	__s32 access;

	if (!task)
		return 0;
	access = machine_fault_access(task);
	if (access == 0 || access == SIGNAL_ACCESS_EXECUTED)
		return access;
	if (user_stack_lacks(task, address))
		access |= SIGNAL_ACCESS_BELOW_STACK;
	else if (user_stack_is_nowhere(task, address))
		access |= SIGNAL_ACCESS_NOWHERE;
	return access;
}

/* The kernel sends SIGSEGV if there is no room for the frame of a signal handler. The fault that
 * the handler was for is still the last one: it comes from a stack that has overflowed. */
static __always_inline void signal_fill_overflow(struct event_signal *out, struct task_struct *task)
{
	__u64 address;
	__s32 access;

	if (out->signal != SIGSEGV || out->code != SI_KERNEL ||
	    !machine_fault_address(task, &address))
		return;
	access = signal_access(address);
	if (!(access & SIGNAL_ACCESS_BELOW_STACK))
		return;
	out->address = address;
	out->value = access;
}

static __always_inline void signal_fill_info(struct event_signal *out, struct kernel_siginfo *info,
					     struct task_struct *task)
{
	if (!signal_has_info(info)) {
		out->code = info == SEND_SIG_PRIV ? SI_KERNEL : SI_USER;
		signal_fill_overflow(out, task);
		return;
	}
	out->code = BPF_CORE_READ(info, si_code);
	if (signal_is_fault(out->signal, out->code)) {
		out->address = (__u64)BPF_CORE_READ(info, _sifields._sigfault._addr);
		if (out->signal == SIGSEGV || out->signal == SIGBUS)
			out->value = signal_access(out->address);
	} else if (out->code == SI_KERNEL) {
		signal_fill_overflow(out, task);
	} else if (out->signal == SIGSYS && out->code > 0) {
		out->address = (__u64)BPF_CORE_READ(info, _sifields._sigsys._call_addr);
		out->value = BPF_CORE_READ(info, _sifields._sigsys._syscall);
	} else if (out->code > 0 && out->code < SI_KERNEL) {
		out->value = BPF_CORE_READ(info, _sifields._sigchld._status);
	} else if (out->code < 0 && out->code != SI_TKILL) {
		out->value = BPF_CORE_READ(info, _sifields._rt._sigval.sival_int);
	}
}

static __always_inline bool signal_cpu_limit_reached(struct task_struct *task)
{
	__u64 limit_s = task->signal->rlim[RLIMIT_CPU].rlim_max;
	__u64 used_ns = task->signal->sum_sched_runtime + task->se.sum_exec_runtime;

	return limit_s < used_ns / NS_PER_S + 1;
}

static __always_inline __u16 signal_facts(__u32 signal, struct kernel_siginfo *info,
					  struct task_struct *sender, struct task_struct *receiver)
{
	__u16 facts = 0;

	if (info == SEND_SIG_NOINFO)
		facts |= SIGNAL_FACT_NO_INFO;
	if (info == SEND_SIG_PRIV)
		facts |= SIGNAL_FACT_KERNEL_INFO;
	if (sender->flags & PF_EXITING)
		facts |= SIGNAL_FACT_SENDER_EXITING;
	if (sender->signal->leader)
		facts |= SIGNAL_FACT_SENDER_LEADS;
	if ((__u32)receiver->pdeath_signal == signal)
		facts |= SIGNAL_FACT_PARENT_DEATH;
	if (sender->tgid == receiver->tgid)
		facts |= SIGNAL_FACT_SELF;
	if (receiver->ptrace && receiver->parent == sender)
		facts |= SIGNAL_FACT_TRACER;
	if (receiver->ptrace & PT_EXITKILL)
		facts |= SIGNAL_FACT_EXIT_KILL;
	if (signal == SIGKILL && signal_cpu_limit_reached(receiver))
		facts |= SIGNAL_FACT_CPU_LIMIT;
	return facts;
}

/* Whether a generated signal passes the filters. With a filter for senders, also notes that its
 * delivery passes. */
static __always_inline bool signal_is_wanted(__u32 signal, struct task_struct *sender,
					     struct task_struct *receiver)
{
	struct awaited awaited = {.signal = signal};
	__u8 present = 1;

	if (!filter_signal_passes(signal) || !filter_task_passes(receiver))
		return false;
	if (!filter_chooses_senders())
		return true;
	if (!filter_sender_passes(sender))
		return false;
	awaited.tgid = (__u32)receiver->tgid;
	bpf_map_update_elem(&awaited_deliveries, &awaited, &present, BPF_ANY);
	return true;
}

/* Whether the process has a handler for the signal: neither SIG_DFL, which is 0, nor SIG_IGN, 1. */
static __always_inline bool signal_is_handled(__u32 signal, struct task_struct *task)
{
	struct sighand_struct *handlers = BPF_CORE_READ(task, sighand);
	struct k_sigaction *action = (void *)handlers +
				     bpf_core_field_offset(struct sighand_struct, action) +
				     (signal - 1) * bpf_core_type_size(struct k_sigaction);

	return signal >= 1 && signal <= 64 && (__u64)BPF_CORE_READ(action, sa.sa_handler) > 1;
}

/* Copies the user stack of a sender in a system call. Runtimes interrupt their own threads very
 * often, so signals to a handler of the same process get no copy. */
static __always_inline __u64 signal_sender_stack(const struct event_signal *out,
						 const struct signal_parties *parties)
{
	struct task_struct *sender = parties->sender, *receiver = parties->receiver;

	if (!signal_has_info(parties->info) || out->system_call < 0)
		return USER_STACK_NONE;
	if (out->code != SI_USER && out->code != SI_QUEUE && out->code != SI_TKILL)
		return USER_STACK_NONE;
	if (sender->tgid == receiver->tgid && signal_is_handled(out->signal, receiver))
		return USER_STACK_NONE;
	return user_stack_copy(sender, USER_STACK_INTERRUPTS_OFF);
}

/* The code shows that the system call itself sends the signal. Not that of sigqueue(): it is free
 * to choose one. */
static __always_inline __u32 signal_known_stack(const struct event_signal *out,
						struct task_struct *sender)
{
	struct pt_regs *registers;

	if ((out->facts & (SIGNAL_FACT_NO_INFO | SIGNAL_FACT_KERNEL_INFO)) ||
	    core_is_compat_call(sender))
		return KNOWN_STACK_NONE;
	if (out->code == SI_TKILL && out->system_call == SYSTEM_CALL_TGKILL)
		return KNOWN_STACK_TGKILL;
	if (out->code == SI_TKILL && out->system_call == SYSTEM_CALL_TKILL)
		return KNOWN_STACK_TKILL;
	if (out->code != SI_USER || out->system_call != SYSTEM_CALL_KILL ||
	    !bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs))
		return KNOWN_STACK_NONE;
	registers = (struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf());
	return (__s32)machine_call_first(registers) > 0 ? KNOWN_STACK_KILL : KNOWN_STACK_NONE;
}

/* Signals that leave no core end the process when they are generated. */
static __always_inline bool signal_ends_process(__u32 signal, struct task_struct *receiver)
{
	return (receiver->signal->flags & SIGNAL_GROUP_EXIT) &&
	       (__u32)receiver->signal->group_exit_code == signal;
}

/* Fills in all but the stacks. */
static __always_inline void signal_fill(struct event_signal *out,
					const struct signal_parties *parties, __u32 signal)
{
	struct task_struct *sender = parties->sender, *receiver = parties->receiver;

	__builtin_memset(out, 0, sizeof(*out));
	out->header.time_ns = bpf_ktime_get_boot_ns();
	out->header.cpu = bpf_get_smp_processor_id();
	out->header.kind = EVENT_SIGNAL;
	if (command_line_settings.wanted)
		command_line_send(&signal_ring, EVENT_SIGNAL, out->header.time_ns);
	cgroup_fill_current(&out->task, false);
	if (core_is_compat(bpf_get_current_task_btf()))
		out->task.flags |= EVENT_TASK_COMPAT;
	task_fill(&out->receiver, receiver);
	cgroup_fill(&out->receiver, receiver, &signal_ring, EVENT_SIGNAL);
	out->signal = (__u8)signal;
	out->facts = signal_facts(signal, parties->info, sender, receiver);
	signal_fill_info(out, parties->info, sender);
	out->system_call = core_system_call(bpf_get_current_task_btf());
}

/* Whether it is the act of the task that ran: a process sent it, or has ended. Others come from a
 * timer or a terminal, whichever task was running. */
static __always_inline bool signal_is_of_sender(const struct event_signal *out)
{
	return out->code == SI_USER || out->code == SI_QUEUE || out->code == SI_TKILL ||
	       out->signal == SIGCHLD;
}

/* Writes the ancestors and the kernel stack of the sender behind the record, and sends it. */
static __always_inline void signal_send(void *context, struct scratch_slot *slot,
					struct task_struct *sender)
{
	struct event_signal *out = &slot->signal;
	__u64 size = sizeof(struct event_signal);
	struct ring_payer payer;

	size += task_ancestors(&slot->header, (void *)&slot->bytes[size]);
	if (out->signal != SIGCHLD || filter.child_stacks) {
		out->known_stack = signal_known_stack(out, sender);
		size += known_stack_write(context, &slot->header, &slot->bytes[size],
					  &out->known_stack);
	}
	payer = ring_payer(signal_is_of_sender(out) ? &out->task : &out->receiver, EVENT_SIGNAL,
			   out->signal < 64 && 1ull << out->signal & SIGNALS_OF_DEATHS);
	if (ring_output_of(&signal_ring, &slot->header, size, &payer, false) &&
	    slot->header.kernel_frame_count)
		known_stack_sent(out->known_stack);
}

SEC("tp_btf/signal_generate")
int BPF_PROG(on_signal_generate, int signal, struct kernel_siginfo *info, struct task_struct *task,
	     int group, int result)
{
	struct signal_parties parties = {
		.sender = task_current(),
		.receiver = task_plain(task),
		.info = info,
	};
	struct scratch_slot *slot;

	if (!parties.sender || !parties.receiver) {
		loss_add(EVENT_SIGNAL, LOSS_NO_SCRATCH);
		return 0;
	}
	if (!signal_is_wanted((__u32)signal, parties.sender, parties.receiver)) {
		count_skipped(COUNT_SKIPPED_SIGNAL, parties.receiver);
		return 0;
	}
	slot = scratch_acquire();
	if (!slot) {
		loss_add(EVENT_SIGNAL, LOSS_NO_SCRATCH);
		return 0;
	}
	signal_fill(&slot->signal, &parties, (__u32)signal);
	slot->signal.result = (__u8)result;
	if (group)
		slot->signal.facts |= SIGNAL_FACT_GROUP;
	slot->signal.user_stack = signal_sender_stack(&slot->signal, &parties);
	if (!group && signal_ends_process((__u32)signal, parties.receiver))
		user_stack_note_meant(parties.receiver);
	signal_send(ctx, slot, parties.sender);
	scratch_release(slot);
	return 0;
}

/* Returns the signal that ends the thread group; 0 if none does, or if an exit ends it. */
static __always_inline __u32 signal_of_group_exit(struct task_struct *task)
{
	return (__u32)task->signal->group_exit_code & 0x7f;
}

/* When a thread group ends, every thread of it gets a SIGKILL without a sender. It counts as the
 * delivery of the signal that ends the group. If execve() or exit_group() ends the group, it is not
 * recorded. */
static __always_inline bool delivery_is_wanted(struct task_struct *task, __u32 signal,
					       struct kernel_siginfo *info)
{
	struct awaited awaited = {.tgid = (__u32)task->tgid, .signal = signal};

	if (signal == SIGKILL && !signal_has_info(info)) {
		awaited.signal = signal_of_group_exit(task);
		if (awaited.signal == 0)
			return false;
	}
	if (!filter_signal_passes(awaited.signal) || !filter_task_passes(task))
		return false;
	return !filter_chooses_senders() || bpf_map_lookup_elem(&awaited_deliveries, &awaited);
}

static __always_inline void delivery_fill_info(struct event_delivery *out,
					       struct kernel_siginfo *info)
{
	if (!signal_has_info(info))
		return;
	out->code = BPF_CORE_READ(info, si_code);
	if (signal_is_fault(out->signal, out->code))
		out->address = (__u64)BPF_CORE_READ(info, _sifields._sigfault._addr);
	if (out->code == SI_USER || out->code == SI_QUEUE || out->code == SI_TKILL) {
		out->sender_pid = (__u32)BPF_CORE_READ(info, _sifields._kill._pid);
		out->sender_uid = BPF_CORE_READ(info, _sifields._kill._uid);
	}
}

static __always_inline void delivery_fill(struct event_delivery *out, struct task_struct *task,
					  struct k_sigaction *action)
{
	struct task_struct *tracer = task->parent;

	__builtin_memset(out, 0, sizeof(*out));
	out->header.time_ns = bpf_ktime_get_boot_ns();
	out->header.cpu = bpf_get_smp_processor_id();
	out->header.kind = EVENT_DELIVERY;
	cgroup_fill_current(&out->task, false);
	/* SIG_DFL is 0, SIG_IGN is 1. */
	out->handled = (__u64)BPF_CORE_READ(action, sa.sa_handler) > 1;
	if (task->signal->flags & SIGNAL_GROUP_EXIT)
		out->group_code = (__u32)task->signal->group_exit_code;
	/* The tracer has stopped the task, and may have replaced the signal. */
	if (task->ptrace) {
		task_fill(&out->tracer, tracer);
		cgroup_fill(&out->tracer, tracer, &signal_ring, EVENT_SIGNAL);
	}
}

SEC("tp_btf/signal_deliver")
int BPF_PROG(on_signal_deliver, int signal, struct kernel_siginfo *info, struct k_sigaction *action)
{
	struct task_struct *task = task_current();
	__u64 size = sizeof(struct event_delivery);
	struct ring_payer payer;
	struct scratch_slot *slot;

	if (task && !delivery_is_wanted(task, (__u32)signal, info))
		return 0;
	slot = task ? scratch_acquire() : NULL;
	if (!slot) {
		loss_add(EVENT_DELIVERY, LOSS_NO_SCRATCH);
		return 0;
	}
	delivery_fill(&slot->delivery, task, action);
	slot->delivery.signal = (__u32)signal;
	delivery_fill_info(&slot->delivery, info);
	slot->delivery.user_stack = user_stack_of_fatal_delivery(task);
	size += task_ancestors(&slot->header, (void *)&slot->bytes[size]);
	payer = ring_payer(&slot->delivery.task, EVENT_SIGNAL, !slot->delivery.handled);
	ring_output_of(&signal_ring, &slot->header, size, &payer, false);
	scratch_release(slot);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
