/* record/sections/uprobe_target.h - the place of a uprobe, checked against the code of its file */
#ifndef RECORD_SECTIONS_UPROBE_TARGET_H
#define RECORD_SECTIONS_UPROBE_TARGET_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/problem.h"
#include "record/options/uprobe_spec.h"

/* What libbpf attaches to. */
struct uprobe_target {
	char file[PATH_MAX];
	const char *symbol;    /* borrowed from the place; NULL: offset_bytes is in the file */
	uint64_t offset_bytes; /* from the symbol, if there is one */
};

/*
 * Finds the start or the stop of a section. An offset or an address must be in an executable
 * segment of the file, and an offset from a symbol within its function. Borrows `place` as long as
 * the target is used. Returns false and sets *ret_problem on failure.
 */
bool uprobe_target_find(const struct uprobe_place *place, struct uprobe_target *ret_target,
			struct problem *ret_problem);

/* Sets *ret_problem to why a symbol cannot be attached to that the file does not have: the other
 * forms that the compiler has made of it, or similar names. Always returns false. */
bool uprobe_target_explain(const struct uprobe_target *target, struct problem *ret_problem);

#endif
