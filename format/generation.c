/* format/generation.c - maps the identifiers of one generation to file-wide ones */
#include "format/generation.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/search.h"
#include <dz/reader.h>

/* Items of the first allocation. A long recording has many generations, each with few blocks of a
 * dictionary. */
#define FIRST_SEGMENTS 4u

uint32_t dz_dictionary_of_kind(uint32_t kind)
{
	static const uint32_t kinds[DZ_DICTIONARY_COUNT] = {
		DZ_KIND_STRING, DZ_KIND_MODULE, DZ_KIND_FRAME, DZ_KIND_STACK, DZ_KIND_TASK,
	};
	uint32_t dictionary = 0;

	while (dictionary < DZ_DICTIONARY_COUNT && kinds[dictionary] != kind)
		dictionary++;
	return dictionary;
}

struct dz_segment *dz_generation_add_segment(struct dz_generation *generation, uint32_t dictionary,
					     uint32_t first, uint32_t size)
{
	struct dz_segment_list *list = &generation->lists[dictionary];
	struct dz_segment *segments;
	struct dz_segment *segment;

	if (!list->segments)
		list->capacity = FIRST_SEGMENTS;
	segments = array_grow(list->segments, &list->capacity, list->count + 1, sizeof(*segments),
			      ARRAY_NO_LIMIT);
	if (!segments)
		return NULL;
	list->segments = segments;
	segment = &list->segments[list->count];
	*segment = (struct dz_segment){.first = first};
	segment->ids = malloc(size * sizeof(*segment->ids));
	if (!segment->ids)
		return NULL;
	list->count++;
	return segment;
}

static bool starts_at_or_before(const void *table, size_t index, uint64_t id)
{
	const struct dz_segment *segments = table;

	return segments[index].first <= id;
}

/* Returns the block that defines an identifier, NULL if there is none. Mostly it is that of the
 * search before. */
static const struct dz_segment *find_segment(struct dz_segment_list *list, uint64_t id)
{
	size_t index;

	if (list->last < list->count &&
	    id - list->segments[list->last].first < list->segments[list->last].count)
		return &list->segments[list->last];
	index = search_lower_bound(list->segments, list->count, id, starts_at_or_before);
	if (index == 0 || id - list->segments[index - 1].first >= list->segments[index - 1].count)
		return NULL;
	list->last = index - 1;
	return &list->segments[list->last];
}

uint64_t dz_generation_resolve(struct dz_generation *generation, uint32_t dictionary, uint64_t id,
			       uint32_t sequence)
{
	const struct dz_segment *segment;

	if (id == 0)
		return 0;
	segment = find_segment(&generation->lists[dictionary], id);
	if (!segment || segment->sequence > sequence)
		return DZ_ID_DAMAGED;
	return (uint64_t)generation->epoch << 32 | segment->ids[id - segment->first];
}

void dz_generation_release(struct dz_generation *generation)
{
	for (uint32_t i = 0; i < DZ_DICTIONARY_COUNT; i++) {
		struct dz_segment_list *list = &generation->lists[i];

		for (size_t j = 0; j < list->count; j++)
			free(list->segments[j].ids);
		free(list->segments);
		*list = (struct dz_segment_list){0};
	}
}
