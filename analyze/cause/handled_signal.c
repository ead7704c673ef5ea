/* analyze/cause/handled_signal.c - joins the end of a process with a signal that it handled */
#include "analyze/cause/handled_signal.h"

#include <signal.h>

#include "abi/signal.h"
#include "analyze/cause/signal_kind.h"
#include "analyze/trace/call_chain.h"
#include <dz/enums.h>

/* An end later than this after a signal was handled is not said to have come after it. */
#define SOON_NS (UINT64_C(90) * 1000000000)

#define ALL_SIGNALS UINT64_MAX /* for find_last() */

/* Where the kernel lets a handler return to. */
static const char *const signal_returns[] = {
	"__restore_rt",       "__restore",         "__kernel_rt_sigreturn",
	"__kernel_sigreturn", "runtime.sigreturn", "runtime.sigreturn__sigaction",
};

/* Functions that send a signal. */
static const char *const senders[] = {
	"raise", "gsignal", "kill", "tgkill", "pthread_kill", "__pthread_kill", "runtime.raise",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What a user stack says about handlers. */
struct handler_stack {
	bool in_handler; /* it passes the frame of a signal */
	bool raising;    /* the thread was sending a signal */
	struct cause_stack interrupted;
	size_t handlers;          /* frames of signals */
	struct cause_stack first; /* that the outermost handler interrupted; 0: not in the stack */
};

static bool is_marker(const struct dz_frame *frame)
{
	return !frame || frame->type == DZ_FRAME_TYPE_MARKER;
}

/* A frame of a signal; `caller` is the stack that the handler interrupted. */
static void add_handler(struct handler_stack *found, const struct cause_stack *caller)
{
	if (!found->in_handler)
		found->interrupted = *caller;
	found->in_handler = true;
	found->handlers++;
	found->first = *caller;
}

/* The stack of a frame's caller is a stack of the file, too. */
static struct handler_stack look_at(const struct cause_stack *user)
{
	struct handler_stack found = {.in_handler = false};
	uint64_t stack = user->file ? user->stack : 0;

	for (size_t i = 0; stack != 0 && i < CALL_CHAIN_MAX; i++) {
		const struct dz_stack *row = dz_reader_stack(user->file->reader, stack);
		const struct dz_frame *frame;

		if (!row)
			return found;
		frame = dz_reader_frame(user->file->reader, row->frame);
		stack = row->caller;
		if (is_marker(frame))
			found.first.stack = 0;
		if (!found.in_handler &&
		    call_frame_is_named(user->file, frame, senders, COUNT(senders)))
			found.raising = true;
		if (call_frame_is_named(user->file, frame, signal_returns, COUNT(signal_returns)))
			add_handler(&found, &(struct cause_stack){user->file, stack});
	}
	return found;
}

static uint32_t number_of(const struct process_handled *handled)
{
	return (uint32_t)handled->delivery.row.signal;
}

/* Returns whether a signal can explain an end. */
static bool explains(const struct process_handled *handled)
{
	switch ((int)handled->kind) {
	case CAUSE_RAISED:
	case CAUSE_ABORT:
	case CAUSE_TIMER:
	case CAUSE_CHILD:
	case CAUSE_IO:
	case CAUSE_UNKNOWN:
		return false;
	default:
		break;
	}
	switch (number_of(handled)) {
	case SIGCHLD:
	case SIGCONT:
	case SIGURG:
	case SIGWINCH:
	case SIGALRM:
	case SIGVTALRM:
	case SIGPROF:
	case SIGTSTP:
	case SIGTTIN:
	case SIGTTOU:
		return false;
	default:
		return true;
	}
}

static uint64_t bit_of(uint32_t signal)
{
	return UINT64_C(1) << (signal - 1);
}

/* Returns the last of the signals `numbers` (bits of bit_of()) that thread `tid` took; 0: any. */
static const struct process_handled *find_last(const struct process *process, uint32_t tid,
					       uint64_t numbers)
{
	const struct process_handled *last = NULL;

	for (const struct process_handled *at = process->handled; at; at = at->next)
		if ((tid == 0 || at->tid == tid) && numbers & bit_of(number_of(at)))
			last = at;
	return last;
}

static void set_handled(struct cause *cause, const struct process_handled *handled,
			const struct handler_stack *stack, uint64_t end_ns)
{
	cause->handled = (struct cause_handled){
		.delivery = handled->delivery,
		.generated = handled->generated,
		.kind = handled->kind,
		.interrupted = stack->interrupted,
	};
	if (end_ns > handled->delivery.row.time)
		cause->handled.before_ns = end_ns - handled->delivery.row.time;
}

/* The first signal is the cause. */
static void take_first(struct cause *cause)
{
	const struct cause_handled *first = &cause->handled;

	cause->kind = first->kind;
	cause->generated = first->generated;
	cause->delivery = first->delivery;
	cause->pending_ns = 0;
	if (first->generated.file && first->delivery.row.time > first->generated.row.time)
		cause->pending_ns = first->delivery.row.time - first->generated.row.time;
}

static bool is_soon(const struct process_handled *handled, uint64_t end_ns)
{
	return end_ns >= handled->delivery.row.time &&
	       end_ns - handled->delivery.row.time <= SOON_NS;
}

/* A handler of a fault runs in the thread of the fault. A program that survived one, as Java
 * machines do all the time, may send this signal to itself later. */
static bool can_be_reraised(const struct process_handled *handled,
			    const struct handler_stack *stack, uint32_t sender_tid)
{
	if (!explains(handled))
		return false;
	if (handled->kind != CAUSE_FAULT)
		return true;
	return handled->tid == sender_tid && (stack->in_handler || !stack->raising);
}

bool handled_signal_is_repeated(const struct process *process,
				const struct process_handled *handled)
{
	const struct process_handled *first = find_last(process, 0, bit_of(number_of(handled)));

	return signal_kind_is_own(handled->kind) && first && explains(first) &&
	       (first->kind != CAUSE_FAULT || first->tid == handled->tid) &&
	       is_soon(first, handled->delivery.row.time);
}

/* Returns whether the stack had no room for the handler of a stack overflow. */
static bool had_no_stack(const struct cause *cause, const struct process_handled *handled)
{
	const struct dz_signal *first = &handled->generated.row;

	return cause->kind == CAUSE_FAULT && cause->signal == SIGSEGV && handled->generated.file &&
	       cause->generated.row.code == SIGNAL_CODE_KERNEL && number_of(handled) == SIGSEGV &&
	       first->value & SIGNAL_VALUE_NO_ROOM;
}

static uint32_t find_sender_tid(const struct cause *cause)
{
	const struct dz_task *sender =
		dz_reader_task(cause->generated.file->reader, cause->generated.row.task);

	return sender ? (uint32_t)sender->tid : 0;
}

/* Returns the fault that a thread handled as it had another one. What came between, if anything,
 * are signals that the handlers sent to themselves, and each has its frame in the stack. */
static const struct process_handled *find_fault_before(const struct process *process, uint32_t tid,
						       const struct handler_stack *stack)
{
	const struct process_handled *last = find_last(process, tid, ALL_SIGNALS);
	const struct process_handled *fault = NULL;

	if (!last || !stack->in_handler)
		return NULL;
	if (last->kind == CAUSE_FAULT)
		return last;
	if (!signal_kind_is_own(last->kind) || stack->handlers < 2)
		return NULL;
	for (const struct process_handled *at = process->handled; at; at = at->next)
		if (at->tid == tid && at->kind == CAUSE_FAULT)
			fault = at;
	return fault;
}

static void join_faults(struct cause *cause, const struct process *process, uint32_t tid,
			const struct handler_stack *stack)
{
	const struct process_handled *before = find_fault_before(process, tid, stack);

	if (!before)
		return;
	cause->handling = CAUSE_FAULT_TWICE;
	cause->second = cause->generated;
	set_handled(cause, before, stack, cause->generated.row.time);
	cause->handled.interrupted = stack->first;
	take_first(cause);
}

void handled_signal_join_death(struct cause *cause, const struct process *process)
{
	struct handler_stack stack;
	const struct process_handled *same, *last;
	uint64_t end_ns = cause->generated.row.time;
	uint32_t tid;

	if (!process->handled || !cause->generated.file || cause->signal == 0 ||
	    cause->signal > SIGNAL_LARGEST)
		return;
	stack = look_at(&cause->user);
	tid = find_sender_tid(cause);
	last = find_last(process, tid, ALL_SIGNALS);
	if (last && had_no_stack(cause, last)) {
		cause->handling = CAUSE_NO_STACK;
		set_handled(cause, last, &stack, end_ns);
		take_first(cause);
		return;
	}
	if (cause->kind == CAUSE_FAULT)
		join_faults(cause, process, tid, &stack);
	if (!signal_kind_is_own(cause->kind))
		return;
	same = find_last(process, 0, bit_of(cause->signal));
	if (same && can_be_reraised(same, &stack, tid) && is_soon(same, end_ns)) {
		cause->handling = CAUSE_RERAISED;
		set_handled(cause, same, &stack, end_ns);
		take_first(cause);
	} else if (last && stack.in_handler && explains(last)) {
		cause->handling = last->kind == CAUSE_FAULT ? CAUSE_FAULT_FIRST : CAUSE_AFTER;
		set_handled(cause, last, &stack, end_ns);
		if (cause->handling == CAUSE_FAULT_FIRST)
			take_first(cause);
	}
}

/* Returns the last signal that can explain an end. */
static const struct process_handled *find_last_explaining(const struct process *process)
{
	const struct process_handled *last = NULL;

	for (const struct process_handled *at = process->handled; at; at = at->next)
		if (explains(at) && at->kind != CAUSE_FAULT)
			last = at;
	return last;
}

static const struct process_handled *find_before_exit(const struct cause *cause,
						      const struct process *process,
						      const struct ending_thread *thread,
						      bool in_handler)
{
	const uint64_t requests = bit_of(SIGTERM) | bit_of(SIGINT) | bit_of(SIGQUIT);
	const struct process_handled *last = find_last(process, thread->tid, ALL_SIGNALS);

	if (in_handler && last && explains(last))
		return last;
	last = find_last_explaining(process);
	if (last && cause->exit_code == CAUSE_CODE_SIGNAL_BASE + number_of(last))
		return last;
	last = find_last(process, 0, requests);
	return last && explains(last) && is_soon(last, thread->time) ? last : NULL;
}

void handled_signal_join_exit(struct cause *cause, const struct process *process,
			      const struct ending_thread *thread)
{
	struct handler_stack stack;
	const struct process_handled *found;

	if (!process->handled)
		return;
	stack = look_at(&cause->user);
	found = find_before_exit(cause, process, thread, stack.in_handler);
	if (!found)
		return;
	cause->handling = CAUSE_AFTER;
	set_handled(cause, found, &stack, thread->time);
}
