/* record/kernel/links.h - the links of attached BPF programs */
#ifndef RECORD_KERNEL_LINKS_H
#define RECORD_KERNEL_LINKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bpf_link;
struct bpf_object;
struct bpf_prog_info;
struct bpf_program;

/* Zeroed: none. */
struct links {
	struct bpf_link **items;
	size_t count;
	size_t capacity;
};

/* Returns whether the name of the program starts with the prefix of a group of programs. */
bool links_has_prefix(const struct bpf_program *program, const char *prefix);

/* Returns whether the kernel has the tracepoint of a program of the section "tp_btf/NAME"; true for
 * programs of other sections. */
bool links_has_tracepoint(const struct bpf_program *program);

/* Reads the kernel's data about a program, such as its run count. Returns false if the program is
 * not loaded or the kernel refuses. */
bool links_read_info(const struct bpf_program *program, struct bpf_prog_info *ret_info);

/* Returns how often the kernel skipped the loaded programs of a group because the program itself,
 * or since Linux 6.7 another one, was running on that CPU. */
uint64_t links_skipped_runs(const struct bpf_object *object, const char *prefix);

/* Takes ownership of a link. Returns false and sets errno if it is NULL, which is what libbpf
 * returns if it cannot attach, or on allocation failure; then the program is detached. */
bool links_add(struct links *links, struct bpf_link *link);

/* Detaches all, the last one first. The struct is empty then. */
void links_release(struct links *links);

#endif
