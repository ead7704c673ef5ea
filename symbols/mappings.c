/* symbols/mappings.c - the executable mappings of one process */
#include "symbols/mappings.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/search.h"

struct mapped_file *mapped_file_new(const struct file_identity *identity, const char *path,
				    int64_t seen_ns)
{
	size_t length = strnlen(path, MAPPINGS_PATH_MAX_BYTES);
	struct mapped_file *file = malloc(sizeof(*file) + length + 1);

	if (!file)
		return NULL;
	atomic_init(&file->references, 1);
	file->identity = *identity;
	file->seen_ns = seen_ns;
	memcpy(file->path, path, length);
	file->path[length] = '\0';
	return file;
}

struct mapped_file *mapped_file_reference(struct mapped_file *file)
{
	if (file)
		atomic_fetch_add_explicit(&file->references, 1, memory_order_relaxed);
	return file;
}

void mapped_file_release(struct mapped_file *file)
{
	if (file && atomic_fetch_sub_explicit(&file->references, 1, memory_order_acq_rel) == 1)
		free(file);
}

void mappings_init(struct mappings *mappings, pid_t pid)
{
	*mappings = (struct mappings){.pid = pid};
}

void mappings_clear(struct mappings *mappings)
{
	for (size_t i = 0; i < mappings->count; i++)
		mapped_file_release(mappings->entries[i].file);
	mappings->count = 0;
}

void mappings_release(struct mappings *mappings)
{
	mappings_clear(mappings);
	free(mappings->entries);
	mappings_init(mappings, mappings->pid);
}

enum symbols_status mappings_copy(const struct mappings *mappings, pid_t pid,
				  struct mappings *ret_copy)
{
	struct mappings copy;

	mappings_init(&copy, pid);
	if (mappings->count > 0) {
		copy.entries = malloc(mappings->count * sizeof(copy.entries[0]));
		if (!copy.entries)
			return SYMBOLS_NO_MEMORY;
		memcpy(copy.entries, mappings->entries, mappings->count * sizeof(copy.entries[0]));
		copy.count = copy.capacity = mappings->count;
	}
	for (size_t i = 0; i < copy.count; i++)
		mapped_file_reference(copy.entries[i].file);
	*ret_copy = copy;
	return SYMBOLS_OK;
}

static bool ends_before(const void *table, size_t index, uint64_t address)
{
	const struct mapping *entries = table;

	return entries[index].end <= address;
}

/* The first entry that ends after `address`. */
static size_t lower_bound(const struct mappings *mappings, uint64_t address)
{
	return search_lower_bound(mappings->entries, mappings->count, address, ends_before);
}

const struct mapping *mappings_find(const struct mappings *mappings, uint64_t address)
{
	size_t at = lower_bound(mappings, address);

	if (at == mappings->count || mappings->entries[at].start > address)
		return NULL;
	return &mappings->entries[at];
}

static enum symbols_status reserve_one(struct mappings *mappings)
{
	struct mapping *grown = array_grow(mappings->entries, &mappings->capacity,
					   mappings->count + 1, sizeof(*grown), MAPPINGS_MAX);

	if (!grown)
		return mappings->count >= MAPPINGS_MAX ? SYMBOLS_LIMIT : SYMBOLS_NO_MEMORY;
	mappings->entries = grown;
	return SYMBOLS_OK;
}

/* Takes ownership of the reference in `mapping`. Room must be reserved. */
static void insert_at(struct mappings *mappings, size_t at, const struct mapping *mapping)
{
	memmove(&mappings->entries[at + 1], &mappings->entries[at],
		(mappings->count - at) * sizeof(mappings->entries[0]));
	mappings->entries[at] = *mapping;
	mappings->count++;
}

static void delete_at(struct mappings *mappings, size_t at, size_t count)
{
	if (count == 0)
		return;
	for (size_t i = at; i < at + count; i++)
		mapped_file_release(mappings->entries[i].file);
	memmove(&mappings->entries[at], &mappings->entries[at + count],
		(mappings->count - at - count) * sizeof(mappings->entries[0]));
	mappings->count -= count;
}

static void trim_front(struct mapping *mapping, uint64_t new_start)
{
	mapping->file_offset += new_start - mapping->start;
	mapping->start = new_start;
}

enum symbols_status mappings_remove(struct mappings *mappings, uint64_t start, uint64_t end)
{
	size_t at = lower_bound(mappings, start);
	size_t first, last;

	if (at < mappings->count && mappings->entries[at].start < start) {
		struct mapping *entry = &mappings->entries[at];

		if (entry->end > end) { /* a hole in the middle: the rest becomes a second entry */
			struct mapping rest = *entry;
			enum symbols_status status = reserve_one(mappings);

			if (status != SYMBOLS_OK)
				return status;
			trim_front(&rest, end);
			mapped_file_reference(rest.file);
			mappings->entries[at].end = start;
			insert_at(mappings, at + 1, &rest);
			return SYMBOLS_OK;
		}
		entry->end = start;
		at++;
	}
	first = last = at;
	while (last < mappings->count && mappings->entries[last].end <= end)
		last++;
	if (last < mappings->count && mappings->entries[last].start < end)
		trim_front(&mappings->entries[last], end);
	delete_at(mappings, first, last - first);
	return SYMBOLS_OK;
}

enum symbols_status mappings_add(struct mappings *mappings, const struct mapping *mapping)
{
	enum symbols_status status;

	if (mapping->start >= mapping->end)
		return SYMBOLS_CORRUPT;
	status = mappings_remove(mappings, mapping->start, mapping->end);
	if (status == SYMBOLS_OK)
		status = reserve_one(mappings);
	if (status != SYMBOLS_OK)
		return status;
	mapped_file_reference(mapping->file);
	insert_at(mappings, lower_bound(mappings, mapping->start), mapping);
	return SYMBOLS_OK;
}

enum mapping_kind mapping_kind_of(const char *name)
{
	static const struct {
		const char *name;
		enum mapping_kind kind;
	} kinds[] = {
		{"[vdso]", MAPPING_VDSO},           {"[vsyscall]", MAPPING_VSYSCALL},
		{"//anon", MAPPING_ANONYMOUS},      {"/dev/zero", MAPPING_ANONYMOUS},
		{"anon_inode:", MAPPING_ANONYMOUS}, {"/memfd:", MAPPING_MEMFD},
		{"/SYSV", MAPPING_ANONYMOUS},       {"/anon_hugepage", MAPPING_ANONYMOUS},
		{"[", MAPPING_ANONYMOUS}, /* [heap], [stack], [anon:...] */
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strncmp(name, kinds[i].name, strlen(kinds[i].name)) == 0)
			return kinds[i].kind;
	}
	return name[0] ? MAPPING_FILE : MAPPING_ANONYMOUS;
}
