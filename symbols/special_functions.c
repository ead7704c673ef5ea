/* symbols/special_functions.c - functions behind which the stack goes on in a way of its own */
#include "symbols/special_functions.h"

#include <string.h>

/* Entry points of programs and of the dynamic loader, which do not always say that they have no
 * caller. C libraries that describe no frames give the kernel a bare __restore_rt. The runtime of
 * Go moves between the stacks of goroutines and of threads in assembly whose call frame information
 * speaks of one stack only; its linker appends .abi0 to names in some versions. */
static const struct {
	const char *name;
	enum landmark_kind kind;
} known[] = {
	{"_start", LANDMARK_OUTERMOST},
	{"_dl_start_user", LANDMARK_OUTERMOST},
	{"__restore_rt", LANDMARK_SIGNAL_RETURN},
	{"runtime.sigreturn", LANDMARK_SIGNAL_RETURN},
	{"runtime.sigreturn__sigaction", LANDMARK_SIGNAL_RETURN},
	{"runtime.asmcgocall", LANDMARK_STACK_SWITCH},
	{"runtime.cgocallback", LANDMARK_STACK_SWITCH},
	{"runtime.mcall", LANDMARK_STACK_SWITCH},
	{"runtime.morestack", LANDMARK_STACK_SWITCH},
	{"runtime.systemstack", LANDMARK_STACK_SWITCH},
	{"runtime.goexit", LANDMARK_OUTERMOST},
	{"runtime.mstart", LANDMARK_OUTERMOST},
	{"runtime.rt0_go", LANDMARK_OUTERMOST},
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

static enum landmark_kind kind_of(const char *name)
{
	size_t length;

	if (name[0] != '_' && name[0] != 'r') /* most are neither: a file may have 400,000 */
		return LANDMARK_NONE;
	length = length_without_suffix(name);
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strlen(known[i].name) == length && memcmp(known[i].name, name, length) == 0)
			return known[i].kind;
	}
	return LANDMARK_NONE;
}

void landmarks_note(struct landmarks *landmarks, const char *name, uint64_t start,
		    uint64_t size_bytes)
{
	enum landmark_kind kind = kind_of(name);

	if (kind == LANDMARK_NONE || landmarks->count == LANDMARKS_MAX)
		return;
	landmarks->entries[landmarks->count++] = (struct landmark){start, size_bytes, kind};
}

enum landmark_kind landmarks_find(const struct landmarks *landmarks, uint64_t address)
{
	for (size_t i = 0; i < landmarks->count; i++) {
		const struct landmark *landmark = &landmarks->entries[i];

		if (address >= landmark->start && address - landmark->start < landmark->size_bytes)
			return landmark->kind;
	}
	return LANDMARK_NONE;
}
