/* analyze/cause/exit_code.c - exit codes that are more than a number */
#include "analyze/cause/exit_code.h"

#include <string.h>

#include "abi/signal.h"
#include "analyze/cause/culprit.h"
#include "analyze/cause/runtime_functions.h"
#include "analyze/trace/call_chain.h"

/* Codes of Rust, of timeout(1), and of POSIX shells and all that execute programs. */
#define CODE_PANIC          101u
#define CODE_TIMEOUT        124u
#define CODE_NOT_EXECUTABLE 126u
#define CODE_NOT_FOUND      127u

static const char *const shells[] = {
	"sh",   "bash", "dash", "ash",     "rbash", "ksh", "ksh93",
	"mksh", "zsh",  "fish", "busybox", "tcsh",  "csh",
};

/* They execute another program in their place, or in a child. */
static const char *const executors[] = {
	"env",   "nice",   "nohup",   "timeout", "stdbuf",  "chroot",
	"xargs", "setsid", "setarch", "prlimit", "taskset", "ionice",
	"chrt",  "flock",  "nsenter", "unshare", "setpriv", "time",
};

/* Functions that start a program inside of the dynamic linker: glibc, musl. */
static const char *const loaders[] = {"dl_main", "__dls3"};

/* glibc in the child of posix_spawn(). */
static const char *const spawners[] = {"__spawni_child"};

/* What the dynamic linker was doing; the first function that the stack passes counts. */
static const struct {
	const char *function;
	const char *not_loaded;
} linker_tasks[] = {
	{"_dl_map_object_deps", "could not load a library"},
	{"_dl_check_map_versions", "did not find a version of a library"},
	{"_dl_relocate_object", "did not find a symbol"},
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

static bool is_one_of(struct trace_text name, const char *const words[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (is_text(name, words[i]))
			return true;
	return false;
}

static bool is_shell(struct trace_text name)
{
	return is_one_of(name, shells, COUNT(shells));
}

bool exit_code_is_of_execution(uint32_t code)
{
	return code == CODE_NOT_EXECUTABLE || code == CODE_NOT_FOUND;
}

/* Returns whether all of a stack, up to its outermost frame, is code of the dynamic linker. */
static bool is_in_linker(const struct trace_file *file, const struct call_chain *chain)
{
	for (size_t i = 0; i < chain->count; i++) {
		char name[CALL_NAME_MAX];
		struct trace_text base = call_base_name(call_frame_module(file, chain->frames[i]));

		if (base.size >= sizeof(name))
			return false;
		memcpy(name, base.bytes, base.size);
		name[base.size] = '\0';
		if (!runtime_is_linker(name))
			return false;
	}
	return chain->count > 0;
}

/* Before it starts the program, the dynamic linker ends the process if something is missing. */
static bool explain_linker(struct cause *cause)
{
	const struct trace_file *file = cause->user.file;
	uint64_t stack = cause->user.stack;
	struct call_chain chain;

	if (!file || cause->exit_code != CODE_NOT_FOUND)
		return false;
	call_chain_load(file, stack, &chain);
	if (!call_stack_is_named(file, stack, loaders, COUNT(loaders)) &&
	    !is_in_linker(file, &chain))
		return false;
	cause->code = CAUSE_CODE_NOT_LOADED;
	cause->not_loaded = "could not load it";
	for (size_t i = 0; i < COUNT(linker_tasks); i++) {
		if (!call_stack_is_named(file, stack, &linker_tasks[i].function, 1))
			continue;
		cause->not_loaded = linker_tasks[i].not_loaded;
		return true;
	}
	return true;
}

static bool explain_by_child(struct cause *cause, const struct process *process)
{
	const struct cause_child *child = process_find_child(process, 0, cause->exit_code);

	if (!child)
		return false;
	cause->code = CAUSE_CODE_OF_CHILD;
	cause->child = *child;
	return true;
}

static void explain_execution(struct cause *cause, const struct process *process,
			      const struct trace_event *event, const struct dz_task *task)
{
	struct trace_text name = find_name(event->file, task);
	const struct dz_exit *row = event->event.row;

	cause->never_executed = row->never_executed;
	cause->execution = process->execution;
	if (explain_linker(cause) || explain_by_child(cause, process))
		return;
	cause->code = cause->exit_code == CODE_NOT_FOUND ? CAUSE_CODE_NOT_FOUND
							 : CAUSE_CODE_NOT_EXECUTABLE;
	cause->executes_as = "shells";
	for (size_t i = 0; i < COUNT(executors); i++)
		if (is_text(name, executors[i]))
			cause->executes_as = executors[i];
	if (cause->user.file &&
	    call_stack_is_named(cause->user.file, cause->user.stack, spawners, COUNT(spawners)))
		cause->code = CAUSE_CODE_SPAWN;
	else if (!row->never_executed && !is_shell(name) &&
		 !is_one_of(name, executors, COUNT(executors)))
		cause->code = CAUSE_CODE_PLAIN;
}

/* Returns whether a stack shows that main() returned: nothing of the program called exit(). */
static bool has_returned_from_main(const struct cause *cause)
{
	struct call_chain chain;

	if (!cause->user.file || culprit_find(cause).how)
		return false;
	call_chain_load(cause->user.file, cause->user.stack, &chain);
	for (size_t i = 0; i < chain.count; i++) {
		char name[CALL_NAME_MAX];

		(void)call_frame_name(cause->user.file, chain.frames[i], name);
		if (runtime_is_starter(name))
			return true;
	}
	return false;
}

static bool is_rust(const struct trace_event *event)
{
	const struct dz_exit *row = event->event.row;

	return is_text(trace_text(event->file, row->runtime), "Rust");
}

static void explain_signal_code(struct cause *cause, const struct process *process, bool in_shell)
{
	uint32_t signal = cause->exit_code - CAUSE_CODE_SIGNAL_BASE;
	const struct cause_child *child = process_find_child(process, signal, 0);

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
		       const struct trace_event *event, const struct dz_task *task)
{
	struct trace_text name = find_name(event->file, task);
	uint32_t code = cause->exit_code;

	if (exit_code_is_of_execution(code))
		explain_execution(cause, process, event, task);
	else if (code == CODE_TIMEOUT && is_text(name, "timeout"))
		cause->code = CAUSE_CODE_TIMEOUT;
	else if (code == CODE_PANIC && is_rust(event) && has_returned_from_main(cause))
		cause->code = CAUSE_CODE_PANIC;
	else if (code > CAUSE_CODE_SIGNAL_BASE && code <= CAUSE_CODE_SIGNAL_BASE + SIGNAL_LARGEST)
		explain_signal_code(cause, process, is_shell(name));
}
