/* record/kernel/kernel_types.c - searches the types (BTF) of the running kernel */
#include "record/kernel/kernel_types.h"

#include <bpf/btf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "record/kernel/type_table.h"

#define TYPES_PATH "/sys/kernel/btf/vmlinux"

#define TYPE_NAME_MAX 128

/* Found at the first question. */
static struct kernel_types {
	bool is_open;
	struct type_table table;
	void *bytes;
	size_t size_bytes;
} kernel_types;

static bool read_file(int fd, uint8_t *bytes, size_t size_bytes)
{
	while (size_bytes > 0) {
		const ssize_t size = read(fd, bytes, size_bytes);

		if (size == 0 || (size < 0 && errno != EINTR))
			return false;
		if (size > 0) {
			bytes += size;
			size_bytes -= (size_t)size;
		}
	}
	return true;
}

/* Before Linux 6.16 the file cannot be mapped. */
static void *map_file(int fd, size_t size_bytes)
{
	void *bytes = mmap(NULL, size_bytes, PROT_READ, MAP_PRIVATE, fd, 0);

	if (bytes != MAP_FAILED)
		return bytes;
	bytes = mmap(NULL, size_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (bytes == MAP_FAILED)
		return NULL;
	if (read_file(fd, bytes, size_bytes))
		return bytes;
	(void)munmap(bytes, size_bytes);
	return NULL;
}

static void open_types(struct kernel_types *types)
{
	int fd = open(TYPES_PATH, O_RDONLY | O_CLOEXEC);
	struct stat status;

	if (fd < 0)
		return;
	types->bytes = NULL;
	if (fstat(fd, &status) == 0 && status.st_size > 0) {
		types->size_bytes = (size_t)status.st_size;
		types->bytes = map_file(fd, types->size_bytes);
	}
	(void)close(fd);
	if (!types->bytes)
		return;
	types->is_open = type_table_open(types->bytes, types->size_bytes, &types->table);
	if (!types->is_open)
		(void)munmap(types->bytes, types->size_bytes);
}

/* Tries twice: a short failure must not look like a missing feature. A lasting one ends the
 * recording anyway, because the programs cannot be loaded without these types. */
const struct type_table *kernel_types_all(void)
{
	for (int attempt = 0; attempt < 2 && !kernel_types.is_open; attempt++)
		open_types(&kernel_types);
	return kernel_types.is_open ? &kernel_types.table : NULL;
}

static bool has_member(const struct type_table *types, uint32_t id, const char *name)
{
	const struct btf_type *type = type_table_get(types, id);
	const struct btf_member *members = btf_members(type);

	for (uint32_t i = 0; i < btf_vlen(type); i++) {
		if (strcmp(type_table_name(types, members[i].name_off), name) == 0)
			return true;
	}
	return false;
}

bool kernel_types_have(const char *structure, const char *member)
{
	const struct type_table *types = kernel_types_all();
	const uint32_t id = types ? type_table_find(types, structure, BTF_KIND_STRUCT) : 0;

	return id && (!member || (member[0] && has_member(types, id, member)));
}

bool kernel_types_have_tracepoint(const char *tracepoint)
{
	const struct type_table *types = kernel_types_all();
	char name[TYPE_NAME_MAX];

	(void)snprintf(name, sizeof(name), "btf_trace_%s", tracepoint);
	return types && type_table_find(types, name, BTF_KIND_TYPEDEF);
}

void kernel_types_release(void)
{
	if (!kernel_types.is_open)
		return;
	type_table_close(&kernel_types.table);
	(void)munmap(kernel_types.bytes, kernel_types.size_bytes);
	kernel_types.is_open = false;
}
