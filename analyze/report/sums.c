/* analyze/report/sums.c - times added up by a text or a number */
#include "analyze/report/sums.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

static int compare_numbers(uint64_t left, uint64_t right)
{
	return (left > right) - (left < right);
}

static int compare_keys(const void *left, const void *right)
{
	const struct sum *a = left, *b = right;
	int order = compare_numbers(a->of, b->of);

	order = order ? order : compare_numbers(a->number, b->number);
	return order ? order : trace_text_compare(a->text, b->text);
}

static struct sum *find(struct sums *sums, const struct sum *key)
{
	struct sum **found = tsearch(key, &sums->tree, compare_keys);
	struct sum *added;

	if (!found)
		return NULL;
	if (*found != key)
		return *found;
	/* The text follows the sum. */
	added = malloc(sizeof(*added) + key->text.size);
	if (!added) {
		tdelete(key, &sums->tree, compare_keys);
		return NULL;
	}
	*added = *key;
	added->text.bytes = memcpy(added + 1, key->text.bytes, key->text.size);
	*found = added;
	sums->count++;
	return added;
}

static struct sum *add(struct sums *sums, const struct sum *key, uint64_t count, uint64_t total_ns)
{
	struct sum *sum = find(sums, key);

	sums->out_of_memory |= !sum;
	if (!sum)
		return NULL;
	if (__builtin_add_overflow(sum->count, count, &sum->count))
		sum->count = UINT64_MAX;
	if (__builtin_add_overflow(sum->total_ns, total_ns, &sum->total_ns))
		sum->total_ns = UINT64_MAX;
	return sum;
}

bool sums_add(struct sums *sums, const struct sum *key, uint64_t ns)
{
	struct sum *sum = add(sums, key, 1, ns);

	if (!sum)
		return false;
	if (!sum->times)
		sum->times = calloc(1, sizeof(*sum->times));
	sums->out_of_memory |= !sum->times;
	if (!sum->times)
		return false;
	histogram_add(sum->times, ns);
	return true;
}

bool sums_add_many(struct sums *sums, const struct sum *key, uint64_t count, uint64_t total_ns)
{
	return add(sums, key, count, total_ns);
}

struct list {
	const struct sum **sums;
	size_t count;
};

static void collect(const void *node, VISIT order, void *context)
{
	struct list *list = context;

	if (order == postorder || order == leaf)
		list->sums[list->count++] = *(const struct sum *const *)node;
}

static int compare_for_show(const void *left, const void *right)
{
	const struct sum *a = *(const struct sum *const *)left;
	const struct sum *b = *(const struct sum *const *)right;
	int order = compare_numbers(a->of, b->of);

	order = order ? order : compare_numbers(b->total_ns, a->total_ns);
	return order ? order : compare_keys(a, b);
}

const struct sum **sums_sorted(const struct sums *sums)
{
	struct list list = {NULL, 0};

	if (!sums->out_of_memory)
		list.sums = calloc(sums->count + 1, sizeof(struct sum *));
	if (!list.sums)
		return NULL;
	twalk_r(sums->tree, collect, &list);
	qsort(list.sums, list.count, sizeof(struct sum *), compare_for_show);
	return list.sums;
}

static void free_sum(void *node)
{
	struct sum *sum = node;

	free(sum->times);
	free(sum);
}

void sums_release(struct sums *sums)
{
	tdestroy(sums->tree, free_sum);
	*sums = (struct sums){NULL, 0, false};
}
