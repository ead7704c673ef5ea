/* text/id_list.c - lists of numbers and ranges: 0-16,23 */
#include "text/id_list.h"

#include <stdlib.h>

#include "base/search.h"

static bool parse_id(const char **text, uint32_t largest, uint32_t *ret_id)
{
	uint64_t value = 0;

	if (**text < '0' || **text > '9')
		return false;
	for (; **text >= '0' && **text <= '9'; (*text)++) {
		value = value * 10 + (uint64_t)(**text - '0');
		if (value > largest)
			return false;
	}
	*ret_id = (uint32_t)value;
	return true;
}

static bool parse_range(const char **text, uint32_t largest, struct id_range *ret_range)
{
	struct id_range range;

	if (!parse_id(text, largest, &range.first))
		return false;
	range.last = range.first;
	if (**text == '-') {
		(*text)++;
		if (!parse_id(text, largest, &range.last))
			return false;
	}
	if (range.last < range.first)
		return false;
	*ret_range = range;
	return true;
}

static size_t count_items(const char *text)
{
	size_t count = 1;

	for (; *text; text++)
		count += *text == ',';
	return count;
}

static int compare_ranges(const void *left, const void *right)
{
	uint32_t a = ((const struct id_range *)left)->first;
	uint32_t b = ((const struct id_range *)right)->first;

	return (a > b) - (a < b);
}

static void join_ranges(struct id_list *list)
{
	size_t kept = 0;

	qsort(list->ranges, list->count, sizeof(*list->ranges), compare_ranges);
	for (size_t i = 1; i < list->count; i++) {
		struct id_range *last = &list->ranges[kept];
		const struct id_range *next = &list->ranges[i];

		if ((uint64_t)next->first > (uint64_t)last->last + 1)
			list->ranges[++kept] = *next;
		else if (next->last > last->last)
			last->last = next->last;
	}
	list->count = kept + 1;
}

bool id_list_parse(const char *text, uint32_t largest, struct id_list *ret_list)
{
	size_t capacity = count_items(text);
	struct id_list list = {.ranges = calloc(capacity, sizeof(*list.ranges))};

	if (!list.ranges)
		return false;
	while (list.count < capacity) {
		if (!parse_range(&text, largest, &list.ranges[list.count]))
			goto bad;
		list.count++;
		if (*text != ',' && *text != '\0')
			goto bad;
		text += *text == ',';
	}
	join_ranges(&list);
	*ret_list = list;
	return true;
bad:
	id_list_release(&list);
	return false;
}

static bool ends_before(const void *table, size_t index, uint64_t id)
{
	const struct id_range *ranges = table;

	return ranges[index].last < id;
}

bool id_list_contains(const struct id_list *list, uint32_t id)
{
	size_t at = search_lower_bound(list->ranges, list->count, id, ends_before);

	return at < list->count && list->ranges[at].first <= id;
}

void id_list_release(struct id_list *list)
{
	free(list->ranges);
	*list = (struct id_list){0};
}
