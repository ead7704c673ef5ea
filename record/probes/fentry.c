/* record/probes/fentry.c - whether this kernel can attach fentry programs */
#include "record/probes/fentry.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <unistd.h>

/* Exists in every kernel, and is rarely called. */
#define FENTRY_FUNCTION "vfs_rmdir"

/* Returns a descriptor, or -1 and sets errno. */
static int load_empty_program(int function)
{
	const struct bpf_insn instructions[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = BPF_TRACE_FENTRY,
		    .attach_btf_id = (uint32_t)function);

	return bpf_prog_load(BPF_PROG_TYPE_TRACING, "nothing", "GPL", instructions,
			     sizeof(instructions) / sizeof(instructions[0]), &options);
}

static bool try_to_attach(int program)
{
	int link = bpf_raw_tracepoint_open(NULL, program);

	if (link >= 0)
		(void)close(link);
	return link >= 0;
}

bool fentry_is_allowed(struct problem *ret_problem)
{
	int function = libbpf_find_vmlinux_btf_id(FENTRY_FUNCTION, BPF_TRACE_FENTRY);
	int program = function > 0 ? load_empty_program(function) : -1;
	bool is_allowed = program >= 0 && try_to_attach(program);

	if (!is_allowed)
		problem_set(ret_problem, "%s",
			    function > 0 ? strerror(errno)
					 : "no functions in the BTF of the kernel");
	if (program >= 0)
		(void)close(program);
	return is_allowed;
}
