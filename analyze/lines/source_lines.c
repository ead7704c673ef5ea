/* analyze/lines/source_lines.c - source lines from debug files for the frames of traces
 *
 * The first pass over the trace collects the addresses of each module, by build ID. The broker is
 * asked once for each module. The second pass copies the trace and looks the addresses up. With
 * three frames of one build ID at 0x50, 0x20 and 0x50, it is asked for 0x20 and 0x50. If 0x20 has
 * a function inlined into another, the answer has the lines [inlined, outer, line of 0x50], and
 * `starts` is [0, 2, 3]: the lines of address i are starts[i] to starts[i + 1] - 1.
 */
#define _GNU_SOURCE
#include "analyze/lines/source_lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/array.h"
#include "format/intern.h"
#include "symbols/elf_image.h"

/* Debug files that are reported. */
#define MESSAGES_MAX 10u

/* A file with code, and the addresses in it for which lines are needed. */
struct module {
	uint8_t build_id[ELF_IMAGE_BUILD_ID_MAX];
	size_t build_id_bytes;
	uint64_t *addresses; /* ascending and unique after ask() */
	size_t count;
	size_t capacity;
	struct debug_lines lines;
	uint32_t *starts; /* count + 1: index of the first line of each address */
};

struct source_lines {
	const char *program;
	const struct line_broker *broker;
	struct dz_intern build_ids; /* number n is that of modules[n - 1] */
	struct module *modules;
	size_t count;
	size_t capacity;
	bool out_of_memory;
	size_t messages; /* printed, or suppressed */
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

/* Returns NULL if there is none. */
static struct module *find_module(const struct source_lines *lines, struct dz_bytes build_id)
{
	uint32_t number = dz_intern_find(&lines->build_ids, build_id.data, build_id.size);

	return number ? &lines->modules[number - 1] : NULL;
}

/* Returns the module, adding a new one. Returns NULL on allocation failure. */
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

/* Collects a place of the first pass. Returns 0: nothing is known of it yet. */
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

/* Sorts the addresses, removes duplicates, and keeps at most DEBUG_LINES_ADDRESSES_MAX. */
static void sort_addresses(struct module *module)
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

static void print_status(struct source_lines *lines, const struct module *module,
			 enum symbols_status status)
{
	static const char *const reasons[] = {
		[SYMBOLS_TIMEOUT] = "took too long",
		[SYMBOLS_REFUSED] = "not a regular file with this build ID",
		[SYMBOLS_CORRUPT] = "damaged",
		[SYMBOLS_LIMIT] = "exceeds a limit",
		[SYMBOLS_NO_MEMORY] = "needs too much memory",
	};
	const char *reason =
		(size_t)status < sizeof(reasons) / sizeof(reasons[0]) ? reasons[status] : NULL;

	if (status == SYMBOLS_NOT_FOUND || ++lines->messages > MESSAGES_MAX)
		return;
	fprintf(stderr, "%s: debug file of build ID ", lines->program);
	for (size_t i = 0; i < module->build_id_bytes; i++)
		fprintf(stderr, "%02x", module->build_id[i]);
	fprintf(stderr, ": %s\n", reason ? reason : "cannot read");
}

/* Asks the broker for the lines of a module. Returns false on allocation failure. */
static bool ask(struct source_lines *lines, struct module *module)
{
	struct debug_lines_query query = {.build_id = module->build_id,
					  .build_id_bytes = module->build_id_bytes};
	enum symbols_status status;

	sort_addresses(module);
	query.addresses = module->addresses;
	query.address_count = module->count;
	status = line_broker_ask(lines->broker, &query, &module->lines);
	if (status != SYMBOLS_OK)
		print_status(lines, module, status);
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

static void clear_modules(struct source_lines *lines)
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

	clear_modules(lines);
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
	clear_modules(lines);
	free(lines);
}
