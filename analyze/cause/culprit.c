/* analyze/cause/culprit.c - the frame held responsible for the end of a process */
#include "analyze/cause/culprit.h"

#include <fnmatch.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "analyze/trace/call_chain.h"
#include <dz/enums.h>

#define SYMBOL_MAX_BYTES 256u
#define MODULE_MAX_BYTES 64u

/* Functions of runtimes between the culprit and the system call, as symbol tables spell them. Those
 * that describe the end best come first. */
static const struct {
	const char *pattern;
	const char *how; /* NULL: its caller in the runtime describes the end */
	enum culprit_manner manner;
} runtime[] = {
	{"__assert_fail*", "failed assertion", CULPRIT_FOUND},
	{"__assert_perror_fail", "failed assertion", CULPRIT_FOUND},
	{"__assert", "failed assertion", CULPRIT_FOUND},
	{"__stack_chk_fail*", "stack smashing detected", CULPRIT_FOUND},
	{"__chk_fail", "buffer overflow detected", CULPRIT_FOUND},
	{"__*_chk", NULL, CULPRIT_FOUND},
	{"__fortify_fail*", "buffer overflow detected", CULPRIT_FOUND},
	{"_RNv*14stack_overflow*14signal_handler", "stack overflow", CULPRIT_FOUND},
	{"_ZN3std*14stack_overflow*14signal_handler*", "stack overflow", CULPRIT_FOUND},
	{"_R*4core9panicking*", "Rust panic", CULPRIT_FOUND},
	{"_R*3std9panicking*", "Rust panic", CULPRIT_FOUND},
	{"_ZN4core9panicking*", "Rust panic", CULPRIT_FOUND},
	{"_ZN3std9panicking*", "Rust panic", CULPRIT_FOUND},
	{"_RN*7___rustc*rust_panic*", "Rust panic", CULPRIT_FOUND},
	{"_RN*7___rustc*", NULL, CULPRIT_FOUND},
	{"rust_panic*", "Rust panic", CULPRIT_FOUND},
	{"rust_begin_unwind", "Rust panic", CULPRIT_FOUND},
	{"__rust_*", NULL, CULPRIT_FOUND},
	{"_R*__rust_end_short_backtrace*", NULL, CULPRIT_FOUND},
	{"_ZN3std*__rust_end_short_backtrace*", NULL, CULPRIT_FOUND},
	{"_RNv*4core*_failed", NULL, CULPRIT_FOUND},
	{"_RNv*4core*_fail", NULL, CULPRIT_FOUND},
	{"_RNv*4core4cell*panic_already*", NULL, CULPRIT_FOUND},
	{"_ZN4core*_fail*", NULL, CULPRIT_FOUND},
	{"_ZN4core4cell*panic_already*", NULL, CULPRIT_FOUND},
	{"_RN*3std7process5abort*", "abort()", CULPRIT_CALLED},
	{"_ZN3std7process5abort*", "abort()", CULPRIT_CALLED},
	{"_RN*3std7process4exit*", "exit()", CULPRIT_EXITED},
	{"_ZN3std7process4exit*", "exit()", CULPRIT_EXITED},
	{"_RN*3std3sys*", NULL, CULPRIT_CALLED},
	{"_ZN3std3sys*", NULL, CULPRIT_CALLED},
	{"runtime.gopanic*", "Go panic", CULPRIT_FOUND},
	{"runtime.panic*", "Go panic", CULPRIT_FOUND},
	{"runtime.goPanic*", "Go panic", CULPRIT_FOUND},
	{"runtime.sigpanic*", "Go panic", CULPRIT_FOUND},
	{"runtime.fatalpanic*", "Go panic", CULPRIT_FOUND},
	{"runtime.throw*", "fatal error of the Go runtime", CULPRIT_FOUND},
	{"runtime.fatal*", "fatal error of the Go runtime", CULPRIT_FOUND},
	{"os.Exit", "os.Exit()", CULPRIT_EXITED},
	{"syscall.Exit", "syscall.Exit()", CULPRIT_EXITED},
	{"os.runtime_beforeExit*", NULL, CULPRIT_CALLED},
	{"runtime.*", NULL, CULPRIT_CALLED},
	{"_ZN7VMError*report_and_die*", "fatal error of the Java machine (hs_err)", CULPRIT_FOUND},
	{"_Z*report_vm_error*", "fatal error of the Java machine (hs_err)", CULPRIT_FOUND},
	{"JVM_handle_linux_signal", NULL, CULPRIT_FOUND},
	{"_ZN*PosixSignals*", NULL, CULPRIT_FOUND},
	{"_Z*crash_handler*", NULL, CULPRIT_FOUND},
	{"_ZN2os5abort*", NULL, CULPRIT_FOUND},
	{"__cxa_throw", "uncaught C++ exception", CULPRIT_THREW},
	{"__cxa_rethrow", "uncaught C++ exception", CULPRIT_THREW},
	{"__cxa_pure_virtual", "call of a pure virtual function", CULPRIT_FOUND},
	{"__cxa_deleted_virtual", "call of a deleted virtual function", CULPRIT_FOUND},
	{"_ZSt*__throw_*", NULL, CULPRIT_THREW},
	{"_ZSt9terminatev", "std::terminate()", CULPRIT_CALLED},
	{"_ZSt10unexpectedv", "std::unexpected()", CULPRIT_CALLED},
	{"_ZN9__gnu_cxx27__verbose_terminate_handlerEv", NULL, CULPRIT_CALLED},
	{"_ZN10__cxxabiv1*", NULL, CULPRIT_CALLED},
	{"__cxa_call_*", NULL, CULPRIT_CALLED},
	{"__gxx_personality*", NULL, CULPRIT_CALLED},
	{"__clang_call_terminate", NULL, CULPRIT_CALLED},
	{"_Unwind_*", NULL, CULPRIT_CALLED},
	{"free", "heap corruption found by free()", CULPRIT_FOUND},
	{"cfree", "heap corruption found by free()", CULPRIT_FOUND},
	{"__libc_free", "heap corruption found by free()", CULPRIT_FOUND},
	{"malloc", "heap corruption found by malloc()", CULPRIT_FOUND},
	{"__libc_malloc", "heap corruption found by malloc()", CULPRIT_FOUND},
	{"calloc", "heap corruption found by calloc()", CULPRIT_FOUND},
	{"__libc_calloc", "heap corruption found by calloc()", CULPRIT_FOUND},
	{"realloc", "heap corruption found by realloc()", CULPRIT_FOUND},
	{"__libc_realloc", "heap corruption found by realloc()", CULPRIT_FOUND},
	{"malloc_printerr*", "heap corruption found by malloc", CULPRIT_FOUND},
	{"__malloc_assert", "heap corruption found by malloc", CULPRIT_FOUND},
	{"_int_*", NULL, CULPRIT_FOUND},
	{"_mid_memalign*", NULL, CULPRIT_FOUND},
	{"tcache_*", NULL, CULPRIT_FOUND},
	{"sysmalloc*", NULL, CULPRIT_FOUND},
	{"unlink_chunk*", NULL, CULPRIT_FOUND},
	{"_Zd[al]Pv*", NULL, CULPRIT_FOUND},
	{"_Zn[aw]m*", NULL, CULPRIT_FOUND},
	{"__libc_fatal", "fatal error of the C library", CULPRIT_FOUND},
	{"__libc_message*", NULL, CULPRIT_FOUND},
	{"abort", "abort()", CULPRIT_CALLED},
	{"quick_exit", "quick_exit()", CULPRIT_EXITED},
	{"exit", "exit()", CULPRIT_EXITED},
	{"_exit", "_exit()", CULPRIT_EXITED},
	{"_Exit", "_Exit()", CULPRIT_EXITED},
	{"__run_exit_handlers", NULL, CULPRIT_CALLED},
	{"__GI_*", NULL, CULPRIT_CALLED},
	{"raise", "raise()", CULPRIT_CALLED},
	{"gsignal", "raise()", CULPRIT_CALLED},
	{"pthread_kill*", "pthread_kill()", CULPRIT_CALLED},
	{"__pthread_kill*", NULL, CULPRIT_CALLED},
	{"tgkill", "tgkill()", CULPRIT_CALLED},
	{"kill", "kill()", CULPRIT_CALLED},
	{"__restore_rt", NULL, CULPRIT_CALLED},
};

/* Functions that call main() or start threads. They call exit() with the result of main(). */
static const char *const starters[] = {
	"__libc_start_call_main",
	"__libc_start_main*",
	"_start",
	"start_thread",
	"clone",
	"clone3",
	"__clone*",
	"runtime.main",
	"runtime.goexit*",
	"_*__rust_begin_short_backtrace*",
};

/* Files that contain only runtime code. Most of their inner functions have no symbols. */
static const char *const runtime_modules[] = {
	"libc.so*",       "libc-2.*.so",    "ld-linux*.so*", "ld-2.*.so",
	"libpthread.so*", "libpthread-2.*", "libstdc++.so*", "libgcc_s.so*",
	"libc++*.so*",    "ld-musl-*",      "libc.musl-*",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Copies the symbol of a frame. Returns false if it has none, or a longer one. */
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

/* Returns the index of a symbol in runtime[], COUNT(runtime) if it is not there. */
static size_t find_runtime(const char *symbol)
{
	size_t i = 0;

	/* fnmatch() is slow, and most patterns differ in the first letter. */
	while (i < COUNT(runtime) &&
	       (runtime[i].pattern[0] != symbol[0] || fnmatch(runtime[i].pattern, symbol, 0) != 0))
		i++;
	return i;
}

static bool matches_one_of(const char *text, const char *const patterns[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (fnmatch(patterns[i], text, 0) == 0)
			return true;
	return false;
}

static bool is_starter(const char *symbol)
{
	return matches_one_of(symbol, starters, COUNT(starters));
}

static bool is_marker(const struct dz_frame *frame)
{
	return frame && frame->type == DZ_FRAME_TYPE_MARKER;
}

static bool is_in_runtime_module(const struct trace_file *file, const struct dz_frame *frame)
{
	struct trace_text base = call_base_name(call_frame_module(file, frame));
	char name[MODULE_MAX_BYTES];

	if (base.size == 0 || base.size >= sizeof(name))
		return false;
	memcpy(name, base.bytes, base.size);
	name[base.size] = '\0';
	return matches_one_of(name, runtime_modules, COUNT(runtime_modules));
}

static const struct culprit no_culprit = {NULL, CULPRIT_CALLED, NULL, NULL};

static struct culprit find_end(const struct trace_file *file, uint64_t stack)
{
	struct culprit culprit = no_culprit;
	size_t best = COUNT(runtime);
	struct call_chain chain;

	call_chain_load(file, stack, &chain);
	for (size_t i = 0; i < chain.count && !is_marker(chain.frames[i]); i++) {
		char symbol[SYMBOL_MAX_BYTES];
		bool named = copy_symbol(file, chain.frames[i], symbol);
		size_t place = named ? find_runtime(symbol) : COUNT(runtime);

		if (named && is_starter(symbol))
			return no_culprit;
		if (place == COUNT(runtime) && !is_in_runtime_module(file, chain.frames[i])) {
			culprit.frame = chain.frames[i];
			break;
		}
		if (place < best && runtime[place].how)
			best = place;
	}
	if (best == COUNT(runtime))
		return no_culprit;
	culprit.how = runtime[best].how;
	culprit.manner = runtime[best].manner;
	return culprit;
}

/* For a fault in the C library, or at an address without code, the caller is responsible as well:
 * it passed the pointer, or jumped there. */
static struct culprit find_fault(const struct trace_file *file, uint64_t stack)
{
	struct culprit culprit = no_culprit;
	struct call_chain chain;
	size_t outside = 0;

	call_chain_load(file, stack, &chain);
	if (chain.count == 0)
		return culprit;
	if (is_marker(chain.frames[0]))
		outside = 1;
	else
		culprit.frame = chain.frames[0];
	while (outside < chain.count && is_in_runtime_module(file, chain.frames[outside]))
		outside++;
	if (outside > 0 && outside < chain.count && !is_marker(chain.frames[outside]))
		culprit.caller = chain.frames[outside];
	return culprit;
}

/* Returns whether a frame at the end of the calls is not shown: it belongs to the start of the
 * program or thread. */
static bool is_of_the_start(const struct trace_file *file, const struct dz_frame *frame)
{
	char symbol[SYMBOL_MAX_BYTES];

	if (!copy_symbol(file, frame, symbol))
		return is_in_runtime_module(file, frame);
	return is_marker(frame);
}

static bool is_beyond_main(const struct trace_file *file, const struct call_chain *chain,
			   size_t place)
{
	char symbol[SYMBOL_MAX_BYTES];

	if (copy_symbol(file, chain->frames[place], symbol) && is_starter(symbol))
		return true;
	return place > 0 && copy_symbol(file, chain->frames[place - 1], symbol) &&
	       (strcmp(symbol, "main") == 0 || strcmp(symbol, "main.main") == 0);
}

struct culprit_calls culprit_calls(const struct trace_file *file, const struct call_chain *chain,
				   const struct culprit *culprit)
{
	struct culprit_calls calls = {0, 0};

	if (!culprit->frame)
		return calls;
	while (calls.first < chain->count && chain->frames[calls.first] != culprit->frame)
		calls.first++;
	calls.end = calls.first;
	while (calls.end < chain->count && !is_beyond_main(file, chain, calls.end))
		calls.end++;
	while (calls.end > calls.first + 1 && is_of_the_start(file, chain->frames[calls.end - 1]))
		calls.end--;
	return calls;
}

struct culprit culprit_find(const struct cause *cause)
{
	switch ((int)cause->kind) {
	case CAUSE_FAULT:
		return find_fault(cause->user.file, cause->user.stack);
	case CAUSE_UNKNOWN:
		return cause->signal == SIGABRT ? find_end(cause->user.file, cause->user.stack)
						: no_culprit;
	case CAUSE_ABORT:
	case CAUSE_RAISED:
	case CAUSE_EXIT:
	case CAUSE_EXIT_CODE:
		return find_end(cause->user.file, cause->user.stack);
	default:
		return no_culprit;
	}
}
