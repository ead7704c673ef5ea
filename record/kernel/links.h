/* record/kernel/links.h - BPF programs that are attached, as many as there may be */
#ifndef RECORD_KERNEL_LINKS_H
#define RECORD_KERNEL_LINKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bpf_link;
struct bpf_object;
struct bpf_prog_info;
struct bpf_program;

/* All 0 is none. */
struct links {
	struct bpf_link **items;
	size_t count;
};

/* Whether the program's name begins so: those of one subject do. */
bool links_is_of(const struct bpf_program *program, const char *prefix);

/* What the kernel tells of a program, such as how often it ran; false if it is not loaded, or
 * cannot be asked. */
bool links_read_info(const struct bpf_program *program, struct bpf_prog_info *ret_info);

/* How often the kernel did not run the programs of a subject, of those that are loaded, since it,
 * or since Linux 6.7 another one, was running on that CPU. */
uint64_t links_skipped_runs(const struct bpf_object *object, const char *prefix);

/* Takes the link over. False, with errno, if it is NULL, which is what libbpf returns when it could
 * not attach, or without memory: then nothing is attached. */
bool links_keep(struct links *links, struct bpf_link *link);

/* Detaches all of them, the last first, and is empty then. */
void links_release(struct links *links);

#endif
