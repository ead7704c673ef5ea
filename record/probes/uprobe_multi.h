/* record/probes/uprobe_multi.h - one link for many functions of a user program (Linux 6.6) */
#ifndef RECORD_PROBES_UPROBE_MULTI_H
#define RECORD_PROBES_UPROBE_MULTI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bpf_program;

/* The places in one file to which a program is attached. */
struct uprobe_multi {
	const char *file;
	const uint64_t *offsets; /* in the file; count of them */
	const uint64_t *cookies;
	size_t count;
	bool at_return;
};

/* Whether the kernel has such links. */
bool uprobe_multi_is_available(void);

/* Prepares a program of the section "uprobe" for such links. Call before it is loaded. */
void uprobe_multi_prepare(struct bpf_program *program);

/* Attaches a loaded program to all places. Returns the descriptor of the link, which the caller
 * must close to detach it; -1 and sets errno on failure, when it is attached to none. */
int uprobe_multi_attach(const struct bpf_program *program, const struct uprobe_multi *places);

#endif
