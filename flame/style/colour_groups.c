/* flame/style/colour_groups.c - packages, modules or files as colours */
#include "flame/style/colour_groups.h"

#include <stdlib.h>
#include <string.h>

#include "flame/tree/frame_type.h"

struct group {
	const char *text;
	size_t size;
	uint64_t weight;
};

static size_t from_last(const char *text, size_t size, char separator)
{
	const char *last = memrchr(text, separator, size);

	return last ? (size_t)(last + 1 - text) : 0;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Returns the size without line and column, such as :12 or :12:5; 0 without a line. */
static size_t trim_line(const char *text, size_t size)
{
	size_t kept = size;

	for (;;) {
		size_t at = kept;

		while (at > 0 && is_digit(text[at - 1]))
			at--;
		if (at == kept || at < 2 || text[at - 1] != ':')
			return kept == size ? 0 : kept;
		kept = at - 1;
	}
}

/* "run (app.py:12)", "LazyCompile:~run /srv/app.js:12" */
static size_t find_file(const char *name, size_t size, const char **ret_text)
{
	size_t end = size > 0 && name[size - 1] == ')' ? size - 1 : size;
	size_t start;

	end = trim_line(name, end);
	start = from_last(name, end, ' ');
	if (end < size && name[size - 1] == ')')
		start = from_last(name, end, '(');
	start += from_last(name + start, end - start, '/');
	if (end == 0 || start == 0)
		return 0;
	*ret_text = name + start;
	return end - start;
}

/* "tokio" in tokio::runtime::run and <tokio::sync::Mutex as X>::lock */
static size_t find_namespace(const char *name, size_t size, const char **ret_text)
{
	const char *colons;
	size_t skip = 0;

	while (skip < size && (name[skip] == '<' || name[skip] == '&'))
		skip++;
	colons = memmem(name + skip, size - skip, "::", 2);
	if (!colons || memchr(name + skip, ' ', (size_t)(colons - name) - skip) ||
	    memchr(name + skip, '(', (size_t)(colons - name) - skip))
		return 0;
	*ret_text = name + skip;
	return (size_t)(colons - name) - skip;
}

/* The first two parts of a path; of Go, whose first part has a dot, all but the function. */
static size_t find_path(const char *name, size_t size, const char **ret_text)
{
	const char *first = memchr(name, '/', size);
	size_t second;

	if (!first || first == name || memchr(name, ' ', size))
		return 0;
	*ret_text = name;
	if (memchr(name, '.', (size_t)(first - name))) {
		size_t last = from_last(name, size, '/');
		const char *dot = memchr(name + last, '.', size - last);

		return dot ? (size_t)(dot - name) : 0;
	}
	second = (size_t)(first - name) + 1;
	while (second < size && name[second] != '/' && name[second] != '.')
		second++;
	return second;
}

/* Suffixes of the compiler are no packages. */
static bool is_suffix(const char *text, size_t size)
{
	static const char *const suffixes[] = {"part", "isra", "constprop", "cold", "llvm"};

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (size >= strlen(suffixes[i]) &&
		    memcmp(text, suffixes[i], strlen(suffixes[i])) == 0)
			return true;
	return size == 0 || is_digit(text[0]);
}

/* "java.util" in java.util.HashMap.put, "runtime" in runtime.mallocgc */
static size_t find_package(const char *name, size_t size, const char **ret_text)
{
	const char *dot = memchr(name, '.', size);
	const char *next;
	size_t first;

	if (!dot || dot == name || name[0] == '[' || memchr(name, ' ', size))
		return 0;
	first = (size_t)(dot - name);
	if (is_suffix(dot + 1, size - first - 1))
		return 0;
	*ret_text = name;
	next = memchr(dot + 1, '.', size - first - 1);
	if (!next || name[first + 1] < 'a' || memchr(name, '(', first))
		return first;
	return (size_t)(next - name);
}

size_t colour_group_of_name(const char *name, size_t size, const char **ret_text)
{
	static size_t (*const finders[])(const char *, size_t, const char **) = {
		find_file,
		find_namespace,
		find_path,
		find_package,
	};
	const char *tick;

	size = frame_type_trim_suffix(name, size);
	tick = memchr(name, '`', size);
	if (!tick)
		tick = memmem(name, size, "+0x", 3);
	*ret_text = name;
	if (tick)
		return (size_t)(tick - name);
	for (size_t i = 0; i < sizeof(finders) / sizeof(finders[0]); i++) {
		size_t found = finders[i](name, size, ret_text);

		if (found > 0)
			return found;
	}
	return 0;
}

static bool is_code(const struct name *name)
{
	return name->type != FRAME_TYPE_GROUP && name->type != FRAME_TYPE_UNKNOWN &&
	       name->type != FRAME_TYPE_LOST;
}

/* Returns the type of all code, or FRAME_TYPE_AUTO if types differ. */
static enum frame_type find_only_type(const struct name_table *table)
{
	enum frame_type only = FRAME_TYPE_AUTO;

	for (uint32_t i = 0; i < table->count; i++) {
		if (!is_code(&table->items[i]) || table->items[i].total[SIDE_NEW] == 0)
			continue;
		if (only != FRAME_TYPE_AUTO && only != table->items[i].type)
			return FRAME_TYPE_AUTO;
		only = (enum frame_type)table->items[i].type;
	}
	return only;
}

static int compare_texts(const void *left_pointer, const void *right_pointer)
{
	const struct group *left = left_pointer;
	const struct group *right = right_pointer;
	int order = memcmp(left->text, right->text,
			   left->size < right->size ? left->size : right->size);

	return order ? order : (left->size > right->size) - (left->size < right->size);
}

static int compare_weights(const void *left_pointer, const void *right_pointer)
{
	const struct group *left = left_pointer;
	const struct group *right = right_pointer;

	if (left->weight != right->weight)
		return left->weight < right->weight ? 1 : -1;
	return compare_texts(left_pointer, right_pointer);
}

/* Adds up equal groups of the sorted list. Returns their number. */
static size_t add_up(struct group *list, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		if (kept > 0 && compare_texts(&list[kept - 1], &list[i]) == 0)
			list[kept - 1].weight += list[i].weight;
		else
			list[kept++] = list[i];
	}
	return kept;
}

/* Lists the group of every name of code that has one. Returns false if they have less than half of
 * the weight. */
static bool list_groups(const struct name_table *table, struct group *list, size_t *ret_count)
{
	/* Weights of code itself: each is counted once, so neither exceeds the total of the tree.
	 */
	uint64_t all = 0;
	uint64_t grouped = 0;

	*ret_count = 0;
	for (uint32_t i = 0; i < table->count; i++) {
		const struct name *name = &table->items[i];
		struct group group = {.weight = name->self[SIDE_NEW]};

		if (!is_code(name))
			continue;
		all += group.weight;
		group.size = colour_group_of_name(name->text, name->size, &group.text);
		if (group.size == 0)
			continue;
		grouped += group.weight;
		list[(*ret_count)++] = group;
	}
	return grouped >= all - grouped;
}

bool colour_groups_choose(struct colour_groups *groups, const struct name_table *table)
{
	enum frame_type type = find_only_type(table);
	struct group *list;
	size_t count;

	*groups = (struct colour_groups){.type = FRAME_TYPE_AUTO};
	if (type == FRAME_TYPE_AUTO)
		return true;
	list = calloc((size_t)table->count + 1, sizeof(*list));
	if (!list)
		return false;
	if (list_groups(table, list, &count)) {
		qsort(list, count, sizeof(*list), compare_texts);
		count = add_up(list, count);
		qsort(list, count, sizeof(*list), compare_weights);
		groups->type = count > 1 ? type : FRAME_TYPE_AUTO;
		groups->count = count < COLOUR_GROUPS_MAX ? count : COLOUR_GROUPS_MAX;
	}
	for (size_t i = 0; i < groups->count; i++) {
		groups->texts[i] = list[i].text;
		groups->sizes[i] = list[i].size;
	}
	free(list);
	return true;
}

unsigned colour_groups_class(const struct colour_groups *groups, const struct name *name)
{
	unsigned shade = COLOUR_GROUPS_MAX;
	const char *text;
	size_t size;

	if (groups->type == FRAME_TYPE_AUTO || name->type != groups->type)
		return colour_class(name);
	size = colour_group_of_name(name->text, name->size, &text);
	for (unsigned i = 0; i < groups->count && size > 0; i++)
		if (groups->sizes[i] == size && memcmp(groups->texts[i], text, size) == 0)
			shade = i;
	return ((unsigned)name->type - 1) * COLOUR_SHADES + shade;
}
