/* analyze/cause/exit_code_text.c - exit codes as text */
#include <inttypes.h>

#include "abi/signal.h"
#include "analyze/cause/task_text.h"

/* " from bash[16672] itself": the sender of the signal that ended the child of `task` */
static void write_child_sender(FILE *out, const struct cause_child *child,
			       const struct dz_task *task)
{
	const struct cause_signal *signal = &child->generated;
	const struct dz_task *sender;

	if (child->kind == CAUSE_OOM)
		fputs(" of the out-of-memory killer", out);
	if (child->kind != CAUSE_SIGNAL || !signal->file)
		return;
	sender = dz_reader_task(signal->file->reader, signal->row.task);
	fputs(" from ", out);
	task_text_task(out, signal->file, sender);
	if (cause_is_same_process(sender, task))
		fputs(" itself", out);
}

static void write_child(FILE *out, const struct cause *cause)
{
	const struct cause_child *child = &cause->child;
	const struct dz_task *task = dz_reader_task(child->file->reader, child->task);
	const struct dz_task *parent =
		task ? dz_reader_task(child->file->reader, task->parent) : NULL;
	const struct signal_name name = signal_name(child->signal);

	fprintf(out, " (128 + %s): its child ", name.text);
	task_text_task(out, child->file, task);
	fprintf(out, " was killed by %s", name.text);
	write_child_sender(out, child, parent);
}

void exit_code_text_write(FILE *out, const struct cause *cause)
{
	uint32_t handled = (uint32_t)cause->handled.delivery.row.signal;

	fprintf(out, "exit code %" PRIu32, cause->exit_code);
	if (cause->handling == CAUSE_AFTER && cause->exit_code == CAUSE_CODE_SIGNAL_BASE + handled)
		fprintf(out, " (128 + %s)", signal_name(handled).text);
	switch (cause->code) {
	case CAUSE_CODE_PLAIN:
		return;
	case CAUSE_CODE_CHILD:
		write_child(out, cause);
		return;
	case CAUSE_CODE_NO_CHILD:
		fprintf(out, "; no child of it in the trace was killed by %s",
			signal_name(cause->exit_code - CAUSE_CODE_SIGNAL_BASE).text);
		return;
	case CAUSE_CODE_NOT_EXECUTABLE:
		fputs(" (shells: command cannot be executed)", out);
		break;
	case CAUSE_CODE_NOT_FOUND:
		fputs(" (shells: command not found)", out);
		break;
	case CAUSE_CODE_TIMEOUT:
		fputs(" (timeout: the time was up)", out);
		return;
	}
	if (cause->never_executed)
		fputs("; never executed a program of its own", out);
}
