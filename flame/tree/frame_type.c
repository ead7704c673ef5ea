/* flame/tree/frame_type.c - the type of a frame, from its name or its module */
#include "flame/tree/frame_type.h"

#include <string.h>

struct marker {
	const char *text;
	enum frame_type type;
};

static bool starts_with(const char *text, size_t size, const char *start)
{
	size_t length = strlen(start);

	return size >= length && memcmp(text, start, length) == 0;
}

static bool ends_with(const char *text, size_t size, const char *end)
{
	size_t length = strlen(end);

	return size >= length && memcmp(text + size - length, end, length) == 0;
}

static bool contains(const char *text, size_t size, const char *part)
{
	return memmem(text, size, part, strlen(part)) != NULL;
}

size_t frame_type_trim_suffix(const char *name, size_t size)
{
	if (size > 4 && name[size - 1] == ']' && name[size - 3] == '[' && name[size - 4] == '_' &&
	    memchr("kwij", name[size - 2], 4))
		return size - 4;
	return size;
}

static enum frame_type frame_type_of_suffix(char letter)
{
	switch (letter) {
	case 'i':
		return FRAME_TYPE_INLINED;
	case 'j':
		return FRAME_TYPE_JIT;
	default:
		return FRAME_TYPE_KERNEL;
	}
}

/* A Java method: a class path with slashes, then the method. */
static bool is_java(const char *name, size_t size)
{
	return size > 2 && name[0] != '/' && name[0] != '[' && memchr(name, '/', size) &&
	       (memchr(name, '.', size) || contains(name, size, "::") || name[0] == 'L') &&
	       !memchr(name, ' ', size) && !contains(name, size, ".so");
}

static bool is_library(const char *name, size_t size)
{
	return contains(name, size, ".so.") || ends_with(name, size, ".so") ||
	       contains(name, size, ".so`") || contains(name, size, ".dll");
}

static const struct marker whole_names[] = {
	{"-", FRAME_TYPE_GROUP},
	{"--", FRAME_TYPE_GROUP},
	{"[unknown]", FRAME_TYPE_UNKNOWN},
	{"[unknown", FRAME_TYPE_UNKNOWN},
	{"UNKNOWN", FRAME_TYPE_UNKNOWN},
	{"(unknown)", FRAME_TYPE_UNKNOWN},
	{"[truncated", FRAME_TYPE_UNKNOWN},
	{"[empty]", FRAME_TYPE_UNKNOWN},
	{"0x", FRAME_TYPE_UNKNOWN},
	{"[lost", FRAME_TYPE_LOST},
	{"[kernel", FRAME_TYPE_KERNEL},
	{"CGROUP:", FRAME_TYPE_GROUP},
	{"vmlinux", FRAME_TYPE_KERNEL},
	{"[unnamed", FRAME_TYPE_UNKNOWN},
	{"<unknown", FRAME_TYPE_UNKNOWN},
};

enum frame_type frame_type_of_name(const char *name, size_t size)
{
	if (frame_type_trim_suffix(name, size) < size)
		return frame_type_of_suffix(name[size - 2]);
	if (frame_type_enters_kernel(name, size))
		return FRAME_TYPE_KERNEL;
	for (size_t i = 0; i < sizeof(whole_names) / sizeof(whole_names[0]); i++) {
		const struct marker *marker = &whole_names[i];
		bool open_ended = marker->type != FRAME_TYPE_GROUP || marker->text[0] == 'C';

		if (starts_with(name, size, marker->text) &&
		    (open_ended || size == strlen(marker->text)))
			return marker->type;
	}
	if (is_java(name, size))
		return FRAME_TYPE_JIT;
	return is_library(name, size) ? FRAME_TYPE_LIBRARY : FRAME_TYPE_USER;
}

bool frame_type_enters_kernel(const char *name, size_t size)
{
	static const char starts[][24] = {
		"entry_SYSCALL", "entry_INT80",    "asm_sysvec_",
		"asm_exc_",      "asm_common_int", "do_syscall_64",
		"ret_from_fork", "el0_svc",        "el0t_64_sync",
		"el1_irq",       "el0_sync",       "system_call_fas",
		"sysenter_do_",  "x86_64_start_",  "secondary_startup_64",
	};

	/* This runs for every frame of every stack: the first two letters exclude most names. */
	static const char second_letters['x' - 'a' + 1][2] = {
		['a' - 'a'] = {'s'}, ['d' - 'a'] = {'o'},      ['e' - 'a'] = {'n', 'l'},
		['r' - 'a'] = {'e'}, ['s' - 'a'] = {'y', 'e'}, ['x' - 'a'] = {'8'},
	};
	const char *second;

	if (size < 7 || name[0] < 'a' || name[0] > 'x' || name[1] == '\0')
		return false;
	second = second_letters[name[0] - 'a'];
	if (name[1] != second[0] && name[1] != second[1])
		return false;
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		/* The compiler turns four bytes into one comparison. */
		if (memcmp(name, starts[i], 4) == 0 && starts_with(name, size, starts[i]))
			return true;
	return false;
}

enum frame_type frame_type_of_module(const char *module, size_t size)
{
	if (starts_with(module, size, "[unknown]") || size == 0)
		return FRAME_TYPE_UNKNOWN;
	if (contains(module, size, "inlined"))
		return FRAME_TYPE_INLINED;
	if (starts_with(module, size, "[vdso]") || is_library(module, size))
		return FRAME_TYPE_LIBRARY;
	if (contains(module, size, "vmlinux") || contains(module, size, ".ko") ||
	    (module[0] == '[' && !starts_with(module, size, "[heap") &&
	     !starts_with(module, size, "[stack")))
		return FRAME_TYPE_KERNEL;
	if (contains(module, size, "/perf-") || contains(module, size, "//anon") ||
	    starts_with(module, size, "jitted-"))
		return FRAME_TYPE_JIT;
	return FRAME_TYPE_USER;
}

const char *frame_type_text(enum frame_type type)
{
	static const char *const texts[FRAME_TYPE_COUNT] = {
		[FRAME_TYPE_AUTO] = "auto",       [FRAME_TYPE_USER] = "user",
		[FRAME_TYPE_LIBRARY] = "library", [FRAME_TYPE_KERNEL] = "kernel",
		[FRAME_TYPE_JIT] = "JIT",         [FRAME_TYPE_INLINED] = "inlined",
		[FRAME_TYPE_GROUP] = "group",     [FRAME_TYPE_UNKNOWN] = "unknown",
		[FRAME_TYPE_LOST] = "lost",
	};

	return texts[type];
}
