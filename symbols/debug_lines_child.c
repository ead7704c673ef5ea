/* symbols/debug_lines_child.c - finds source lines and inlined functions with libdw */
#include "symbols/debug_lines_child.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

struct line_writer {
	struct dwarf_writer *out;
	uint32_t address_index;
	Dwarf *dwarf;
};

static void write_line(struct line_writer *writer, const struct debug_line *line)
{
	const uint32_t inlined = line->inlined;
	uint8_t head[2 * sizeof(uint32_t) + sizeof(uint64_t) + sizeof(uint32_t)];

	memcpy(head, &writer->address_index, 4);
	memcpy(head + 4, &line->line, 4);
	memcpy(head + 8, &line->offset, 8);
	memcpy(head + 16, &inlined, 4);
	dwarf_writer_put(writer->out, head, sizeof(head));
	dwarf_writer_put_string(writer->out, line->function);
	dwarf_writer_put_string(writer->out, line->file);
}

static const char *function_name(Dwarf_Die *die)
{
	static const unsigned int linkage_names[] = {DW_AT_linkage_name, DW_AT_MIPS_linkage_name};
	const char *name = NULL;
	Dwarf_Attribute attribute;

	for (size_t i = 0; i < 2 && !name; i++) {
		if (dwarf_attr_integrate(die, linkage_names[i], &attribute))
			name = dwarf_formstring(&attribute);
	}
	if (!name)
		name = dwarf_diename(die);
	return name ? name : "";
}

/* The line from which an inlined function was called, in the function around it. */
static void take_call_site(Dwarf_Die *unit, Dwarf_Die *inlined, struct debug_line *line)
{
	Dwarf_Attribute attribute;
	Dwarf_Word number;
	Dwarf_Files *files;
	size_t count;
	const char *file = NULL;

	line->file = "";
	line->line = 0;
	if (dwarf_attr(inlined, DW_AT_call_line, &attribute) &&
	    dwarf_formudata(&attribute, &number) == 0)
		line->line = (uint32_t)number;
	if (dwarf_attr(inlined, DW_AT_call_file, &attribute) &&
	    dwarf_formudata(&attribute, &number) == 0 &&
	    dwarf_getsrcfiles(unit, &files, &count) == 0 && number < count)
		file = dwarf_filesrc(files, (size_t)number, NULL, NULL);
	if (file)
		line->file = file;
}

static void take_source_line(Dwarf_Die *unit, uint64_t address, struct debug_line *line)
{
	Dwarf_Line *source = dwarf_getsrc_die(unit, address);
	const char *file;
	int number;

	if (!source)
		return;
	file = dwarf_linesrc(source, NULL, NULL);
	if (file)
		line->file = file;
	if (dwarf_lineno(source, &number) == 0 && number > 0)
		line->line = (uint32_t)number;
}

static uint64_t offset_in(Dwarf_Die *function, uint64_t address)
{
	Dwarf_Addr start;

	return dwarf_entrypc(function, &start) == 0 && start <= address ? address - start : 0;
}

static void write_lines_at(struct line_writer *writer, uint64_t address)
{
	struct debug_line line = {.function = "", .file = ""};
	unsigned int nesting = 0;
	Dwarf_Die *scopes = NULL;
	Dwarf_Die unit;
	int count;

	if (!dwarf_find_unit(writer->dwarf, address, &unit))
		return;
	take_source_line(&unit, address, &line);
	count = dwarf_find_scopes(writer->dwarf, &unit, address, &scopes);
	for (int i = 0; i < count && nesting < DEBUG_LINES_NESTING_MAX; i++) {
		int tag = dwarf_tag(&scopes[i]);

		if (tag != DW_TAG_inlined_subroutine && tag != DW_TAG_subprogram)
			continue;
		line.function = function_name(&scopes[i]);
		line.inlined = tag == DW_TAG_inlined_subroutine;
		line.offset = line.inlined ? 0 : offset_in(&scopes[i], address);
		write_line(writer, &line);
		nesting++;
		if (!line.inlined)
			break;
		take_call_site(&unit, &scopes[i], &line);
	}
	free(scopes);
	if (nesting == 0 && line.line > 0)
		write_line(writer, &line);
}

void debug_lines_answer(Dwarf *dwarf, struct dwarf_writer *out, const void *query)
{
	const struct debug_lines_query *addresses = query;
	struct line_writer writer = {.out = out, .dwarf = dwarf};

	for (size_t i = 0; i < addresses->address_count; i++) {
		writer.address_index = (uint32_t)i;
		write_lines_at(&writer, addresses->addresses[i]);
	}
}
