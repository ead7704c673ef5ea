/* record/kernel/core_types.c - those types of the kernel that BPF programs refer to by name */
#include "record/kernel/core_types.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/array.h"
#include "base/buffer.h"
#include "record/kernel/type_table.h"

/* "struct inode___v67" stands for "struct inode". */
#define SUFFIX_MARK "___"

/* Linux 6.3; not in the headers of Debian 12. */
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8u
#endif

struct name {
	const char *text;
	size_t length;
};

/* A hash table; places without a name have no text. */
struct names {
	struct name *places;
	size_t mask; /* one less than their number, which is a power of two */
};

struct selection {
	const struct type_table *kernel;
	uint32_t *numbers; /* by the ID in the kernel: its number here, from 1; 0: none */
	uint32_t *ids;     /* by the number here, from 0: the ID in the kernel */
	size_t count;
	size_t capacity;
	uint32_t pointer; /* the number of the pointer that stands for all of them; 0: none */
	struct buffer types;
	struct buffer strings;
	bool failed; /* out of memory, or a kind that is not known */
};

/* Linux 6.3 and later can require a flag that says whether the file can be executed. */
bool core_types_open(struct core_types *ret_types)
{
	ret_types->fd = memfd_create("types", MFD_CLOEXEC | MFD_NOEXEC_SEAL);
	if (ret_types->fd < 0 && errno == EINVAL)
		ret_types->fd = memfd_create("types", MFD_CLOEXEC);
	(void)snprintf(ret_types->path, sizeof(ret_types->path), "/proc/self/fd/%d", ret_types->fd);
	return ret_types->fd >= 0;
}

void core_types_close(struct core_types *types)
{
	if (types->fd >= 0)
		(void)close(types->fd);
	types->fd = -1;
}

/* Names often begin alike. */
static size_t hash_of(const struct name *name)
{
	const size_t length = name->length < sizeof(uint64_t) ? name->length : sizeof(uint64_t);
	uint64_t end = name->length;

	memcpy(&end, name->text + name->length - length, length);
	end = (end ^ name->length) * UINT64_C(0x9e3779b97f4a7c15);
	return (size_t)(end >> 32);
}

static bool is_same(const struct name *left, const struct name *right)
{
	return left->length == right->length && memcmp(left->text, right->text, left->length) == 0;
}

/* Returns the place of a name, or the free one where it would be. */
static struct name *find_place(const struct names *names, const struct name *name)
{
	size_t at = hash_of(name) & names->mask;

	while (names->places[at].text && !is_same(&names->places[at], name))
		at = (at + 1) & names->mask;
	return &names->places[at];
}

/* The kinds of types whose members and values programs refer to. */
static bool has_searched_kind(const struct btf_type *type)
{
	return btf_is_composite(type) || btf_is_any_enum(type) || btf_is_typedef(type);
}

static bool collect_names(const struct btf *programs, struct names *ret_names)
{
	const uint32_t count = btf__type_cnt(programs);
	size_t places = 2;

	while (places < 2 * (size_t)count)
		places *= 2;
	ret_names->mask = places - 1;
	ret_names->places = calloc(places, sizeof(*ret_names->places));
	if (!ret_names->places)
		return false;
	for (uint32_t id = 1; id < count; id++) {
		const struct btf_type *type = btf__type_by_id(programs, id);
		const char *text = btf__name_by_offset(programs, type->name_off);
		const char *suffix = text ? strstr(text, SUFFIX_MARK) : NULL;
		struct name name;

		if (!text || !text[0] || !has_searched_kind(type))
			continue;
		name.text = text;
		name.length = suffix ? (size_t)(suffix - text) : strlen(text);
		*find_place(ret_names, &name) = name;
	}
	return true;
}

static uint32_t append_type(struct selection *selection, uint32_t id)
{
	uint32_t *grown = array_grow(selection->ids, &selection->capacity, selection->count + 1,
				     sizeof(*grown), ARRAY_NO_LIMIT);

	if (!grown) {
		selection->failed = true;
		return 0;
	}
	selection->ids = grown;
	grown[selection->count++] = id;
	return (uint32_t)selection->count;
}

/* Returns the number of the type with this ID; selects it if it has none. */
static uint32_t select_type(struct selection *selection, uint32_t id)
{
	uint32_t *number;

	if (id == 0 || id >= selection->kernel->count ||
	    btf_is_func_proto(type_table_get(selection->kernel, id)))
		return 0;
	number = &selection->numbers[id];
	if (btf_is_ptr(type_table_get(selection->kernel, id)))
		number = &selection->pointer;
	if (*number == 0)
		*number = append_type(selection, id);
	return *number;
}

static uint32_t put_name(struct selection *selection, uint32_t offset)
{
	const char *name = type_table_name(selection->kernel, offset);
	const size_t place = selection->strings.size;

	if (!name[0])
		return 0;
	buffer_put(&selection->strings, name, strlen(name) + 1);
	return (uint32_t)place;
}

static void put_members(struct selection *selection, const struct btf_type *type)
{
	const struct btf_member *members = btf_members(type);

	for (uint32_t i = 0; i < btf_vlen(type); i++) {
		const struct btf_member member = {
			.name_off = put_name(selection, members[i].name_off),
			.type = select_type(selection, members[i].type),
			.offset = members[i].offset,
		};

		buffer_put(&selection->types, &member, sizeof(member));
	}
}

static void put_values(struct selection *selection, const struct btf_type *type)
{
	const struct btf_enum *values = btf_enum(type);

	for (uint32_t i = 0; i < btf_vlen(type); i++) {
		struct btf_enum value = values[i];

		value.name_off = put_name(selection, value.name_off);
		buffer_put(&selection->types, &value, sizeof(value));
	}
}

static void put_wide_values(struct selection *selection, const struct btf_type *type)
{
	const struct btf_enum64 *values = btf_enum64(type);

	for (uint32_t i = 0; i < btf_vlen(type); i++) {
		struct btf_enum64 value = values[i];

		value.name_off = put_name(selection, value.name_off);
		buffer_put(&selection->types, &value, sizeof(value));
	}
}

static void put_array(struct selection *selection, const struct btf_type *type)
{
	struct btf_array array = *btf_array(type);

	array.type = select_type(selection, array.type);
	array.index_type = select_type(selection, array.index_type);
	buffer_put(&selection->types, &array, sizeof(array));
}

static void put_bits(struct selection *selection, const struct btf_type *type)
{
	buffer_put(&selection->types, type + 1, sizeof(uint32_t));
}

/* How each kind is written. Functions and variables are reached through pointers alone. */
static const struct kind {
	bool is_known;
	bool refers; /* to another type, in the place of a size */
	void (*put_rest)(struct selection *selection, const struct btf_type *type); /* or NULL */
} kinds[] = {
	[BTF_KIND_INT] = {true, false, put_bits},
	[BTF_KIND_PTR] = {true, false, NULL},
	[BTF_KIND_ARRAY] = {true, false, put_array},
	[BTF_KIND_STRUCT] = {true, false, put_members},
	[BTF_KIND_UNION] = {true, false, put_members},
	[BTF_KIND_ENUM] = {true, false, put_values},
	[BTF_KIND_FWD] = {true, false, NULL},
	[BTF_KIND_TYPEDEF] = {true, true, NULL},
	[BTF_KIND_VOLATILE] = {true, true, NULL},
	[BTF_KIND_CONST] = {true, true, NULL},
	[BTF_KIND_RESTRICT] = {true, true, NULL},
	[BTF_KIND_FLOAT] = {true, false, NULL},
	[BTF_KIND_TYPE_TAG] = {true, true, NULL},
	[BTF_KIND_ENUM64] = {true, false, put_wide_values},
};

static void put_type(struct selection *selection, uint32_t id)
{
	const struct btf_type *type = type_table_get(selection->kernel, id);
	const uint16_t number = btf_kind(type);
	const struct kind *kind =
		number < sizeof(kinds) / sizeof(kinds[0]) ? &kinds[number] : &kinds[0];
	struct btf_type head = *type;

	if (!kind->is_known) {
		selection->failed = true;
		return;
	}
	head.name_off = put_name(selection, type->name_off);
	if (kind->refers)
		head.type = select_type(selection, type->type);
	else if (btf_is_ptr(type))
		head.type = 0;
	buffer_put(&selection->types, &head, sizeof(head));
	if (kind->put_rest)
		kind->put_rest(selection, type);
}

static void select_types(struct selection *selection, const struct names *names)
{
	const uint32_t count = selection->kernel->count;

	for (uint32_t id = 1; id < count; id++) {
		const struct btf_type *type = type_table_get(selection->kernel, id);
		struct name name;

		if (!has_searched_kind(type) || type->name_off == 0)
			continue;
		name.text = type_table_name(selection->kernel, type->name_off);
		name.length = strlen(name.text);
		if (find_place(names, &name)->text)
			(void)select_type(selection, id);
	}
	/* Members are selected meanwhile. */
	for (size_t i = 0; i < selection->count && !selection->failed; i++)
		put_type(selection, selection->ids[i]);
}

static bool write_bytes(int fd, const void *bytes, size_t size)
{
	const uint8_t *left = bytes;

	while (size > 0) {
		const ssize_t written = write(fd, left, size);

		if (written < 0 && errno != EINTR)
			return false;
		if (written > 0) {
			left += written;
			size -= (size_t)written;
		}
	}
	return true;
}

static bool write_selection(int fd, const struct selection *selection)
{
	const struct btf_header header = {
		.magic = BTF_MAGIC,
		.version = BTF_VERSION,
		.hdr_len = sizeof(header),
		.type_len = (uint32_t)selection->types.size,
		.str_off = (uint32_t)selection->types.size,
		.str_len = (uint32_t)selection->strings.size,
	};

	return write_bytes(fd, &header, sizeof(header)) &&
	       write_bytes(fd, selection->types.data, selection->types.size) &&
	       write_bytes(fd, selection->strings.data, selection->strings.size);
}

bool core_types_write(const struct core_types *types, const struct type_table *kernel,
		      const struct btf *programs, bool *ret_is_selection)
{
	struct selection selection = {.kernel = kernel};
	struct names names;
	bool is_written;

	if (!collect_names(programs, &names))
		return false;
	selection.numbers = calloc(kernel->count, sizeof(*selection.numbers));
	buffer_put_u8(&selection.strings, 0); /* the name of what has none */
	if (selection.numbers)
		select_types(&selection, &names);
	*ret_is_selection = selection.numbers && !selection.failed && !selection.types.failed &&
			    !selection.strings.failed;
	if (*ret_is_selection)
		is_written = write_selection(types->fd, &selection);
	else
		is_written = write_bytes(types->fd, kernel->bytes, kernel->size_bytes);
	buffer_release(&selection.types);
	buffer_release(&selection.strings);
	free(selection.numbers);
	free(selection.ids);
	free(names.places);
	return is_written;
}
