/* analyze/report/answer_table.c - the kinds of deaths that rank first, in bounded memory */
#define _GNU_SOURCE
#include "analyze/report/answer_table.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

struct kind {
	struct answer_entry entry; /* first, so that an entry is also a kind */
	struct answer_key key;     /* in `bytes`, or borrowed for a search */
	uint64_t hash;             /* of the key */
	unsigned char bytes[];
};

/* Kinds that were found last: most deaths are of few kinds. A power of two. */
#define RECENT_KINDS 256u

struct answer_table {
	answer_table_release *release;
	void *tree;                        /* of tsearch(3), by key */
	struct kind *recent[RECENT_KINDS]; /* by hash; each is in the tree */
	struct kind **kinds;               /* by rank */
	size_t count;
	size_t capacity;
	uint64_t sequence;
};

/* Keys begin alike, so most comparisons are of hashes. The tree is balanced for any of them. */
static uint64_t hash_of(struct answer_key key)
{
	const unsigned char *bytes = key.bytes;
	uint64_t hash = key.size;

	for (size_t at = 0; at < key.size; at += sizeof(uint64_t)) {
		size_t left = key.size - at;
		uint64_t word = 0;

		memcpy(&word, bytes + at, left < sizeof(word) ? left : sizeof(word));
		hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 32;
	}
	return hash;
}

static int compare_keys(const void *left, const void *right)
{
	const struct kind *first = left;
	const struct kind *second = right;
	const struct answer_key *a = &first->key;
	const struct answer_key *b = &second->key;

	if (first->hash != second->hash)
		return first->hash < second->hash ? -1 : 1;
	if (a->size != b->size)
		return a->size < b->size ? -1 : 1;
	return a->size == 0 ? 0 : memcmp(a->bytes, b->bytes, a->size);
}

static struct kind **recent_place(struct answer_table *table, uint64_t hash)
{
	return &table->recent[hash & (RECENT_KINDS - 1)];
}

static struct kind *find_kind(struct answer_table *table, struct answer_key key)
{
	const struct kind wanted = {.key = key, .hash = hash_of(key)};
	struct kind **recent = recent_place(table, wanted.hash);
	struct kind *const *found;

	if (*recent && compare_keys(*recent, &wanted) == 0)
		return *recent;
	found = tfind(&wanted, &table->tree, compare_keys);
	if (!found)
		return NULL;
	*recent = *found;
	return *found;
}

static bool is_before(const struct answer_rank *a, const struct answer_rank *b)
{
	if (a->class != b->class)
		return a->class < b->class;
	if (a->kind != b->kind)
		return a->kind < b->kind;
	if (a->first_ns != b->first_ns)
		return a->first_ns < b->first_ns;
	return a->sequence < b->sequence;
}

struct answer_table *answer_table_new(size_t capacity, answer_table_release *release)
{
	struct answer_table *table = calloc(1, sizeof(*table));

	if (!table)
		return NULL;
	table->kinds = calloc(capacity, sizeof(struct kind *));
	table->capacity = capacity;
	table->release = release;
	if (table->kinds)
		return table;
	free(table);
	return NULL;
}

/* Returns the place of the first kind that does not rank before `rank`. */
static size_t find_place(const struct answer_table *table, const struct answer_rank *rank)
{
	size_t low = 0;
	size_t high = table->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (is_before(&table->kinds[middle]->entry.rank, rank))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

size_t answer_table_place(const struct answer_table *table, const struct answer_entry *entry)
{
	return find_place(table, &entry->rank);
}

static void release_kind(const struct answer_table *table, struct kind *kind)
{
	if (kind->entry.item)
		table->release(kind->entry.item);
	free(kind);
}

static void remove_last(struct answer_table *table)
{
	struct kind *last = table->kinds[--table->count];
	struct kind **recent = recent_place(table, last->hash);

	if (*recent == last)
		*recent = NULL;
	tdelete(last, &table->tree, compare_keys);
	release_kind(table, last);
}

static struct kind *make_kind(struct answer_key key, const struct answer_rank *rank)
{
	struct kind *kind = malloc(sizeof(*kind) + key.size);

	if (!kind)
		return NULL;
	*kind = (struct kind){
		.entry = {.rank = *rank, .count = 1},
		.key = {kind->bytes, key.size},
		.hash = hash_of(key),
	};
	if (key.size > 0)
		memcpy(kind->bytes, key.bytes, key.size);
	return kind;
}

static enum answer_added insert(struct answer_table *table, struct answer_key key,
				const struct answer_rank *rank, struct answer_entry **ret_entry)
{
	struct kind *kind = make_kind(key, rank);
	size_t place;

	if (!kind || !tsearch(kind, &table->tree, compare_keys)) {
		free(kind);
		return ANSWER_NO_MEMORY;
	}
	if (table->count == table->capacity)
		remove_last(table);
	place = find_place(table, rank);
	memmove(&table->kinds[place + 1], &table->kinds[place],
		(table->count - place) * sizeof(struct kind *));
	table->kinds[place] = kind;
	table->count++;
	*ret_entry = &kind->entry;
	return ANSWER_NEW;
}

enum answer_added answer_table_add(struct answer_table *table, struct answer_key key,
				   struct answer_rank rank, struct answer_entry **ret_entry)
{
	struct kind *found = find_kind(table, key);

	*ret_entry = NULL;
	if (found) {
		found->entry.count++;
		*ret_entry = &found->entry;
		return ANSWER_COUNTED;
	}
	rank.sequence = table->sequence++;
	if (table->count == table->capacity &&
	    !is_before(&rank, &table->kinds[table->count - 1]->entry.rank))
		return ANSWER_OUTSIDE;
	return insert(table, key, &rank, ret_entry);
}

struct answer_entry *answer_table_find(struct answer_table *table, struct answer_key key)
{
	struct kind *found = find_kind(table, key);

	return found ? &found->entry : NULL;
}

struct answer_entry *answer_table_at(const struct answer_table *table, size_t place)
{
	return place < table->count ? &table->kinds[place]->entry : NULL;
}

static void ignore(void *node)
{
	(void)node;
}

void answer_table_free(struct answer_table *table)
{
	if (!table)
		return;
	tdestroy(table->tree, ignore);
	for (size_t i = 0; i < table->count; i++)
		release_kind(table, table->kinds[i]);
	free(table->kinds);
	free(table);
}
