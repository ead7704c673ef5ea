/* symbols/kallsyms.c - the functions of the kernel by address */
#include "symbols/kallsyms.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/search.h"
#include "symbols/lines.h"
#include "symbols/string_pool.h"

#define FILE_MAX_BYTES (256u << 20)
#define NAME_MAX_BYTES 511u
#define MODULE_NONE    0u /* KERNEL_NAME, the first string of the pool */
#define KERNEL_NAME    "[kernel]"

struct reader {
	struct kallsyms kallsyms;
	size_t capacity;
	struct string_pool pool;
	uint32_t last_module; /* the lines of a module are successive */
	bool some_address;
	uint64_t padding_address; /* of a symbol __pfx_NAME whose function may be the next line */
	char padding[NAME_MAX_BYTES + 1]; /* that line, from its name on; empty: none */
};

static enum symbols_status append(struct reader *reader, const struct kallsyms_entry *entry)
{
	struct kallsyms *kallsyms = &reader->kallsyms;
	struct kallsyms_entry *grown =
		array_grow(kallsyms->entries, &reader->capacity, kallsyms->count + 1,
			   sizeof(*grown), KALLSYMS_SYMBOLS_MAX);

	if (!grown)
		return kallsyms->count >= KALLSYMS_SYMBOLS_MAX ? SYMBOLS_LIMIT : SYMBOLS_NO_MEMORY;
	kallsyms->entries = grown;
	kallsyms->entries[kallsyms->count++] = *entry;
	return SYMBOLS_OK;
}

/* "\t[ext4]" at the end of a line. */
static enum symbols_status take_module(struct reader *reader, const char *text,
				       uint32_t *ret_module)
{
	const char *start = strchr(text, '[');
	size_t length = start ? strcspn(start + 1, "]") : 0;
	const char *last = string_pool_get(&reader->pool, reader->last_module);
	enum symbols_status status;

	*ret_module = MODULE_NONE;
	if (length == 0 || length > NAME_MAX_BYTES)
		return SYMBOLS_OK;
	if (strlen(last) == length && memcmp(last, start + 1, length) == 0) {
		*ret_module = reader->last_module;
		return SYMBOLS_OK;
	}
	status = string_pool_add(&reader->pool, start + 1, length, ret_module);
	if (status == SYMBOLS_OK)
		reader->last_module = *ret_module;
	return status;
}

static enum symbols_status add_function(struct reader *reader, uint64_t address, const char *name,
					uint64_t padding_bytes)
{
	struct kallsyms_entry entry = {.address = address};
	size_t length = strcspn(name, "\t");
	enum symbols_status status;
	uint32_t module;

	if (length == 0 || length > NAME_MAX_BYTES)
		return SYMBOLS_OK;
	status = take_module(reader, name + length, &module);
	if (status == SYMBOLS_OK)
		status = string_pool_add(&reader->pool, name, length, &entry.name);
	entry.module = module & 0xffffff;
	entry.padding_bytes = padding_bytes & 0xff;
	return status == SYMBOLS_OK ? append(reader, &entry) : status;
}

/* Padding whose function is not the next line is a symbol like any other. */
static enum symbols_status end_padding(struct reader *reader)
{
	enum symbols_status status = SYMBOLS_OK;

	if (reader->padding[0])
		status = add_function(reader, reader->padding_address, reader->padding, 0);
	reader->padding[0] = '\0';
	return status;
}

static bool is_padded(const struct reader *reader, uint64_t address, const char *name)
{
	return reader->padding[0] && address > reader->padding_address &&
	       address - reader->padding_address <= KALLSYMS_PADDING_MAX_BYTES &&
	       strcmp(reader->padding + strlen(KALLSYMS_PADDING_PREFIX), name) == 0;
}

static enum symbols_status take_function(struct reader *reader, uint64_t address, const char *name)
{
	enum symbols_status status;
	size_t length = strlen(name);

	if (is_padded(reader, address, name)) {
		reader->padding[0] = '\0';
		return add_function(reader, address, name, address - reader->padding_address);
	}
	/* Names of one function: the kernel prints the first one of those at an address. */
	if (reader->padding[0] && address == reader->padding_address &&
	    strncmp(name, KALLSYMS_PADDING_PREFIX, strlen(KALLSYMS_PADDING_PREFIX)) == 0)
		return SYMBOLS_OK;
	status = end_padding(reader);
	if (status != SYMBOLS_OK)
		return status;
	if (length > NAME_MAX_BYTES ||
	    strncmp(name, KALLSYMS_PADDING_PREFIX, strlen(KALLSYMS_PADDING_PREFIX)) != 0)
		return add_function(reader, address, name, 0);
	memcpy(reader->padding, name, length + 1);
	reader->padding_address = address;
	return SYMBOLS_OK;
}

/* ADDRESS TYPE NAME [MODULE] */
static enum symbols_status take_line(void *context, char *line)
{
	struct reader *reader = context;
	uint64_t address;
	char *stop;

	errno = 0;
	address = strtoull(line, &stop, 16);
	if (errno != 0 || stop == line || stop[0] != ' ' || stop[1] == '\0' || stop[2] != ' ')
		return SYMBOLS_OK;
	if (address == 0 || !strchr("tTwW", stop[1]))
		return SYMBOLS_OK;
	reader->some_address = true;
	return take_function(reader, address, stop + 3);
}

static int compare_entries(const void *left, const void *right)
{
	const struct kallsyms_entry *a = left;
	const struct kallsyms_entry *b = right;

	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	return (a->name > b->name) - (a->name < b->name);
}

/* Keeps the first name of each address, which the kernel prints in its own traces. */
static void drop_aliases(struct kallsyms *kallsyms)
{
	size_t kept = 0;

	for (size_t i = 0; i < kallsyms->count; i++) {
		if (kept == 0 ||
		    kallsyms->entries[kept - 1].address != kallsyms->entries[i].address)
			kallsyms->entries[kept++] = kallsyms->entries[i];
	}
	kallsyms->count = kept;
}

/* In a module, the function need not be in the line behind its padding. */
static bool is_padding_of(const struct kallsyms *kallsyms, const struct kallsyms_entry *padding,
			  const struct kallsyms_entry *function)
{
	const char *name = kallsyms->names + padding->name;

	return function->address - padding->address <= KALLSYMS_PADDING_MAX_BYTES &&
	       strncmp(name, KALLSYMS_PADDING_PREFIX, strlen(KALLSYMS_PADDING_PREFIX)) == 0 &&
	       strcmp(name + strlen(KALLSYMS_PADDING_PREFIX), kallsyms->names + function->name) ==
		       0;
}

static void join_padding(struct kallsyms *kallsyms)
{
	struct kallsyms_entry *entries = kallsyms->entries;
	size_t kept = 0;

	for (size_t i = 0; i < kallsyms->count; i++) {
		entries[kept] = entries[i];
		if (kept > 0 && is_padding_of(kallsyms, &entries[kept - 1], &entries[kept])) {
			entries[kept].padding_bytes =
				(entries[kept].address - entries[kept - 1].address) & 0xff;
			entries[kept - 1] = entries[kept];
		} else {
			kept++;
		}
	}
	kallsyms->count = kept;
}

enum symbols_status kallsyms_read(int fd, struct kallsyms *ret_kallsyms)
{
	struct reader reader = {.pool = string_pool_empty(KALLSYMS_NAMES_MAX_BYTES)};
	const struct lines_handler handler = {.handle = take_line, .context = &reader};
	uint32_t kernel_name;
	enum symbols_status status =
		string_pool_add(&reader.pool, KERNEL_NAME, sizeof(KERNEL_NAME) - 1, &kernel_name);

	if (status == SYMBOLS_OK)
		status = lines_read(fd, FILE_MAX_BYTES, &handler);
	if (status == SYMBOLS_OK)
		status = end_padding(&reader);
	if (status == SYMBOLS_OK && !reader.some_address)
		status = SYMBOLS_REFUSED;
	reader.kallsyms.names = string_pool_take(&reader.pool, &reader.kallsyms.names_bytes);
	if (status != SYMBOLS_OK) {
		kallsyms_release(&reader.kallsyms);
		return status;
	}
	if (reader.kallsyms.count > 0) {
		qsort(reader.kallsyms.entries, reader.kallsyms.count,
		      sizeof(reader.kallsyms.entries[0]), compare_entries);
		drop_aliases(&reader.kallsyms);
		join_padding(&reader.kallsyms);
	}
	*ret_kallsyms = reader.kallsyms;
	return SYMBOLS_OK;
}

void kallsyms_release(struct kallsyms *kallsyms)
{
	free(kallsyms->entries);
	free(kallsyms->names);
	*kallsyms = (struct kallsyms){.count = 0};
}

static bool starts_before(const void *table, size_t index, uint64_t address)
{
	const struct kallsyms_entry *entries = table;

	return entries[index].address - entries[index].padding_bytes <= address;
}

bool kallsyms_find(const struct kallsyms *kallsyms, uint64_t address,
		   struct kernel_symbol *ret_symbol)
{
	const struct kallsyms_entry *entry;
	uint64_t offset_bytes = 0;
	size_t count =
		search_lower_bound(kallsyms->entries, kallsyms->count, address, starts_before);

	if (count == 0)
		return false;
	entry = &kallsyms->entries[count - 1];
	if (address > entry->address)
		offset_bytes = address - entry->address;
	if (offset_bytes >= KALLSYMS_FUNCTION_MAX_BYTES)
		return false;
	*ret_symbol = (struct kernel_symbol){
		.name = kallsyms->names + entry->name,
		.module = kallsyms->names + entry->module,
		.offset_bytes = offset_bytes,
	};
	return true;
}
