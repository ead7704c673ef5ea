/* record/links.h - BPF programs that are attached, as many as there may be */
#ifndef RECORD_LINKS_H
#define RECORD_LINKS_H

#include <stdbool.h>
#include <stddef.h>

struct bpf_link;
struct bpf_program;

/* All 0 is none. */
struct links {
	struct bpf_link **items;
	size_t count;
};

/* Whether the program's name begins so: those of one subject do. */
bool links_is_of(const struct bpf_program *program, const char *prefix);

/* Takes the link over. False, with errno, if it is NULL, which is what libbpf returns when it could
 * not attach, or without memory: then nothing is attached. */
bool links_keep(struct links *links, struct bpf_link *link);

/* Detaches the last of them. There must be one. */
void links_release_last(struct links *links);

/* Detaches all of them, the last first, and is empty then. */
void links_release(struct links *links);

#endif
