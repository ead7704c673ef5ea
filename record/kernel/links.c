/* record/kernel/links.c - the links of attached BPF programs */
#include "record/kernel/links.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "record/kernel/kernel_types.h"

bool links_has_prefix(const struct bpf_program *program, const char *prefix)
{
	return strncmp(bpf_program__name(program), prefix, strlen(prefix)) == 0;
}

bool links_has_tracepoint(const struct bpf_program *program)
{
	static const char prefix[] = "tp_btf/";
	const char *section = bpf_program__section_name(program);

	return strncmp(section, prefix, sizeof(prefix) - 1) != 0 ||
	       kernel_types_have_tracepoint(section + sizeof(prefix) - 1);
}

bool links_read_info(const struct bpf_program *program, struct bpf_prog_info *ret_info)
{
	uint32_t size = sizeof(*ret_info);
	int fd = bpf_program__fd(program);

	memset(ret_info, 0, sizeof(*ret_info));
	return fd >= 0 && bpf_obj_get_info_by_fd(fd, ret_info, &size) == 0;
}

uint64_t links_skipped_runs(const struct bpf_object *object, const char *prefix)
{
	struct bpf_program *program;
	uint64_t skipped = 0;

	bpf_object__for_each_program(program, object)
	{
		struct bpf_prog_info info;

		if (links_has_prefix(program, prefix) && links_read_info(program, &info))
			skipped += info.recursion_misses;
	}
	return skipped;
}

bool links_add(struct links *links, struct bpf_link *link)
{
	struct bpf_link **grown;

	if (!link)
		return false;
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers */
	grown = array_grow(links->items, &links->capacity, links->count + 1,
			   sizeof(struct bpf_link *), ARRAY_NO_LIMIT);
	if (!grown) {
		bpf_link__destroy(link);
		errno = ENOMEM;
		return false;
	}
	links->items = grown;
	links->items[links->count++] = link;
	return true;
}

void links_release(struct links *links)
{
	while (links->count)
		bpf_link__destroy(links->items[--links->count]);
	free(links->items);
	links->items = NULL;
	links->capacity = 0;
}
