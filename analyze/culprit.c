/* analyze/culprit.c - who called abort() or exit(): the frame that a person asks for */
#include "analyze/culprit.h"

#include <fnmatch.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "analyze/call_chain.h"

#define SYMBOL_MAX_BYTES 256u

/* Functions that pass an end on, as the symbol tables spell them; the most telling ones first. */
static const struct {
	const char *pattern;
	const char *how; /* NULL: says nothing that the caller would not */
} runtime[] = {
	{"__assert_fail*", "failed assertion"},
	{"__assert_perror_fail", "failed assertion"},
	{"__stack_chk_fail*", "stack smashing detected"},
	{"__chk_fail", "buffer overflow detected"},
	{"__*_chk", NULL},
	{"__fortify_fail*", "buffer overflow detected"},
	{"malloc_printerr*", "heap corruption found by malloc"},
	{"__malloc_assert", "heap corruption found by malloc"},
	{"_int_free*", NULL},
	{"_int_malloc", NULL},
	{"_int_realloc", NULL},
	{"__cxa_throw", "uncaught C++ exception"},
	{"__cxa_rethrow", "uncaught C++ exception"},
	{"__cxa_pure_virtual", "call of a pure virtual function"},
	{"_ZSt*__throw_*", NULL},
	{"_ZSt9terminatev", "std::terminate()"},
	{"_ZN9__gnu_cxx27__verbose_terminate_handlerEv", NULL},
	{"_ZN10__cxxabiv1*terminate*", NULL},
	{"rust_panic*", "Rust panic"},
	{"rust_begin_unwind", "Rust panic"},
	{"_ZN4core9panicking*", "Rust panic"},
	{"_ZN3std9panicking*", "Rust panic"},
	{"_ZN3std7process5abort*", "abort()"},
	{"_ZN3std3sys*abort*", "abort()"},
	{"runtime.gopanic", "Go panic"},
	{"runtime.fatal*", "fatal error of the Go runtime"},
	{"runtime.throw*", "fatal error of the Go runtime"},
	{"runtime.crash", NULL},
	{"runtime.dieFromSignal", NULL},
	{"runtime.raise*", NULL},
	{"_ZN7VMError14report_and_die*", "fatal error of the Java machine"},
	{"_ZN2os5abort*", NULL},
	{"__libc_fatal", "fatal error of the C library"},
	{"__libc_message*", NULL},
	{"abort", "abort()"},
	{"quick_exit", "quick_exit()"},
	{"exit", "exit()"},
	{"_exit", "_exit()"},
	{"_Exit", "_exit()"},
	{"__run_exit_handlers", NULL},
	{"__GI_*", NULL},
	{"raise", "raise()"},
	{"gsignal", "raise()"},
	{"pthread_kill*", NULL},
	{"__pthread_kill*", NULL},
	{"tgkill", NULL},
	{"kill", "kill()"},
};

/* Who calls exit() with what main() has returned. */
static const char *const starters[] = {"__libc_start_call_main", "__libc_start_main*", "_start",
				       "start_thread"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* False if it has none, or none that can be matched. */
static bool copy_symbol(const struct trace_file *file, const struct dz_frame *frame,
			char symbol[static SYMBOL_MAX_BYTES])
{
	struct trace_text text = trace_text(file, frame ? frame->symbol : 0);

	if (text.size == 0 || text.size >= SYMBOL_MAX_BYTES)
		return false;
	memcpy(symbol, text.bytes, text.size);
	symbol[text.size] = '\0';
	return true;
}

/* Its place in the table; COUNT(runtime) if it is none of them. */
static size_t find_runtime(const char *symbol)
{
	size_t i = 0;

	/* Matching is slow, and most differ in the first letter. */
	while (i < COUNT(runtime) &&
	       (runtime[i].pattern[0] != symbol[0] || fnmatch(runtime[i].pattern, symbol, 0) != 0))
		i++;
	return i;
}

static bool is_starter(const char *symbol)
{
	for (size_t i = 0; i < COUNT(starters); i++)
		if (fnmatch(starters[i], symbol, 0) == 0)
			return true;
	return false;
}

static struct culprit find_end(const struct trace_file *file, uint64_t stack)
{
	struct culprit culprit = {NULL, NULL, NULL};
	size_t telling = COUNT(runtime);
	struct call_chain chain;

	call_chain_load(file, stack, &chain);
	for (size_t i = 0; i < chain.count; i++) {
		char symbol[SYMBOL_MAX_BYTES];
		bool named = copy_symbol(file, chain.frames[i], symbol);
		size_t place = named ? find_runtime(symbol) : COUNT(runtime);

		if (chain.frames[i] && chain.frames[i]->family == CALL_MARKER)
			break;
		if (named && is_starter(symbol))
			return (struct culprit){NULL, NULL, NULL};
		if (place == COUNT(runtime)) {
			culprit.frame = chain.frames[i];
			break;
		}
		if (place < telling && runtime[place].how)
			telling = place;
	}
	if (telling == COUNT(runtime))
		return (struct culprit){NULL, NULL, NULL};
	culprit.how = runtime[telling].how;
	return culprit;
}

/* strlen() is not to blame for the pointer that it was given. */
static bool is_c_library(const struct trace_file *file, const struct dz_frame *frame)
{
	static const char name[] = "libc.so";
	struct trace_text base = call_base_name(call_frame_module(file, frame));

	return base.size >= strlen(name) && memcmp(base.bytes, name, strlen(name)) == 0;
}

static struct culprit find_fault(const struct trace_file *file, uint64_t stack)
{
	struct culprit culprit = {NULL, NULL, NULL};
	struct call_chain chain;
	size_t outside = 0;

	call_chain_load(file, stack, &chain);
	if (chain.count == 0)
		return culprit;
	culprit.frame = chain.frames[0];
	while (outside < chain.count && is_c_library(file, chain.frames[outside]))
		outside++;
	if (outside > 0 && outside < chain.count)
		culprit.caller = chain.frames[outside];
	return culprit;
}

struct culprit culprit_find(const struct cause *cause)
{
	switch ((int)cause->kind) {
	case CAUSE_FAULT:
		return find_fault(cause->user.file, cause->user.stack);
	case CAUSE_ABORT:
	case CAUSE_RAISED:
	case CAUSE_EXIT:
	case CAUSE_EXIT_CODE:
		return find_end(cause->user.file, cause->user.stack);
	default:
		return (struct culprit){NULL, NULL, NULL};
	}
}
