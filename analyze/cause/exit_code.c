/* analyze/cause/exit_code.c - exit codes that are more than a number */
#include "analyze/cause/exit_code.h"

#include <string.h>

#include "abi/signal.h"

/* Codes of POSIX shells, and of timeout(1). */
#define CODE_TIMEOUT        124u
#define CODE_NOT_EXECUTABLE 126u
#define CODE_NOT_FOUND      127u

static const char *const shells[] = {
	"sh",   "bash", "dash", "ash",     "rbash", "ksh", "ksh93",
	"mksh", "zsh",  "fish", "busybox", "tcsh",  "csh",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct trace_text find_name(const struct trace_file *file, const struct dz_task *task)
{
	return trace_text(file, trace_process_comm(task));
}

static bool is_text(struct trace_text text, const char *word)
{
	return text.size == strlen(word) && memcmp(text.bytes, word, text.size) == 0;
}

static bool is_shell(struct trace_text name)
{
	for (size_t i = 0; i < COUNT(shells); i++)
		if (is_text(name, shells[i]))
			return true;
	return false;
}

/* Whether a process still has the program of its parent, as far as names and arguments show. */
struct fork_state {
	bool same_name;
	bool arguments_known;
	bool same_arguments;
};

static struct fork_state compare_with_parent(const struct trace_file *file,
					     const struct dz_task *task)
{
	const struct dz_task *parent = dz_reader_task(file->reader, task->parent);
	struct fork_state state = {.same_name = false};
	struct trace_text own = trace_text(file, task->command_line), other;

	if (!parent)
		return state;
	other = trace_text(file, parent->command_line);
	state.same_name = trace_text_compare(find_name(file, task), find_name(file, parent)) == 0;
	state.arguments_known = own.size > 0 && other.size > 0;
	state.same_arguments = state.arguments_known && trace_text_compare(own, other) == 0;
	return state;
}

static void explain_execution(struct cause *cause, const struct trace_file *file,
			      const struct dz_task *task)
{
	struct fork_state state = compare_with_parent(file, task);
	bool is_fork = state.same_name && (!state.arguments_known || state.same_arguments);

	if (!is_fork && !is_shell(find_name(file, task)))
		return;
	cause->code = cause->exit_code == CODE_NOT_FOUND ? CAUSE_CODE_NOT_FOUND
							 : CAUSE_CODE_NOT_EXECUTABLE;
	cause->never_executed = state.same_name && state.same_arguments;
}

static void explain_signal_code(struct cause *cause, const struct process *process, bool in_shell)
{
	uint32_t signal = cause->exit_code - CAUSE_CODE_SIGNAL_BASE;
	const struct cause_child *child = process_find_child(process, signal);

	if (cause->handling != CAUSE_NOT_HANDLED)
		return;
	if (child) {
		cause->code = CAUSE_CODE_CHILD;
		cause->child = *child;
	} else if (in_shell) {
		cause->code = CAUSE_CODE_NO_CHILD;
	}
}

void exit_code_explain(struct cause *cause, const struct process *process,
		       const struct trace_file *file, const struct dz_task *task)
{
	uint32_t code = cause->exit_code;

	if (code == CODE_NOT_EXECUTABLE || code == CODE_NOT_FOUND)
		explain_execution(cause, file, task);
	else if (code == CODE_TIMEOUT && is_text(find_name(file, task), "timeout"))
		cause->code = CAUSE_CODE_TIMEOUT;
	else if (code > CAUSE_CODE_SIGNAL_BASE && code <= CAUSE_CODE_SIGNAL_BASE + SIGNAL_LARGEST)
		explain_signal_code(cause, process, is_shell(find_name(file, task)));
}
