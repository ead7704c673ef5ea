/* symbols/special_functions.c - functions that the unwinder treats specially */
#include "symbols/special_functions.h"

#include <string.h>

/* The entry points of programs and of the dynamic loader do not always have call frame information
 * that marks them as outermost. C libraries without call frame information have a bare
 * __restore_rt; on arm64 the vDSO has __kernel_rt_sigreturn. Go's runtime switches between the
 * stacks of goroutines and threads in assembly, whose call frame information describes one stack
 * only. Its signal handler makes the interrupted instruction call runtime.sigpanic. Some versions
 * of its linker append .abi0 to names. */
static const struct {
	const char *name;
	enum special_function_kind kind;
} known[] = {
	{"_start", SPECIAL_FUNCTION_OUTERMOST},
	{"_dl_start_user", SPECIAL_FUNCTION_OUTERMOST},
	{"__restore_rt", SPECIAL_FUNCTION_SIGNAL_RETURN},
	{"__kernel_rt_sigreturn", SPECIAL_FUNCTION_SIGNAL_RETURN},
	{"runtime.sigreturn", SPECIAL_FUNCTION_SIGNAL_RETURN},
	{"runtime.sigreturn__sigaction", SPECIAL_FUNCTION_SIGNAL_RETURN},
	{"runtime.asmcgocall", SPECIAL_FUNCTION_STACK_SWITCH},
	{"runtime.cgocallback", SPECIAL_FUNCTION_STACK_SWITCH},
	{"runtime.mcall", SPECIAL_FUNCTION_STACK_SWITCH},
	{"runtime.morestack", SPECIAL_FUNCTION_STACK_SWITCH},
	{"runtime.systemstack", SPECIAL_FUNCTION_STACK_SWITCH},
	{"runtime.sigpanic", SPECIAL_FUNCTION_INJECTED},
	{"runtime.goexit", SPECIAL_FUNCTION_OUTERMOST},
	{"runtime.mstart", SPECIAL_FUNCTION_OUTERMOST},
	{"runtime.rt0_go", SPECIAL_FUNCTION_OUTERMOST},
};

static size_t length_without_suffix(const char *name)
{
	static const char suffix[] = ".abi0";
	size_t length = strlen(name);

	if (length > sizeof(suffix) - 1 &&
	    strcmp(name + length - (sizeof(suffix) - 1), suffix) == 0)
		length -= sizeof(suffix) - 1;
	return length;
}

static enum special_function_kind kind_of(const char *name)
{
	size_t length;

	if (name[0] != '_' && name[0] != 'r') /* fast: a file may have 400,000 names */
		return SPECIAL_FUNCTION_NONE;
	length = length_without_suffix(name);
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strlen(known[i].name) == length && memcmp(known[i].name, name, length) == 0)
			return known[i].kind;
	}
	return SPECIAL_FUNCTION_NONE;
}

void special_functions_note(struct special_functions *special_functions, const char *name,
			    uint64_t start, uint64_t size_bytes)
{
	enum special_function_kind kind = kind_of(name);

	if (kind == SPECIAL_FUNCTION_NONE || special_functions->count == SPECIAL_FUNCTION_MAX)
		return;
	special_functions->entries[special_functions->count++] =
		(struct special_function){start, size_bytes, kind};
}

enum special_function_kind special_functions_find(const struct special_functions *special_functions,
						  uint64_t address)
{
	for (size_t i = 0; i < special_functions->count; i++) {
		const struct special_function *special_function = &special_functions->entries[i];

		if (address >= special_function->start &&
		    address - special_function->start < special_function->size_bytes)
			return special_function->kind;
	}
	return SPECIAL_FUNCTION_NONE;
}
