/* analyze/lines/source_lines.c - source lines for the frames of traces, out of debug files */
#define _GNU_SOURCE
#include "analyze/lines/source_lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/array.h"
#include "format/intern.h"
#include "symbols/elf_image.h"

/* More than a person reads. */
#define COMPLAINTS_MAX 10u

/* A file that code is from, and the places in it that are asked for. */
struct module {
	uint8_t build_id[ELF_IMAGE_BUILD_ID_MAX];
	size_t build_id_bytes;
	uint64_t *addresses; /* ascending once they have been asked for */
	size_t count;
	size_t capacity;
	struct debug_lines lines;
	uint32_t *starts; /* the first of lines for each address, and one more */
};

struct source_lines {
	const char *program;
	const struct line_broker *broker;
	struct dz_intern build_ids; /* number n: of modules[n - 1] */
	struct module *modules;
	size_t count;
	size_t capacity;
	bool out_of_memory;
	size_t complaints;
	struct dz_place_function functions[DEBUG_LINES_NESTING_MAX];
};

struct source_lines *source_lines_new(const char *program, const struct line_broker *broker)
{
	struct source_lines *lines = calloc(1, sizeof(*lines));
	struct dz_siphash_key key;

	if (!lines)
		return NULL;
	if (getrandom(&key, sizeof(key), 0) != sizeof(key)) {
		free(lines);
		return NULL;
	}
	dz_intern_init(&lines->build_ids, &key);
	lines->program = program;
	lines->broker = broker;
	return lines;
}

/* NULL if there is none. */
static struct module *find_module(const struct source_lines *lines, struct dz_bytes build_id)
{
	uint32_t number = dz_intern_find(&lines->build_ids, build_id.data, build_id.size);

	return number ? &lines->modules[number - 1] : NULL;
}

/* Adds it if it is new. NULL without memory. */
static struct module *add_module(struct source_lines *lines, struct dz_bytes build_id)
{
	struct module *module = find_module(lines, build_id);

	if (module)
		return module;
	module = array_grow(lines->modules, &lines->capacity, lines->count + 1, sizeof(*module),
			    ARRAY_NO_LIMIT);
	if (!module)
		return NULL;
	lines->modules = module;
	if (dz_intern_add(&lines->build_ids, build_id.data, build_id.size) == 0)
		return NULL;
	module = &lines->modules[lines->count++];
	*module = (struct module){.build_id_bytes = build_id.size};
	memcpy(module->build_id, build_id.data, build_id.size);
	return module;
}

static bool add_address(struct module *module, uint64_t address)
{
	uint64_t *grown = array_grow(module->addresses, &module->capacity, module->count + 1,
				     sizeof(*grown), ARRAY_NO_LIMIT);

	if (!grown)
		return false;
	module->addresses = grown;
	module->addresses[module->count++] = address;
	return true;
}

/* Notes a place that something is asked for; nothing is known of it yet. */
static size_t note_place(void *context, const struct dz_place *place,
			 const struct dz_place_function **ret_functions)
{
	struct source_lines *lines = context;
	struct module *module;

	(void)ret_functions;
	if (place->build_id.size < 2 || place->build_id.size > ELF_IMAGE_BUILD_ID_MAX)
		return 0;
	module = add_module(lines, place->build_id);
	if (!module || !add_address(module, place->address))
		lines->out_of_memory = true;
	return 0;
}

static int compare(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left;
	uint64_t b = *(const uint64_t *)right;

	return a < b ? -1 : a > b;
}

/* Sorts them, and removes those that are there more than once. */
static void tidy_addresses(struct module *module)
{
	size_t kept = 0;

	qsort(module->addresses, module->count, sizeof(module->addresses[0]), compare);
	for (size_t i = 0; i < module->count; i++)
		if (kept == 0 || module->addresses[kept - 1] != module->addresses[i])
			module->addresses[kept++] = module->addresses[i];
	module->count = kept < DEBUG_LINES_ADDRESSES_MAX ? kept : DEBUG_LINES_ADDRESSES_MAX;
}

static bool index_lines(struct module *module)
{
	uint32_t at = 0;

	module->starts = calloc(module->count + 1, sizeof(*module->starts));
	if (!module->starts)
		return false;
	for (size_t i = 0; i <= module->count; i++) {
		while (at < module->lines.count && module->lines.lines[at].address_index < i)
			at++;
		module->starts[i] = at;
	}
	return true;
}

static void complain(struct source_lines *lines, const struct module *module,
		     enum symbols_status status)
{
	static const char *const reasons[] = {
		[SYMBOLS_TIMEOUT] = "took too long",
		[SYMBOLS_REFUSED] = "is not a regular file with this build-id",
		[SYMBOLS_CORRUPT] = "is damaged",
		[SYMBOLS_LIMIT] = "holds too much",
		[SYMBOLS_NO_MEMORY] = "needs too much memory",
	};
	const char *reason =
		(size_t)status < sizeof(reasons) / sizeof(reasons[0]) ? reasons[status] : NULL;

	if (status == SYMBOLS_NOT_FOUND || ++lines->complaints > COMPLAINTS_MAX)
		return;
	fprintf(stderr, "%s: debug file of build-id ", lines->program);
	for (size_t i = 0; i < module->build_id_bytes; i++)
		fprintf(stderr, "%02x", module->build_id[i]);
	fprintf(stderr, ": %s\n", reason ? reason : "cannot be read");
}

/* False without memory. */
static bool ask(struct source_lines *lines, struct module *module)
{
	struct debug_lines_query query = {.build_id = module->build_id,
					  .build_id_bytes = module->build_id_bytes};
	enum symbols_status status;

	tidy_addresses(module);
	query.addresses = module->addresses;
	query.address_count = module->count;
	status = line_broker_ask(lines->broker, &query, &module->lines);
	if (status != SYMBOLS_OK)
		complain(lines, module, status);
	return index_lines(module);
}

static size_t copy_functions(struct source_lines *lines, const struct module *module, size_t index)
{
	size_t count = 0;

	for (uint32_t i = module->starts[index];
	     i < module->starts[index + 1] && count < DEBUG_LINES_NESTING_MAX; i++) {
		const struct debug_line *line = &module->lines.lines[i];

		lines->functions[count++] = (struct dz_place_function){
			.name = line->function,
			.file = line->file,
			.offset = line->offset,
			.line = line->line,
			.inlined = line->inlined,
		};
	}
	return count;
}

static size_t find_functions(void *context, const struct dz_place *place,
			     const struct dz_place_function **ret_functions)
{
	struct source_lines *lines = context;
	const struct module *module = find_module(lines, place->build_id);
	const uint64_t *found;

	if (!module)
		return 0;
	found = bsearch(&place->address, module->addresses, module->count,
			sizeof(module->addresses[0]), compare);
	*ret_functions = lines->functions;
	return found ? copy_functions(lines, module, (size_t)(found - module->addresses)) : 0;
}

static void forget(struct source_lines *lines)
{
	for (size_t i = 0; i < lines->count; i++) {
		free(lines->modules[i].addresses);
		free(lines->modules[i].starts);
		debug_lines_release(&lines->modules[i].lines);
	}
	free(lines->modules);
	lines->modules = NULL;
	lines->count = 0;
	lines->capacity = 0;
	dz_intern_clear(&lines->build_ids);
}

enum dz_status source_lines_add(struct source_lines *lines, const struct dz_source *source,
				const struct dz_sink *sink, struct dz_add_lines_result *ret_result)
{
	const struct dz_add_lines_options note = {.context = lines, .find = note_place};
	const struct dz_add_lines_options find = {.context = lines, .find = find_functions};
	enum dz_status status;

	forget(lines);
	status = dz_find_places(source, &note);
	if (status != DZ_OK)
		return status;
	for (size_t i = 0; i < lines->count && !lines->out_of_memory; i++)
		lines->out_of_memory = !ask(lines, &lines->modules[i]);
	if (lines->out_of_memory)
		return DZ_NO_MEMORY;
	return dz_add_lines(source, sink, &find, ret_result);
}

void source_lines_free(struct source_lines *lines)
{
	if (!lines)
		return;
	forget(lines);
	free(lines);
}
