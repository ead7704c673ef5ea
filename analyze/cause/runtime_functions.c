/* analyze/cause/runtime_functions.c - functions and files of the runtimes of languages
 *
 * To make another runtime known, add its lines. A pattern is as for fnmatch(3), with the names as
 * the symbol tables spell them. */
#include "analyze/cause/runtime_functions.h"

#include <fnmatch.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The line that says most comes first. */
static const struct runtime_function functions[] = {
	{"g_assertion_message*", "failed assertion", CULPRIT_FOUND, true},
	{"_ZSt21__glibcxx_assert_fail*", "failed assertion", CULPRIT_FOUND, true},
	{"_ZSt18__replacement_assert*", "failed assertion", CULPRIT_FOUND, true},
	{"_ZN6__asan*", "AddressSanitizer report", CULPRIT_FOUND, true},
	{"__asan_report_*", "AddressSanitizer report", CULPRIT_FOUND, true},
	{"_ZN6__lsan*", "LeakSanitizer report", CULPRIT_FOUND, false},
	{"_ZN6__tsan*", "ThreadSanitizer report", CULPRIT_FOUND, true},
	{"__ubsan_handle_*", "UndefinedBehaviorSanitizer report", CULPRIT_FOUND, true},
	{"_ZN7__ubsan*", NULL, CULPRIT_FOUND, false},
	{"_ZN11__sanitizer*", NULL, CULPRIT_FOUND, false},
	{"__interceptor_*", NULL, CULPRIT_FOUND, false},
	{"___interceptor_*", NULL, CULPRIT_FOUND, false},
	{"__asan_*", NULL, CULPRIT_FOUND, false},
	{"g_log", "fatal error logged", CULPRIT_LOGGED, true},
	{"g_logv", "fatal error logged", CULPRIT_LOGGED, true},
	{"g_log_structured*", "fatal error logged", CULPRIT_LOGGED, true},
	{"g_log_default_handler", NULL, CULPRIT_LOGGED, false},
	{"g_log_writer_*", NULL, CULPRIT_LOGGED, false},
	{"g_abort", NULL, CULPRIT_FOUND, false},
	{"__assert_fail*", "failed assertion", CULPRIT_FOUND, false},
	{"__assert_perror_fail", "failed assertion", CULPRIT_FOUND, false},
	{"__assert", "failed assertion", CULPRIT_FOUND, false},
	{"__stack_chk_fail*", "stack smashing detected", CULPRIT_FOUND, false},
	{"__chk_fail", "buffer overflow detected", CULPRIT_FOUND, false},
	{"__*_chk", NULL, CULPRIT_FOUND, false},
	{"__fortify_fail*", "buffer overflow detected", CULPRIT_FOUND, false},
	{"_RNv*14stack_overflow*14signal_handler", "stack overflow", CULPRIT_FOUND, false},
	{"_ZN3std*14stack_overflow*14signal_handler*", "stack overflow", CULPRIT_FOUND, false},
	{"_R*4core9panicking*", "Rust panic", CULPRIT_FOUND, true},
	{"_R*3std9panicking*", "Rust panic", CULPRIT_FOUND, true},
	{"_ZN4core9panicking*", "Rust panic", CULPRIT_FOUND, true},
	{"_ZN3std9panicking*", "Rust panic", CULPRIT_FOUND, true},
	{"_RN*7___rustc*rust_panic*", "Rust panic", CULPRIT_FOUND, false},
	{"_RN*7___rustc*", NULL, CULPRIT_FOUND, false},
	{"rust_panic*", "Rust panic", CULPRIT_FOUND, false},
	{"rust_begin_unwind", "Rust panic", CULPRIT_FOUND, false},
	{"__rust_*", NULL, CULPRIT_FOUND, false},
	{"_R*__rust_end_short_backtrace*", NULL, CULPRIT_FOUND, false},
	{"_ZN3std*__rust_end_short_backtrace*", NULL, CULPRIT_FOUND, false},
	{"_RNv*4core*_failed", NULL, CULPRIT_FOUND, false},
	{"_RNv*4core*_fail", NULL, CULPRIT_FOUND, false},
	{"_RNv*4core4cell*panic_already*", NULL, CULPRIT_FOUND, false},
	{"_ZN4core*_fail*", NULL, CULPRIT_FOUND, false},
	{"_ZN4core4cell*panic_already*", NULL, CULPRIT_FOUND, false},
	{"_RN*3std7process5abort*", "abort()", CULPRIT_CALLED, false},
	{"_ZN3std7process5abort*", "abort()", CULPRIT_CALLED, false},
	{"_RN*3std7process4exit*", "exit()", CULPRIT_EXITED, false},
	{"_ZN3std7process4exit*", "exit()", CULPRIT_EXITED, false},
	{"_RN*3std3sys*", NULL, CULPRIT_CALLED, false},
	{"_ZN3std3sys*", NULL, CULPRIT_CALLED, false},
	{"runtime.gopanic*", "Go panic", CULPRIT_FOUND, false},
	{"runtime.panic*", "Go panic", CULPRIT_FOUND, false},
	{"runtime.goPanic*", "Go panic", CULPRIT_FOUND, false},
	{"runtime.sigpanic*", "Go panic", CULPRIT_FOUND, false},
	{"runtime.fatalpanic*", "Go panic", CULPRIT_FOUND, false},
	{"runtime.throw*", "fatal error of the Go runtime", CULPRIT_FOUND, false},
	{"runtime.fatal*", "fatal error of the Go runtime", CULPRIT_FOUND, false},
	{"os.Exit", "os.Exit()", CULPRIT_EXITED, false},
	{"syscall.Exit", "syscall.Exit()", CULPRIT_EXITED, false},
	{"os.runtime_beforeExit*", NULL, CULPRIT_CALLED, false},
	{"runtime.*", NULL, CULPRIT_CALLED, false},
	{"_ZN7VMError*report_and_die*", "fatal error of the Java machine (hs_err)", CULPRIT_FOUND,
	 true},
	{"_Z*report_vm_error*", "fatal error of the Java machine (hs_err)", CULPRIT_FOUND, true},
	{"_Z12report_fatal*", "fatal error of the Java machine (hs_err)", CULPRIT_FOUND, true},
	{"JVM_handle_linux_signal", NULL, CULPRIT_FOUND, false},
	{"_ZN*PosixSignals*", NULL, CULPRIT_FOUND, false},
	{"_Z*crash_handler*", NULL, CULPRIT_FOUND, false},
	{"_ZN2os5abort*", NULL, CULPRIT_FOUND, false},
	{"__cxa_throw", "uncaught C++ exception", CULPRIT_THREW, false},
	{"__cxa_rethrow", "uncaught C++ exception", CULPRIT_THREW, false},
	{"_ZSt17rethrow_exception*", "uncaught C++ exception", CULPRIT_THREW, false},
	{"__cxa_pure_virtual", "call of a pure virtual function", CULPRIT_FOUND, false},
	{"__cxa_deleted_virtual", "call of a deleted virtual function", CULPRIT_FOUND, false},
	{"_ZSt*__throw_*", NULL, CULPRIT_THREW, false},
	{"_ZSt9terminatev", "std::terminate()", CULPRIT_CALLED, true},
	{"_ZSt10unexpectedv", "std::unexpected()", CULPRIT_CALLED, true},
	{"_ZN9__gnu_cxx27__verbose_terminate_handlerEv", NULL, CULPRIT_CALLED, false},
	{"_ZN10__cxxabiv1*", NULL, CULPRIT_CALLED, false},
	{"__cxa_call_*", NULL, CULPRIT_CALLED, false},
	{"__gxx_personality*", NULL, CULPRIT_CALLED, false},
	{"__clang_call_terminate", NULL, CULPRIT_CALLED, false},
	{"_Unwind_*", NULL, CULPRIT_CALLED, false},
	{"free", "heap corruption found by free()", CULPRIT_FOUND, false},
	{"cfree", "heap corruption found by free()", CULPRIT_FOUND, false},
	{"__libc_free", "heap corruption found by free()", CULPRIT_FOUND, false},
	{"malloc", "heap corruption found by malloc()", CULPRIT_FOUND, false},
	{"__libc_malloc", "heap corruption found by malloc()", CULPRIT_FOUND, false},
	{"calloc", "heap corruption found by calloc()", CULPRIT_FOUND, false},
	{"__libc_calloc", "heap corruption found by calloc()", CULPRIT_FOUND, false},
	{"realloc", "heap corruption found by realloc()", CULPRIT_FOUND, false},
	{"__libc_realloc", "heap corruption found by realloc()", CULPRIT_FOUND, false},
	{"malloc_printerr*", "heap corruption found by malloc", CULPRIT_FOUND, false},
	{"__malloc_assert", "heap corruption found by malloc", CULPRIT_FOUND, false},
	{"_int_*", NULL, CULPRIT_FOUND, false},
	{"_mid_memalign*", NULL, CULPRIT_FOUND, false},
	{"tcache_*", NULL, CULPRIT_FOUND, false},
	{"sysmalloc*", NULL, CULPRIT_FOUND, false},
	{"unlink_chunk*", NULL, CULPRIT_FOUND, false},
	{"_Zd[al]Pv*", NULL, CULPRIT_FOUND, false},
	{"_Zn[aw]m*", NULL, CULPRIT_FOUND, false},
	{"__libc_fatal", "fatal error of the C library", CULPRIT_FOUND, false},
	{"__libc_message*", NULL, CULPRIT_FOUND, false},
	{"abort", "abort()", CULPRIT_CALLED, false},
	{"quick_exit", "quick_exit()", CULPRIT_EXITED, false},
	{"exit", "exit()", CULPRIT_EXITED, false},
	{"_exit", "_exit()", CULPRIT_EXITED, false},
	{"_Exit", "_Exit()", CULPRIT_EXITED, false},
	{"__run_exit_handlers", NULL, CULPRIT_CALLED, false},
	{"__GI_*", NULL, CULPRIT_CALLED, false},
	{"raise", "raise()", CULPRIT_CALLED, false},
	{"gsignal", "raise()", CULPRIT_CALLED, false},
	{"pthread_kill*", "pthread_kill()", CULPRIT_CALLED, false},
	{"__pthread_kill*", NULL, CULPRIT_CALLED, false},
	{"tgkill", "tgkill()", CULPRIT_CALLED, false},
	{"kill", "kill()", CULPRIT_CALLED, false},
	{"__restore_sigs", NULL, CULPRIT_CALLED, false}, /* of musl */
	{"__restore_rt", NULL, CULPRIT_CALLED, false},
	{"__kernel_*", NULL, CULPRIT_CALLED, false}, /* of the vDSO of 32-bit processes */
};

/* They call exit() with what main() has returned, or start threads. */
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

/* Files that hold only the runtime. Most have no names for their inner functions. */
static const char *const modules[] = {
	"libc.so*",       "libc-2.*.so",   "ld-linux*.so*", "ld-2.*.so",   "libpthread.so*",
	"libpthread-2.*", "libstdc++.so*", "libgcc_s.so*",  "libc++*.so*", "ld-musl-*",
	"libc.musl-*",    "libasan.so*",   "libubsan.so*",  "libtsan.so*", "liblsan.so*",
};

/* The dynamic linkers of glibc and musl. */
static const char *const linkers[] = {"ld-linux*.so*", "ld-2.*.so", "ld.so*", "ld-musl-*"};

/* Most patterns differ from a name before their first wildcard, many in the first letter, and
 * fnmatch() is slow. */
static bool matches(const char *pattern, const char *text)
{
	while (*pattern && *pattern != '*' && *pattern != '?' && *pattern != '[')
		if (*pattern++ != *text++)
			return false;
	return *pattern ? fnmatch(pattern, text, 0) == 0 : *text == '\0';
}

static bool matches_one_of(const char *text, const char *const patterns[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (matches(patterns[i], text))
			return true;
	return false;
}

const struct runtime_function *runtime_function_find(const char *symbol)
{
	for (size_t i = 0; i < COUNT(functions); i++)
		if (matches(functions[i].pattern, symbol))
			return &functions[i];
	return NULL;
}

const struct runtime_function *runtime_function_find_decisive(const char *symbol)
{
	for (size_t i = 0; i < COUNT(functions); i++)
		if (functions[i].is_decisive && matches(functions[i].pattern, symbol))
			return &functions[i];
	return NULL;
}

bool runtime_is_starter(const char *symbol)
{
	return matches_one_of(symbol, starters, COUNT(starters));
}

bool runtime_is_module(const char *file_name)
{
	return matches_one_of(file_name, modules, COUNT(modules));
}

bool runtime_is_linker(const char *file_name)
{
	return matches_one_of(file_name, linkers, COUNT(linkers));
}
