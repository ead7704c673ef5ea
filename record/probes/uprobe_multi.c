/* record/probes/uprobe_multi.c - one link for many functions of a user program (Linux 6.6)
 *
 * Debian 12's libbpf does not know these links, so the system call is made here.
 */
#include "record/probes/uprobe_multi.h"

#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "record/kernel/kernel_types.h"

#define TRACE_UPROBE_MULTI  48 /* BPF_TRACE_UPROBE_MULTI */
#define UPROBE_MULTI_RETURN 1u /* BPF_F_UPROBE_MULTI_RETURN */

/* The part of union bpf_attr for BPF_LINK_CREATE, as of 89ae89f53d20 (6.6). */
struct link_create {
	uint32_t program_fd;
	uint32_t target_fd;
	uint32_t attach_type;
	uint32_t flags;
	uint64_t path;
	uint64_t offsets;
	uint64_t semaphores;
	uint64_t cookies;
	uint32_t count;
	uint32_t multi_flags;
	uint32_t pid;
	uint32_t reserved;
};

_Static_assert(sizeof(struct link_create) == 64, "as the kernel has it");

bool uprobe_multi_is_available(void)
{
	return kernel_types_have("bpf_uprobe_multi_link", NULL);
}

void uprobe_multi_prepare(struct bpf_program *program)
{
	(void)bpf_program__set_expected_attach_type(program,
						    (enum bpf_attach_type)TRACE_UPROBE_MULTI);
}

int uprobe_multi_attach(const struct bpf_program *program, const struct uprobe_multi *places)
{
	const int fd = bpf_program__fd(program);
	const struct link_create create = {
		.program_fd = (uint32_t)fd,
		.attach_type = TRACE_UPROBE_MULTI,
		.path = (uintptr_t)places->file,
		.offsets = (uintptr_t)places->offsets,
		.cookies = (uintptr_t)places->cookies,
		.count = (uint32_t)places->count,
		.multi_flags = places->at_return ? UPROBE_MULTI_RETURN : 0,
	};

	/* A descriptor of bpf(2) is closed by execve(). */
	return fd < 0 ? -1 : (int)syscall(SYS_bpf, BPF_LINK_CREATE, &create, sizeof(create));
}
