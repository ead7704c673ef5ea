/* flame/tree/frame_type.c - the type of a frame, from its name or its module */
#include "flame/tree/frame_type.h"

#include "flame/tree/frame_name.h"

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
	    memchr("kwijlgu01", name[size - 2], 9))
		return size - 4;
	return size;
}

static enum frame_type frame_type_of_suffix(char letter)
{
	switch (letter) {
	case 'i':
		return FRAME_TYPE_INLINED;
	case 'j':
	case '0': /* async-profiler: interpreted */
	case '1': /* and compiled by the first compiler */
		return FRAME_TYPE_JIT;
	case 'l':
		return FRAME_TYPE_LIBRARY;
	case 'g':
		return FRAME_TYPE_GROUP;
	case 'u':
		return FRAME_TYPE_UNKNOWN;
	default:
		return FRAME_TYPE_KERNEL;
	}
}

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

/* A Java method with slashes: java/lang/Thread.run. Go has packages in lower case there:
 * net/http.Get. */
static bool is_java_path(const char *name, size_t size)
{
	const char *slash = memrchr(name, '/', size);
	size_t rest = slash ? (size_t)(name + size - slash - 1) : 0;

	if (rest < 3 || name[0] == '/' || name[0] == '[' || contains(name, size, ".so"))
		return false;
	if (name[0] == 'L' && contains(name, size, "::"))
		return true;
	return (is_upper(slash[1]) || slash[1] == '$') &&
	       (memchr(slash, '.', rest) || contains(slash, rest, "::"));
}

/* A Java method with dots: at least two packages, a class and a method, com.acme.App.main; or one
 * of the packages of Java. */
static bool is_java_name(const char *name, size_t size)
{
	static const char *const known[] = {"java.", "javax.", "jdk.", "sun.", "scala.", "kotlin."};
	size_t packages = 0;
	size_t at = 0;

	for (;;) {
		const char *dot = memchr(name + at, '.', size - at);

		if (!dot || !is_lower(name[at]))
			break;
		packages++;
		at = (size_t)(dot - name) + 1;
	}
	for (size_t i = 0; packages == 1 && i < sizeof(known) / sizeof(known[0]); i++)
		packages += starts_with(name, size, known[i]);
	return packages >= 2 && at < size && is_upper(name[at]) &&
	       memchr(name + at, '.', size - at);
}

/* A Java method. Its arguments can have anything. */
static bool is_java(const char *name, size_t size)
{
	const char *bracket = memchr(name, '(', size);

	size = bracket ? (size_t)(bracket - name) : size;
	if (size < 4 || memchr(name, ' ', size))
		return false;
	return memchr(name, '/', size) ? is_java_path(name, size)
				       : !contains(name, size, "::") && is_java_name(name, size);
}

/* A module in brackets, for code without a symbol: [libfoo.so.1], [app+0x12]. */
static bool is_module(const char *name, size_t size)
{
	return size > 2 && name[0] == '[' && name[size - 1] == ']' && !memchr(name, ' ', size) &&
	       !memchr(name, '=', size);
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
	{"[Missed ", FRAME_TYPE_UNKNOWN}, /* of bcc: [Missed User Stack] */
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
	if (starts_with(name, size, "bpf_prog_"))
		return FRAME_TYPE_KERNEL;
	if (is_java(name, size) || frame_name_is_jit(name, size))
		return FRAME_TYPE_JIT;
	if (is_module(name, size))
		return starts_with(name, size, "[vdso]") ? FRAME_TYPE_LIBRARY : FRAME_TYPE_UNKNOWN;
	return is_library(name, size) ? FRAME_TYPE_LIBRARY : FRAME_TYPE_USER;
}

bool frame_type_is_kernel_entry(const char *name, size_t size)
{
	static const char starts[][24] = {
		"entry_SYSCALL", "entry_INT80",    "asm_sysvec_",
		"asm_exc_",      "asm_common_int", "do_syscall_64",
		"ret_from_fork", "el0_svc",        "el0t_64_sync",
		"el1_irq",       "el0_sync",       "system_call_fas",
		"sysenter_do_",  "x86_64_start_",  "secondary_startup_64",
	};

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		/* The compiler turns four bytes into one comparison. */
		if (memcmp(name, starts[i], 4) == 0 && starts_with(name, size, starts[i]))
			return true;
	return false;
}

/* The number in `START<digits>END`, such as perf-123.map; the rest of the name does not count. */
static bool is_numbered(const char *name, size_t size, const char *start, const char *end)
{
	size_t at = strlen(start);

	if (!starts_with(name, size, start))
		return false;
	while (at < size && ((name[at] >= '0' && name[at] <= '9') || name[at] == '-'))
		at++;
	return at > strlen(start) && size - at == strlen(end) && ends_with(name, size, end);
}

/* Code that is made at run time: the map of a process, what perf inject --jit writes, and memory
 * without a file. */
static bool is_jit_module(const char *module, size_t size)
{
	const char *slash = memrchr(module, '/', size);
	const char *base = slash ? slash + 1 : module;
	size_t base_size = (size_t)(module + size - base);

	return is_numbered(base, base_size, "perf-", ".map") ||
	       is_numbered(base, base_size, "jitted-", ".so") ||
	       starts_with(module, size, "[JIT") || starts_with(module, size, "[anon") ||
	       starts_with(module, size, "//anon") || starts_with(module, size, "/anon_hugepage") ||
	       starts_with(module, size, "/memfd:doublemapper") ||
	       starts_with(module, size, "/dev/zero");
}

enum frame_type frame_type_of_module(const char *module, size_t size)
{
	if (starts_with(module, size, "[unknown]") || size == 0)
		return FRAME_TYPE_UNKNOWN;
	if (size == strlen("inlined") && starts_with(module, size, "inlined"))
		return FRAME_TYPE_INLINED;
	if (is_jit_module(module, size))
		return FRAME_TYPE_JIT;
	if (starts_with(module, size, "bpf_prog_") ||
	    starts_with(module, size, "bpf_trampoline_") ||
	    starts_with(module, size, "bpf_dispatcher_"))
		return FRAME_TYPE_KERNEL;
	if (starts_with(module, size, "[vdso]") || starts_with(module, size, "[vsyscall]") ||
	    is_library(module, size))
		return FRAME_TYPE_LIBRARY;
	if (contains(module, size, "vmlinux") || contains(module, size, ".ko") ||
	    (module[0] == '[' && !starts_with(module, size, "[heap") &&
	     !starts_with(module, size, "[stack") && !starts_with(module, size, "[uprobes]")))
		return FRAME_TYPE_KERNEL;
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
