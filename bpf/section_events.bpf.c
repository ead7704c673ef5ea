/* bpf/section_events.bpf.c - events of a thread while it is in a section */
#include "bpf/vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "bpf/copy_limit.bpf.h"
#include "bpf/event.h"
#include "bpf/section.bpf.h"
#include "bpf/section_file.bpf.h"
#include "bpf/section_marker.bpf.h"
#include "bpf/section_state.bpf.h"
#include "bpf/section_step.bpf.h"
#include "bpf/task_state.bpf.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct irqaction {
	const char *name;
};

struct timer_list {
	void *function;
};

struct hrtimer {
	void *function;
};

#pragma clang attribute pop

struct section_rule_map section_rules SEC(".maps");
const volatile __u64 section_file_calls[SECTION_FILE_CALLS / 64];
struct section_kernel_stack_map section_kernel_stacks SEC(".maps");

/* Copies that are sent at once. They have the tables made that their walk lacked. */
struct copy_count_map section_copy_counts SEC(".maps");

/* The handlers that run on a CPU, as bits of enum section_interrupt. The kernel's own count is in
 * no symbol that every kernel exports. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} section_handlers SEC(".maps");

#define SECTION_FAULTS_APART 16

/* Number of rules. With 0, none is looked up. */
volatile __u32 section_rule_count;

/* Samples in the section that measures the cost of one. */
volatile __u32 section_samples_measured;

/* Does the stop that another thread has requested, if any. Returns whether there was a request: the
 * thread is in no section then. */
static __always_inline bool section_request_done(struct section_thread *thread)
{
	if (!thread->request)
		return false;
	if (__sync_val_compare_and_swap(&thread->request, SECTION_REQUEST_ASKED,
					SECTION_REQUEST_TAKEN) == SECTION_REQUEST_ASKED)
		sections_end(thread, thread->request_ns, SECTION_END_STOPPED_BY_OTHER, 0);
	return true;
}

static __always_inline __u64 section_walk_or_send(__u32 place)
{
	struct user_stack_slot *slot;
	__u64 id;

	if (!unwind_settings.is_on || user_stack_is_busy())
		return USER_STACK_NONE;
	id = user_stack_begin(bpf_get_current_task_btf(), place, &slot);
	if (!slot)
		return id;
	if (slot->is_chain ||
	    (slot->record.lacking_address &&
	     copy_limit_allows(&section_copy_counts, slot->record.header.time_ns)))
		return user_stack_output(slot);
	user_stack_release(slot);
	return USER_STACK_NONE;
}

__noinline __u64 section_walk(__u32 place)
{
	__u64 id = section_walk_or_send(place);

	if (id == USER_STACK_NONE || id == USER_STACK_LOST) {
		__sync_fetch_and_add(&section_failures.copied_stacks, 1);
		return USER_STACK_NONE;
	}
	__sync_fetch_and_add(&section_failures.walked_stacks, 1);
	return id;
}

/* Two threads that wake each other wait a few microseconds each time, or preempt each other, and
 * walking their stacks would take longer. After so many short waits in a row, a thread is switched
 * out without its stacks; the same holds for preemptions. If it waits for longer then, it has its
 * kernel stack when it is switched in, and its user stack when the system call ends, if it is in
 * one. */
#define SECTION_SHORT_WAITS 4

/* Whether the end of a system call can have the user stack: not in a fault, and only if its begin
 * was seen. */
static __always_inline bool section_call_ends_later(const struct section_thread *thread)
{
	return thread->row && thread->call_ns && !thread->fault_ns;
}

/* Counts a wait in a row of short ones, or ends the row. Returns whether it is a long one whose
 * step has no kernel stack. */
static __always_inline bool section_wait_lacks_stack(struct section_thread *thread, __u64 now_ns)
{
	__u32 *short_waits = &thread->short_waits[thread->off == PHASE_STATE_PREEMPTED];

	if (now_ns - thread->out_ns >= section_settings.call_stack_ns) {
		*short_waits = 0;
		return thread->lacks_stack;
	}
	if (*short_waits < SECTION_SHORT_WAITS)
		++*short_waits;
	return false;
}

/* task: the thread, if it does not run yet; else NULL. */
static __always_inline void section_switched_in(struct section_thread *thread,
						struct task_struct *task)
{
	__u64 now_ns = section_charge(thread);
	struct section_draft draft;
	bool lacks_stack;
	__u64 out_ns = thread->out_ns;
	__u64 runnable_ns = thread->off == PHASE_STATE_RUNNABLE    ? thread->woken_ns
			    : thread->off == PHASE_STATE_PREEMPTED ? out_ns
								   : now_ns;
	__u64 begin = thread->off == PHASE_STATE_RUNNABLE    ? thread->begins[SECTION_BEGIN_WOKEN]
		      : thread->off == PHASE_STATE_PREEMPTED ? thread->begins[SECTION_BEGIN_OUT]
							     : SECTION_NO_PLACE;

	lacks_stack = section_wait_lacks_stack(thread, now_ns) && task;
	thread->off = 0;
	draft = section_step_begin(thread, SECTION_STEP_SWITCHED_IN, now_ns, 0,
				   lacks_stack ? SECTION_KERNEL_STACK_BYTES : 0);
	if (!draft.step || !out_ns)
		return;
	draft.step->duration_ns = runnable_ns - out_ns;
	draft.step->value = now_ns - runnable_ns;
	if (lacks_stack)
		section_add_task_stack(task, &draft);
	section_step_end(thread, &draft, begin);
}

/* The calling program knows that the thread runs, whatever was missed before. Sometimes the kernel
 * switches a thread in without an event. Then the time until now is charged to its last known
 * state. */
static __always_inline void section_is_running(struct section_thread *thread)
{
	if (thread->off)
		section_switched_in(thread, NULL);
	thread->interrupts = 0;
}

static __always_inline void section_handler_mark(enum section_interrupt bit, bool begins)
{
	__u32 zero = 0;
	__u32 *bits = bpf_map_lookup_elem(&section_handlers, &zero);

	if (bits && begins)
		*bits |= bit;
	else if (bits)
		*bits &= ~(__u32)bit;
}

static __always_inline bool section_is_interrupt(void)
{
	__u32 zero = 0;
	__u32 *bits = bpf_map_lookup_elem(&section_handlers, &zero);

	return bits && *bits;
}

/* Returns the state of the running thread if it is in a section, or NULL. Between a request to stop
 * and the next program that can fulfil it, nothing is recorded. */
static __always_inline struct section_thread *section_current(struct task_struct *task)
{
	struct section_thread *thread = section_thread_in_section(task);

	if (!thread || thread->request)
		return NULL;
	if (thread->off)
		section_switched_in(thread, NULL);
	return thread;
}

/* Preemption can be very frequent and its place says little, so only the nearest callers are
 * copied. */
static __always_inline void section_note_preempted(void *context, struct section_thread *thread,
						   struct task_struct *previous,
						   struct task_struct *next)
{
	struct section_stacks stacks = {.user = USER_STACK_NONE, .kernel = SECTION_NO_KERNEL_STACK};
	struct section_draft draft;

	thread->lacks_stack = thread->short_waits[true] == SECTION_SHORT_WAITS;
	if (!thread->lacks_stack)
		section_find_kernel_stack(context, &stacks);
	if (!thread->lacks_stack && !thread->row)
		section_find_user_stack(previous, USER_STACK_INTERRUPTS_OFF, &stacks);
	draft = section_step_begin(thread, SECTION_STEP_SWITCHED_OUT, thread->out_ns,
				   sizeof(struct event_peer),
				   section_stacks_space(&stacks, SECTION_STACK_PIECE));
	thread->begins[SECTION_BEGIN_OUT] = draft.start;
	if (!draft.step)
		return;
	section_fill_peer(&draft, next);
	section_add_stacks(context, previous, &draft, &stacks, sizeof(struct event_peer),
			   SECTION_STACK_PIECE);
	section_step_end(thread, &draft, SECTION_NO_BEGIN);
}

static __always_inline void section_note_blocked(void *context, struct section_thread *thread,
						 struct task_struct *previous,
						 struct task_struct *next, __u32 state)
{
	struct section_stacks stacks = {.user = USER_STACK_NONE, .kernel = SECTION_NO_KERNEL_STACK};
	struct section_draft draft;

	thread->lacks_stack = thread->short_waits[false] == SECTION_SHORT_WAITS &&
			      section_call_ends_later(thread);
	if (!thread->lacks_stack)
		section_find_kernel_stack(context, &stacks);
	if (!thread->lacks_stack && !thread->call_has_stack)
		section_find_user_stack(previous, USER_STACK_INTERRUPTS_OFF, &stacks);
	draft = section_step_begin(
		thread, SECTION_STEP_SWITCHED_OUT, thread->out_ns, sizeof(struct event_peer),
		section_stacks_space(&stacks, section_settings.user_stack_bytes));
	thread->begins[SECTION_BEGIN_OUT] = draft.start;
	if (!draft.step)
		return;
	draft.step->number = (__s32)state;
	section_fill_peer(&draft, next);
	section_add_stacks(context, previous, &draft, &stacks, sizeof(struct event_peer),
			   section_settings.user_stack_bytes);
	if (thread->row && draft.step->user_bytes)
		thread->call_has_stack = 1;
	section_step_end(thread, &draft, SECTION_NO_BEGIN);
}

static __always_inline void section_switched_out(void *context, struct section_thread *thread,
						 struct task_struct *previous,
						 struct task_struct *next, __u32 state)
{
	__u32 off = section_off_state(state);

	section_is_running(thread);
	/* The one that wakes it can come before the step of it. The exchange has an order: who sees
	 * that it is off sees both of these too. */
	thread->begins[SECTION_BEGIN_OUT] = SECTION_NO_PLACE;
	thread->out_ns = section_charge(thread);
	__sync_lock_test_and_set(&thread->off, off);
	section_count_entry(thread, off);
	if (state == 0)
		section_note_preempted(context, thread, previous, next);
	else
		section_note_blocked(context, thread, previous, next, state);
}

/* Linux 7.0 and later preempt programs of uprobes, which start and stop sections. The time until
 * they go on is charged when they end. */
static __always_inline void section_hold(struct section_thread *thread)
{
	if (!thread)
		return;
	thread->switches++;
	if (thread->busy)
		thread->held_out_ns = bpf_ktime_get_boot_ns();
}

static __always_inline void section_go_on(struct section_thread *thread)
{
	if (!thread || !thread->busy || !thread->held_out_ns)
		return;
	thread->busy += SECTION_HELD(bpf_ktime_get_boot_ns() - thread->held_out_ns);
	thread->held_out_ns = 0;
}

/* Returns the state of a thread, which need not be in a section; NULL: it never was. */
static __always_inline struct section_thread *section_thread_known(struct task_struct *task)
{
	return section_end_ns ? NULL : section_thread_of(task);
}

SEC("tp_btf/sched_switch")
int BPF_PROG(sect_switch, bool preempt, struct task_struct *previous, struct task_struct *next)
{
	struct section_thread *thread = section_thread_known(previous);

	section_hold(thread);
	if (section_thread_is_open(thread) && !section_request_done(thread))
		/* A thread that is preempted on its way to sleep can still run. */
		section_switched_out(ctx, thread, previous, next,
				     preempt ? 0 : section_state_of_known(previous));
	thread = section_thread_known(next);
	section_go_on(thread);
	if (section_thread_is_open(thread) && !thread->request)
		section_switched_in(thread, next);
	return 0;
}

/* sched_waking, not sched_wakeup: only here the waker is always the running task. A thread that has
 * not been switched out yet was not blocked. */
SEC("tp_btf/sched_waking")
int BPF_PROG(sect_waking, struct task_struct *task)
{
	struct section_thread *thread = section_thread_in_section(task);
	struct section_stacks stacks = {.user = USER_STACK_NONE, .kernel = SECTION_NO_KERNEL_STACK};
	struct task_struct *waker;
	struct section_draft draft;
	__u64 now_ns;
	bool is_interrupt, is_long;

	if (!thread || thread->request ||
	    (thread->off != PHASE_STATE_BLOCKED && thread->off != PHASE_STATE_UNINTERRUPTIBLE))
		return 0;
	waker = bpf_get_current_task_btf();
	now_ns = section_charge(thread);
	thread->woken_ns = now_ns;
	thread->off = PHASE_STATE_RUNNABLE;
	section_count_entry(thread, PHASE_STATE_RUNNABLE);
	is_interrupt = section_is_interrupt();
	is_long = now_ns - thread->out_ns >= section_settings.call_stack_ns;
	if (is_long)
		section_find_kernel_stack(ctx, &stacks);
	if (is_long && !is_interrupt)
		section_find_user_stack(waker, USER_STACK_INTERRUPTS_OFF, &stacks);
	draft = section_step_begin(
		thread, SECTION_STEP_WOKEN_UP, now_ns, sizeof(struct event_peer),
		section_stacks_space(&stacks, section_settings.user_stack_bytes));
	thread->begins[SECTION_BEGIN_WOKEN] = draft.start;
	if (!draft.step)
		return 0;
	draft.step->number = is_interrupt;
	draft.step->duration_ns = thread->out_ns ? now_ns - thread->out_ns : 0;
	section_fill_peer(&draft, waker);
	section_add_stacks(ctx, waker, &draft, &stacks, sizeof(struct event_peer),
			   section_settings.user_stack_bytes);
	section_step_end(thread, &draft, thread->begins[SECTION_BEGIN_OUT]);
	return 0;
}

SEC("tp_btf/sched_migrate_task")
int BPF_PROG(sect_migrate, struct task_struct *task, int cpu)
{
	struct section_thread *thread = section_thread_in_section(task);
	struct section_draft draft;

	if (!thread || thread->request || !thread->off)
		return 0;
	draft = section_step_begin(thread, SECTION_STEP_MIGRATED, bpf_ktime_get_boot_ns(), 0, 0);
	if (!draft.step)
		return 0;
	draft.step->number = cpu;
	section_step_end(thread, &draft, SECTION_NO_BEGIN);
	return 0;
}

static __always_inline void section_enter_call(struct section_thread *thread,
					       struct pt_regs *registers, __s32 call)
{
	__u64 now_ns;
	struct section_draft draft;
	struct section_arguments *arguments;

	section_is_running(thread);
	now_ns = section_charge(thread);
	thread->fault_ns = 0;
	thread->row = section_row(thread, call);
	thread->call_ns = now_ns;
	thread->call_has_stack = 0;
	section_count_entry(thread, PHASE_STATE_KERNEL);
	draft = section_step_begin(thread, SECTION_STEP_CALL_IN, now_ns,
				   sizeof(struct section_arguments), 0);
	thread->begins[SECTION_BEGIN_CALL] = draft.start;
	if (!draft.step)
		return;
	draft.step->number = call;
	arguments = (struct section_arguments *)section_step_extra(&draft);
	if (call & SECTION_CALL_COMPAT && call >= 0)
		machine_compat_call_arguments(registers, (__u64 *)arguments->values);
	else
		machine_call_arguments(registers, (__u64 *)arguments->values);
	section_step_end(thread, &draft, SECTION_NO_BEGIN);
}

static __always_inline void section_leave_call(struct section_thread *thread,
					       struct task_struct *task, __s32 call, __s64 result)
{
	struct section_stacks stacks = {.user = USER_STACK_NONE};
	__u64 now_ns, duration_ns, begin;
	struct section_draft draft;

	/* A section that was started by a control command may have begun in the middle of this
	 * call. */
	if (!thread->row)
		thread->row = section_row(thread, call);
	section_is_running(thread);
	now_ns = section_charge(thread);
	duration_ns = thread->call_ns ? now_ns - thread->call_ns : 0;
	begin = thread->call_ns ? thread->begins[SECTION_BEGIN_CALL] : SECTION_NO_BEGIN;
	thread->row = 0;
	if (duration_ns >= section_settings.call_stack_ns && !thread->call_has_stack)
		section_find_user_stack(task, USER_STACK_INTERRUPTS_ON, &stacks);
	draft = section_step_begin(
		thread, SECTION_STEP_CALL_OUT, now_ns, 0,
		section_stacks_space(&stacks, section_settings.user_stack_bytes));
	thread->call_has_stack = 0;
	thread->begins[SECTION_BEGIN_CALL] = SECTION_NO_PLACE;
	if (!draft.step)
		return;
	section_weigh(thread, duration_ns);
	section_add_user(task, &draft, &stacks, section_settings.user_stack_bytes);
	draft.step->number = call;
	draft.step->value = (__u64)result;
	draft.step->duration_ns = duration_ns;
	section_step_end(thread, &draft, begin);
}

SEC("tp_btf/sys_enter")
int BPF_PROG(sect_call, struct pt_regs *registers, long call)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__s32 number = section_call_number(task, (__s32)call);
	struct section_thread *thread;

	if (section_marker_enter(task, registers, number))
		return 0;
	if (section_rule_count)
		section_rule_enter((__u32)task->tgid, number);
	thread = section_thread_in_section(task);
	if (thread && !section_request_done(thread)) {
		section_enter_call(thread, registers, number);
		section_file_begin(thread, registers, number);
	}
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(sect_return, struct pt_regs *registers, long result)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__s32 call = section_call_number(task, section_call_of(registers));
	struct section_thread *thread = section_thread_of(task);

	if (thread && thread->marker) {
		thread->marker = 0;
		return 0;
	}
	if (thread && thread->depth && !section_end_ns && !section_request_done(thread)) {
		section_leave_call(thread, task, call, result);
		section_file_end(thread, registers);
		section_rule_leave(thread);
	}
	if (result < 0 && machine_path_argument(call) >= 0)
		section_marker_return(task, registers, call);
	return 0;
}

static __always_inline __u64 *section_interrupt_place(struct section_thread *thread,
						      enum section_interrupt bit)
{
	if (bit == SECTION_IN_VECTOR)
		return &thread->begins[SECTION_BEGIN_VECTOR];
	if (bit == SECTION_IN_IRQ)
		return &thread->begins[SECTION_BEGIN_IRQ];
	return &thread->begins[SECTION_BEGIN_SOFTIRQ];
}

static __always_inline void section_interrupt_begin(enum section_interrupt bit,
						    enum section_step_type type, __s32 number,
						    const char *name)
{
	struct section_thread *thread;
	struct section_draft draft;
	__u64 now_ns;

	section_handler_mark(bit, true);
	thread = section_current(bpf_get_current_task_btf());
	if (!thread)
		return;
	now_ns = section_charge(thread);
	if (!thread->interrupts)
		section_count_entry(thread, PHASE_STATE_INTERRUPT);
	thread->interrupts |= bit;
	if (bit == SECTION_IN_VECTOR)
		thread->vector_ns = now_ns;
	else if (bit == SECTION_IN_IRQ)
		thread->irq_ns = now_ns;
	else
		thread->softirq_ns = now_ns;
	draft = section_step_begin(thread, type, now_ns,
				   name ? sizeof(struct section_step_name) : 0, 0);
	*section_interrupt_place(thread, bit) = draft.start;
	if (!draft.step)
		return;
	draft.step->number = number;
	if (name) {
		struct section_step_name *out =
			(struct section_step_name *)section_step_extra(&draft);

		__builtin_memset(out->text, 0, sizeof(out->text));
		bpf_probe_read_kernel_str(out->text, sizeof(out->text), name);
	}
	section_step_end(thread, &draft, SECTION_NO_BEGIN);
}

static __always_inline void section_interrupt_end(enum section_interrupt bit,
						  enum section_step_type type, __s32 number)
{
	struct section_thread *thread;
	struct section_draft draft;
	__u64 now_ns, begin_ns, begin;

	section_handler_mark(bit, false);
	thread = section_current(bpf_get_current_task_btf());
	if (!thread)
		return;
	now_ns = section_charge(thread);
	begin_ns = bit == SECTION_IN_VECTOR ? thread->vector_ns
		   : bit == SECTION_IN_IRQ  ? thread->irq_ns
					    : thread->softirq_ns;
	begin = *section_interrupt_place(thread, bit);
	if (!(thread->interrupts & bit)) {
		begin_ns = now_ns;
		begin = SECTION_NO_BEGIN;
	}
	thread->interrupts &= ~(__u32)bit;
	draft = section_step_begin(thread, type, now_ns, 0, 0);
	if (!draft.step)
		return;
	draft.step->number = number;
	draft.step->duration_ns = now_ns - begin_ns;
	section_step_end(thread, &draft, begin);
}

/* The timer's interrupt is the only one that reaches every running thread. */
static __always_inline void section_timer_is_here(void)
{
	struct section_thread *thread = section_thread_in_section(bpf_get_current_task_btf());

	if (thread)
		section_request_done(thread);
}

SEC("tp_btf/irq_handler_entry")
int BPF_PROG(sect_irq, int irq, struct irqaction *action)
{
	if (MACHINE_TIMER_IS_IRQ)
		section_timer_is_here();
	section_interrupt_begin(SECTION_IN_IRQ, SECTION_STEP_INTERRUPT_IN, irq,
				BPF_CORE_READ(action, name));
	return 0;
}

SEC("tp_btf/irq_handler_exit")
int BPF_PROG(sect_irq_end, int irq)
{
	section_interrupt_end(SECTION_IN_IRQ, SECTION_STEP_INTERRUPT_OUT, irq);
	return 0;
}

SEC("tp_btf/softirq_entry")
int BPF_PROG(sect_softirq, unsigned int number)
{
	section_interrupt_begin(SECTION_IN_SOFTIRQ, SECTION_STEP_SOFTIRQ_IN, (__s32)number, NULL);
	return 0;
}

SEC("tp_btf/softirq_exit")
int BPF_PROG(sect_softirq_end, unsigned int number)
{
	section_interrupt_end(SECTION_IN_SOFTIRQ, SECTION_STEP_SOFTIRQ_OUT, (__s32)number);
	return 0;
}

/* Interrupts of the processor itself. */
#define SECTION_VECTOR_PROGRAMS(name, begin)                                                       \
	SEC("tp_btf/" #name "_entry")                                                              \
	int BPF_PROG(sect_##name, unsigned long argument)                                          \
	{                                                                                          \
		begin;                                                                             \
		section_interrupt_begin(SECTION_IN_VECTOR, SECTION_STEP_INTERRUPT_IN,              \
					MACHINE_VECTOR_NUMBER(argument),                           \
					MACHINE_VECTOR_NAME(argument));                            \
		return 0;                                                                          \
	}                                                                                          \
	SEC("tp_btf/" #name "_exit")                                                               \
	int BPF_PROG(sect_##name##_end, unsigned long argument)                                    \
	{                                                                                          \
		section_interrupt_end(SECTION_IN_VECTOR, SECTION_STEP_INTERRUPT_OUT,               \
				      MACHINE_VECTOR_NUMBER(argument));                            \
		return 0;                                                                          \
	}
#define SECTION_VECTOR(name)       SECTION_VECTOR_PROGRAMS(name, )
#define SECTION_TIMER_VECTOR(name) SECTION_VECTOR_PROGRAMS(name, section_timer_is_here())

MACHINE_TIMER_VECTOR(SECTION_TIMER_VECTOR)
MACHINE_VECTORS(SECTION_VECTOR)

/* Timers run inside one of the interrupts above: they have steps, but no phase state. */
static __always_inline void section_timer(bool begins, bool high_resolution, void *function)
{
	struct section_thread *thread = section_current(bpf_get_current_task_btf());
	struct section_draft draft;
	__u64 now_ns, begin_ns, begin, *place;

	if (!thread)
		return;
	/* Charged, so that no step is later than the stop of a section that the timer has
	 * interrupted. */
	now_ns = section_charge(thread);
	place = &thread->begins[high_resolution ? SECTION_BEGIN_HRTIMER : SECTION_BEGIN_TIMER];
	/* Both at once: an interrupt can come before the step, and change them. */
	begin_ns = high_resolution ? thread->hrtimer_ns : thread->timer_ns;
	begin = begins ? SECTION_NO_BEGIN : *place;
	if (begins && high_resolution)
		thread->hrtimer_ns = now_ns;
	else if (begins)
		thread->timer_ns = now_ns;
	draft = section_step_begin(thread, begins ? SECTION_STEP_TIMER_IN : SECTION_STEP_TIMER_OUT,
				   now_ns, 0, 0);
	if (begins)
		*place = draft.start;
	if (!draft.step)
		return;
	draft.step->value = (__u64)function;
	draft.step->duration_ns = begins ? 0 : now_ns - begin_ns;
	section_step_end(thread, &draft, begin);
}

SEC("tp_btf/timer_expire_entry")
int BPF_PROG(sect_timer, struct timer_list *timer)
{
	section_timer(true, false, BPF_CORE_READ(timer, function));
	return 0;
}

SEC("tp_btf/timer_expire_exit")
int BPF_PROG(sect_timer_end, struct timer_list *timer)
{
	section_timer(false, false, NULL);
	return 0;
}

SEC("tp_btf/hrtimer_expire_entry")
int BPF_PROG(sect_hrtimer, struct hrtimer *timer)
{
	section_timer(true, true, BPF_CORE_READ(timer, function));
	return 0;
}

SEC("tp_btf/hrtimer_expire_exit")
int BPF_PROG(sect_hrtimer_end, struct hrtimer *timer)
{
	section_timer(false, true, NULL);
	return 0;
}

SEC("tp_btf/page_fault_user")
int BPF_PROG(sect_fault, unsigned long address)
{
	struct section_thread *thread = section_current(bpf_get_current_task_btf());
	__u64 now_ns;

	if (!thread)
		return 0;
	section_is_running(thread);
	now_ns = section_charge(thread);
	thread->row = section_row(thread, SECTION_CALL_FAULT);
	thread->fault_ns = now_ns;
	thread->fault_address = address;
	section_count_entry(thread, PHASE_STATE_FAULT);
	return 0;
}

/* Touching memory for the first time causes thousands of faults, whose steps would fill the slot.
 * So from SECTION_FAULTS_APART on, faults in a row are merged into one step. Returns whether this
 * one was. */
static __always_inline bool section_faults_merge(struct section_thread *thread, __u64 begin_ns,
						 __u64 now_ns)
{
	__u32 bytes = sizeof(struct section_step) + sizeof(struct section_faults);
	struct section_faults *faults;
	struct section_draft draft;

	if (thread->last_step != SECTION_STEP_PAGE_FAULT &&
	    thread->last_step != SECTION_STEP_PAGE_FAULTS) {
		thread->fault_run = 0;
		return false;
	}
	if (++thread->fault_run < SECTION_FAULTS_APART)
		return false;
	draft.step = section_step_last(thread, thread->faults_place, bytes);
	if (!draft.step) {
		draft = section_step_begin(thread, SECTION_STEP_PAGE_FAULTS, now_ns,
					   sizeof(*faults), 0);
		thread->faults_place = draft.start;
		if (!draft.step)
			return true;
		faults = (struct section_faults *)section_step_extra(&draft);
		faults->since_ns = begin_ns;
		faults->count = 0;
		__builtin_memset(faults->reserved, 0, sizeof(faults->reserved));
	}
	faults = (struct section_faults *)section_step_extra(&draft);
	faults->count++;
	draft.step->time_ns = now_ns;
	draft.step->duration_ns += now_ns - begin_ns;
	return true;
}

/* The kernel counts its software events for page faults when the fault has been handled. There is
 * no tracepoint at that place. */
static __always_inline void section_fault_done(struct bpf_perf_event_data *context, bool major)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct section_thread *thread = section_current(task);
	struct section_stacks stacks = {.user = USER_STACK_NONE};
	struct section_draft draft;
	__u64 begin_ns, now_ns, duration_ns;

	if (!thread || !thread->fault_ns)
		return;
	now_ns = section_charge(thread);
	begin_ns = thread->fault_ns;
	duration_ns = now_ns - begin_ns;
	thread->fault_ns = 0;
	thread->row = 0;
	if (!major && duration_ns < section_settings.call_stack_ns &&
	    section_faults_merge(thread, begin_ns, now_ns))
		return;
	if (duration_ns >= section_settings.call_stack_ns && major)
		section_find_user_stack(task, USER_STACK_INTERRUPTS_ON, &stacks);
	draft = section_step_begin(
		thread, SECTION_STEP_PAGE_FAULT, now_ns, 0,
		section_stacks_space(&stacks, section_settings.user_stack_bytes));
	if (!draft.step)
		return;
	section_add_user(task, &draft, &stacks, section_settings.user_stack_bytes);
	draft.step->number = major;
	draft.step->value = thread->fault_address;
	draft.step->duration_ns = duration_ns;
	section_step_trim(thread, &draft);
}

SEC("perf_event")
int sect_minor_fault_done(struct bpf_perf_event_data *context)
{
	section_fault_done(context, false);
	return 0;
}

SEC("perf_event")
int sect_major_fault_done(struct bpf_perf_event_data *context)
{
	section_fault_done(context, true);
	return 0;
}

SEC("perf_event")
int sect_sample(struct bpf_perf_event_data *context)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct section_thread *thread = section_current(task);
	struct section_stacks stacks = {.user = USER_STACK_NONE};
	struct section_draft draft;
	__u64 now_ns;

	if (!thread)
		return 0;
	now_ns = section_charge(thread);
	section_find_kernel_stack(context, &stacks);
	section_find_user_stack(task, USER_STACK_INTERRUPTS_OFF, &stacks);
	draft = section_step_begin(
		thread, SECTION_STEP_SAMPLE, now_ns, 0,
		section_stacks_space(&stacks, section_settings.user_stack_bytes));
	if (!draft.step)
		return 0;
	section_add_stacks(context, task, &draft, &stacks, 0, section_settings.user_stack_bytes);
	section_step_end(thread, &draft, SECTION_NO_BEGIN);
	if (thread->sections[0].source == SECTION_SOURCE_MEASURED)
		section_samples_measured++;
	return 0;
}

static __always_inline void section_end_of_thread(struct section_thread *thread)
{
	__u64 end_ns = section_end_ns;

	if (section_request_done(thread))
		return;
	if (end_ns) {
		sections_end(thread, end_ns, SECTION_END_RECORDING_ENDED, 0);
		return;
	}
	section_is_running(thread);
	sections_end(thread, bpf_ktime_get_boot_ns(), SECTION_END_THREAD_ENDED, 0);
}

/* Notes the end of a process that has histograms. */
static __always_inline void section_end_of_process(struct task_struct *task)
{
	struct section_process_key process = {.pid = (__u32)task->tgid};
	__u64 *ended_ns;

	if (task->signal->live.counter != 0)
		return;
	process.process_start_ns = task->group_leader->start_boottime;
	ended_ns = bpf_map_lookup_elem(&section_processes, &process);
	if (!ended_ns || *ended_ns)
		return;
	*ended_ns = bpf_ktime_get_boot_ns();
	__sync_fetch_and_add(&section_processes_ended, 1);
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(sect_thread_end, struct task_struct *task)
{
	struct section_thread *thread = section_thread_open(task);

	if (thread)
		section_end_of_thread(thread);
	section_end_of_process(bpf_get_current_task_btf());
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
