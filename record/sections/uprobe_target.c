/* record/sections/uprobe_target.c - the place of a uprobe, checked against the code of its file */
#include "record/sections/uprobe_target.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "symbols/module.h"
#include "text/similar_names.h"

#define FORMS_BYTES 256u

static const struct elf_segment *code_at(const struct elf_image *image, uint64_t number,
					 bool is_address)
{
	for (size_t i = 0; i < image->segment_count; i++) {
		const struct elf_segment *segment = &image->segments[i];
		uint64_t first = is_address ? segment->address : segment->file_offset;

		if (segment->executable && number >= first && number - first < segment->file_bytes)
			return segment;
	}
	return NULL;
}

/* Says where the code is, and whether the number was meant in the other way. */
static bool fail_outside(const struct elf_image *image, const struct uprobe_place *place,
			 struct problem *ret_problem)
{
	const char *kind = place->is_address ? "address" : "offset";
	const char *other = place->is_address ? "offset" : "address";

	if (code_at(image, place->offset_bytes, !place->is_address))
		return problem_set(ret_problem,
				   "--uprobe: %s: no code at %s 0x%" PRIx64
				   ": if it is an %s, use start-%s= or stop-%s=",
				   place->file, kind, place->offset_bytes, other, other, other);
	for (size_t i = 0; i < image->segment_count; i++) {
		const struct elf_segment *segment = &image->segments[i];
		uint64_t first = place->is_address ? segment->address : segment->file_offset;

		if (segment->executable)
			return problem_set(ret_problem,
					   "--uprobe: %s: no code at %s 0x%" PRIx64
					   ": its code is from 0x%" PRIx64 " to 0x%" PRIx64,
					   place->file, kind, place->offset_bytes, first,
					   first + segment->file_bytes - 1);
	}
	return problem_set(ret_problem, "--uprobe: %s: a file without code", place->file);
}

static bool check_number(int fd, const struct uprobe_place *place, struct uprobe_target *target,
			 struct problem *ret_problem)
{
	const struct elf_segment *segment;
	struct elf_image image = {0};
	bool found = false;

	if (elf_image_open(fd, &image) != SYMBOLS_OK)
		return problem_set(ret_problem, "--uprobe: %s: not a program or a library",
				   place->file);
	segment = code_at(&image, place->offset_bytes, place->is_address);
	if (segment) {
		found = true;
		if (place->is_address)
			target->offset_bytes =
				place->offset_bytes - segment->address + segment->file_offset;
	} else {
		(void)fail_outside(&image, place, ret_problem);
	}
	elf_image_release(&image);
	return found;
}

/* A symbol that the table does not have under this name is left to libbpf. */
static bool check_offset_in_function(int fd, const struct uprobe_place *place,
				     struct problem *ret_problem)
{
	const struct function_table *table;
	struct module module;
	bool is_inside = true;

	if (place->offset_bytes == 0 || module_load(fd, NULL, &module) != SYMBOLS_OK)
		return true;
	table = &module.functions;
	for (size_t i = 0; i < table->count && is_inside; i++) {
		const struct function_entry *entry = &table->entries[i];

		if (strcmp(table->names + entry->name, place->symbol) != 0 || !entry->size_bytes)
			continue;
		is_inside = place->offset_bytes < entry->size_bytes;
		if (!is_inside)
			(void)problem_set(ret_problem,
					  "--uprobe: %s: %s has %" PRIu32 " bytes: offset %" PRIu64
					  " is behind it",
					  place->file, place->symbol, entry->size_bytes,
					  place->offset_bytes);
	}
	module_release(&module);
	return is_inside;
}

bool uprobe_target_find(const struct uprobe_place *place, struct uprobe_target *ret_target,
			struct problem *ret_problem)
{
	bool is_right;
	int fd;

	*ret_target = (struct uprobe_target){
		.symbol = place->symbol[0] ? place->symbol : NULL,
		.offset_bytes = place->offset_bytes,
	};
	(void)snprintf(ret_target->file, sizeof(ret_target->file), "%s", place->file);
	fd = open(place->file, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT && !strchr(place->file, '/'))
		return true; /* libbpf searches it in PATH, and libraries in theirs */
	if (fd < 0)
		return problem_set(ret_problem, "--uprobe: %s: cannot open: %s", place->file,
				   strerror(errno));
	if (!strchr(place->file, '/'))
		(void)snprintf(ret_target->file, sizeof(ret_target->file), "./%.*s",
			       (int)sizeof(ret_target->file) - 3, place->file);
	is_right = place->symbol[0] ? check_offset_in_function(fd, place, ret_problem)
				    : check_number(fd, place, ret_target, ret_problem);
	(void)close(fd);
	return is_right;
}

/* Adds a name such as handle.constprop.0 of the function handle. */
static void add_form(char forms[FORMS_BYTES], const char *name, const char *symbol)
{
	size_t length = strlen(symbol), used = strlen(forms);

	if (strncmp(name, symbol, length) == 0 && name[length] == '.')
		(void)snprintf(forms + used, FORMS_BYTES - used, "%s%s", used ? ", " : "", name);
}

bool uprobe_target_explain(const struct uprobe_target *target, struct problem *ret_problem)
{
	char names[SIMILAR_NAMES_TEXT_MAX] = "", forms[FORMS_BYTES] = "";
	int fd = open(target->file, O_RDONLY | O_CLOEXEC);
	struct similar_names similar;
	struct module module;

	similar_names_begin(&similar, target->symbol);
	if (fd >= 0 && module_load(fd, NULL, &module) == SYMBOLS_OK) {
		for (size_t i = 0; i < module.functions.count; i++) {
			const char *name =
				module.functions.names + module.functions.entries[i].name;

			similar_names_offer(&similar, name);
			add_form(forms, name, target->symbol);
		}
		similar_names_text(&similar, names);
		module_release(&module);
	}
	if (fd >= 0)
		(void)close(fd);
	if (forms[0])
		return problem_set(ret_problem,
				   "--uprobe: %s: no function %s: the compiler has made of it: %s",
				   target->file, target->symbol, forms);
	if (names[0])
		return problem_set(ret_problem, "--uprobe: %s: no function %s: did you mean %s",
				   target->file, target->symbol, names);
	return problem_set(ret_problem,
			   "--uprobe: %s: no function %s: it has no symbol, or was inlined: use "
			   "start-address= or stop-address=",
			   target->file, target->symbol);
}
