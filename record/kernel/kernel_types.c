/* record/kernel/kernel_types.c - searches the types (BTF) of the running kernel */
#include "record/kernel/kernel_types.h"

#include <bpf/btf.h>
#include <stdio.h>
#include <string.h>

#define TYPE_NAME_MAX 128

static bool has_member(const struct btf *types, int id, const char *name)
{
	const struct btf_type *type = btf__type_by_id(types, (__u32)id);
	const struct btf_member *members = btf_members(type);

	for (__u32 i = 0; i < btf_vlen(type); i++) {
		const char *member = btf__name_by_offset(types, members[i].name_off);

		if (member && strcmp(member, name) == 0)
			return true;
	}
	return false;
}

/* Read at the first question: each reading takes some milliseconds. */
static struct btf *kernel_types;

/* Tries twice: a short failure must not look like a missing feature. A lasting one ends the
 * recording anyway, because libbpf reads the types when it loads programs. */
const struct btf *kernel_types_all(void)
{
	if (!kernel_types)
		kernel_types = btf__load_vmlinux_btf();
	if (!kernel_types)
		kernel_types = btf__load_vmlinux_btf();
	return kernel_types;
}

bool kernel_types_have(const char *structure, const char *member)
{
	const struct btf *types = kernel_types_all();
	int id = types ? btf__find_by_name_kind(types, structure, BTF_KIND_STRUCT) : -1;

	return id > 0 && (!member || has_member(types, id, member));
}

bool kernel_types_have_tracepoint(const char *tracepoint)
{
	const struct btf *types = kernel_types_all();
	char name[TYPE_NAME_MAX];

	(void)snprintf(name, sizeof(name), "btf_trace_%s", tracepoint);
	return types && btf__find_by_name_kind(types, name, BTF_KIND_TYPEDEF) > 0;
}

void kernel_types_release(void)
{
	btf__free(kernel_types);
	kernel_types = NULL;
}
