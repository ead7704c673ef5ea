/* analyze/cause/handling_text.c - text for an end after a handled signal */
#include <inttypes.h>
#include <signal.h>

#include "abi/signal.h"
#include "analyze/cause/culprit.h"
#include "analyze/cause/task_text.h"
#include "analyze/trace/call_chain.h"
#include "text/quantity.h"

/* "bash[22222]"; of a fault "a fault", and so on */
static void write_handled_source(FILE *out, const struct cause_handled *handled)
{
	const struct cause_signal *generated = &handled->generated;

	if (handled->kind == CAUSE_TERMINAL)
		fputs("its terminal", out);
	else if (!cause_kind_has_sender(handled->kind))
		fputs("the kernel", out);
	else if (generated->file)
		task_text_task(out, generated->file,
			       dz_reader_task(generated->file->reader, generated->row.task));
	else
		fprintf(out, "pid %" PRIu64, handled->delivery.row.sender_pid);
}

/* ", 5.0 ms after it handled SIGTERM from bash[22222]" */
static void write_after(FILE *out, const struct cause *cause)
{
	const struct cause_handled *handled = &cause->handled;
	struct cause fault = *cause;
	struct cause storage;

	fprintf(out, ", %s after it handled %s", quantity_of_duration(handled->before_ns).text,
		signal_name((uint32_t)handled->delivery.row.signal).text);
	if (handled->kind != CAUSE_FAULT) {
		fputs(" from ", out);
		write_handled_source(out, handled);
		return;
	}
	fault.kind = CAUSE_FAULT;
	fault.generated = handled->generated;
	fault.delivery = handled->delivery;
	culprit_text_fault(out, cause_at_fault(&fault, &storage));
}

/* Returns whether a frame is one of those that the handler interrupted: the handler belongs to a
 * runtime, and the function of the fault is named already. */
static bool is_interrupted(const struct cause_stack *interrupted, const struct dz_frame *frame)
{
	struct call_chain chain;

	if (!interrupted->file)
		return false;
	call_chain_load(interrupted->file, interrupted->stack, &chain);
	for (size_t i = 0; frame && i < chain.count; i++)
		if (chain.frames[i] == frame)
			return true;
	return false;
}

/* What the handler of a fault did. */
static void write_then(FILE *out, const struct cause *cause)
{
	struct cause end = *cause;
	struct culprit culprit;

	fprintf(out, "; then in its handler %s", signal_name(cause->signal).text);
	end.kind = cause->signal == SIGABRT ? CAUSE_ABORT : CAUSE_RAISED;
	culprit = culprit_find(&end);
	if (culprit.how && is_interrupted(&cause->handled.interrupted, culprit.frame))
		fprintf(out, ", %s", culprit.how);
	else if (!culprit_text_end(out, &end))
		fputs(", raised by itself", out);
}

/* The fault that the handler of the first one had. */
static void write_second(FILE *out, const struct cause *cause)
{
	struct cause second = *cause;

	fprintf(out, "; then in its handler %s", signal_name(cause->signal).text);
	second.kind = CAUSE_FAULT;
	second.handling = CAUSE_NOT_HANDLED;
	second.generated = cause->second;
	culprit_text_fault(out, &second);
}

void handling_text_write(FILE *out, const struct cause *cause)
{
	switch (cause->handling) {
	case CAUSE_NOT_HANDLED:
		return;
	case CAUSE_RERAISED:
		fprintf(out, "; its handler re-raised it %s later",
			quantity_of_duration(cause->handled.before_ns).text);
		return;
	case CAUSE_FAULT_FIRST:
		write_then(out, cause);
		return;
	case CAUSE_FAULT_TWICE:
		write_second(out, cause);
		return;
	case CAUSE_NO_STACK:
		fputs("; the stack had no room for its handler", out);
		return;
	case CAUSE_AFTER:
		write_after(out, cause);
		return;
	}
}
