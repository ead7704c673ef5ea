/* samples/cause/runtimes.cc - ends behind functions of the runtime: PROGRAM WAY; built with _GLIBCXX_ASSERTIONS */
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <exception>
#include <stdexcept>
#include <vector>

#define NOINLINE __attribute__((noinline, noclone))
#define GLIB     "libglib-2.0.so.0"

static volatile std::size_t index_of_fifth = 5;
static volatile int sink;

NOINLINE static void throw_away()
{
	throw std::runtime_error("away");
}

static std::exception_ptr kept;

NOINLINE static void wait_for_it()
{
	std::rethrow_exception(kept);
}

NOINLINE static void look_at_fifth()
{
	std::vector<int> three(3);

	sink = three[index_of_fifth];
}

template <typename Function> static Function in_glib(const char *name)
{
	return reinterpret_cast<Function>(dlsym(dlopen(GLIB, RTLD_NOW), name));
}

NOINLINE static void log_error()
{
	in_glib<void (*)(const char *, int, const char *, ...)>("g_log")("diag", 1 << 2, "bad %d", 1);
	sink++;
}

NOINLINE static void assert_in_library()
{
	in_glib<void (*)(const char *, const char *, int, const char *, const char *)>(
		"g_assertion_message_expr")("diag", "runtimes.cc", 1, "assert_in_library", "false");
	sink++;
}

int main(int argc, char **argv)
{
	const char *way = argc > 1 ? argv[1] : "";

	if (!std::strcmp(way, "rethrow")) {
		try {
			throw_away();
		} catch (...) {
			kept = std::current_exception();
		}
		wait_for_it();
	}
	if (!std::strcmp(way, "terminate-abort")) {
		std::set_terminate([] { std::abort(); });
		throw_away();
	}
	if (!std::strcmp(way, "terminate-exit")) {
		std::set_terminate([] { std::exit(55); });
		throw_away();
	}
	if (!std::strcmp(way, "assertion"))
		look_at_fifth();
	if (!std::strcmp(way, "glib-error"))
		log_error();
	if (!std::strcmp(way, "glib-assertion"))
		assert_in_library();
	return 2;
}
