/* symbols/demangle.c - C++ and Rust names as in the source */
#include "symbols/demangle.h"

#include <libiberty/demangle.h>
#include <setjmp.h>
#include <string.h>

struct output {
	char *buffer;
	size_t size;
	size_t used;
	jmp_buf full;
};

/* A jump is the only way in which the callback can stop an endless form. The library has nothing to
 * free: in this mode it has all its state on the stack. */
static void append(const char *text, size_t length, void *context)
{
	struct output *output = context;

	if (length >= output->size - output->used)
		longjmp(output->full, 1);
	/* An empty piece can be NULL. */
	if (length == 0)
		return;
	memcpy(output->buffer + output->used, text, length);
	output->used += length;
}

static bool demangle_into(const char *name, struct output *output)
{
	static const int options = DMGL_PARAMS | DMGL_ANSI;
	/* Rust's legacy mangling is that of C++ with a hash at the end, so Rust must be tried
	 * first. */
	static int (*const demanglers[])(const char *mangled, int options,
					 demangle_callbackref callback, void *context) = {
		rust_demangle_callback,
		cplus_demangle_v3_callback,
	};

	for (size_t i = 0; i < sizeof(demanglers) / sizeof(demanglers[0]); i++) {
		output->used = 0;
		if (demanglers[i](name, options, append, output) && output->used > 0)
			return true;
	}
	return false;
}

bool demangle(const char *name, char *buffer, size_t buffer_size)
{
	struct output output = {.buffer = buffer, .size = buffer_size};

	if (buffer_size == 0 || strncmp(name, "_", 1) != 0 ||
	    strnlen(name, DEMANGLE_INPUT_MAX_BYTES + 1) > DEMANGLE_INPUT_MAX_BYTES)
		return false;
	if (setjmp(output.full) != 0)
		return false;
	if (!demangle_into(name, &output))
		return false;
	buffer[output.used] = '\0';
	return true;
}
