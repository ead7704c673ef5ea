/* record/probes/function_names.c - the traceable functions of the running kernel
 *
 * The kernel generates tens of thousands of lines for each read. Therefore they are read once, and
 * names are found in a hash table.
 */
#include "record/probes/function_names.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct function_names {
	char *text; /* holds all names */
	struct function_name *items;
	size_t count;
	struct hsearch_data table;
};

/* Ends each line with a NUL. Returns their number. */
static size_t split_lines(char *text, size_t size)
{
	size_t count = 0;

	for (size_t i = 0; i < size; i++) {
		if (text[i] != '\n')
			continue;
		text[i] = '\0';
		count++;
	}
	return size && text[size - 1] != '\0' ? count + 1 : count;
}

static struct function_name read_line(char *line)
{
	struct function_name function = {line, ""};
	char *name_end = line + strcspn(line, " \t");
	char *bracket;

	if (!*name_end)
		return function;
	*name_end = '\0';
	bracket = strchr(name_end + 1, '[');
	if (!bracket)
		return function;
	bracket[1 + strcspn(bracket + 1, "]")] = '\0';
	function.module = bracket + 1;
	return function;
}

static bool fill(struct function_names *names, size_t size)
{
	size_t count = split_lines(names->text, size);
	char *line = names->text;

	names->items = calloc(count + 1, sizeof(names->items[0]));
	if (!names->items || !hcreate_r(count + count / 4 + 1, &names->table))
		return false;
	for (size_t i = 0; i < count; i++) {
		size_t length = strlen(line);
		ENTRY entry = {.key = line}, *found;

		names->items[names->count++] = read_line(line);
		if (!hsearch_r(entry, ENTER, &found, &names->table))
			return false;
		line += length + 1;
	}
	return true;
}

struct function_names *function_names_read(const char *path)
{
	struct function_names *names = calloc(1, sizeof(*names));
	FILE *file = names ? fopen(path, "re") : NULL;
	size_t capacity = 0;
	ssize_t size;

	if (!file) {
		free(names);
		return NULL;
	}
	/* Names contain no NUL: this reads the whole file. */
	size = getdelim(&names->text, &capacity, '\0', file);
	(void)fclose(file);
	if (size < 0 || !fill(names, (size_t)size)) {
		function_names_free(names);
		return NULL;
	}
	return names;
}

size_t function_names_count(const struct function_names *names)
{
	return names->count;
}

struct function_name function_names_at(const struct function_names *names, size_t index)
{
	return names->items[index];
}

bool function_names_has(const struct function_names *names, const char *name)
{
	/* FIND changes neither the table nor the key; the parameters are not const for ENTER. */
	struct hsearch_data table = names->table;
	ENTRY entry = {.data = NULL}, *found;

	memcpy(&entry.key, &name, sizeof(entry.key));
	return hsearch_r(entry, FIND, &found, &table) != 0;
}

void function_names_free(struct function_names *names)
{
	if (!names)
		return;
	hdestroy_r(&names->table);
	free(names->items);
	free(names->text);
	free(names);
}
