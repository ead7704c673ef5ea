/* analyze/rows/rows_held.c - rows that wait for a later event, in bounded memory */
#include "analyze/rows/rows_held.h"

#include <stdlib.h>
#include <string.h>

#define BUCKETS 16384u

struct rows_held {
	struct rows_held_row *buckets[BUCKETS];
	struct rows_held_row *oldest, *newest;
	size_t count;
};

struct rows_held *rows_held_new(void)
{
	return calloc(1, sizeof(struct rows_held));
}

static size_t bucket_of(const struct rows_held_key *key)
{
	uint64_t sum = key->id;

	sum = (sum ^ key->time_ns) * UINT64_C(0x9e3779b97f4a7c15);
	sum = (sum ^ key->number ^ sum >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
	return (size_t)(sum >> 32) % BUCKETS;
}

static bool is_equal(const struct rows_held_key *a, const struct rows_held_key *b)
{
	return a->id == b->id && a->time_ns == b->time_ns && a->number == b->number &&
	       a->file == b->file;
}

bool rows_held_add(struct rows_held *held, const struct rows_held_key *key, uint64_t unix_ns,
		   struct trace_text text, size_t first_bytes)
{
	struct rows_held_row **link = &held->buckets[bucket_of(key)];
	struct rows_held_row *row = calloc(1, sizeof(*row));
	char *copy = malloc(text.size + 1);

	if (!row || !copy) {
		free(row);
		free(copy);
		return false;
	}
	memcpy(copy, text.bytes, text.size);
	*row = (struct rows_held_row){
		.key = *key,
		.unix_ns = unix_ns,
		.text = copy,
		.first_bytes = first_bytes,
		.bytes = text.size,
		.older = held->newest,
		.next = *link,
	};
	*link = row;
	*(held->newest ? &held->newest->newer : &held->oldest) = row;
	held->newest = row;
	held->count++;
	return true;
}

struct rows_held_row *rows_held_find(const struct rows_held *held, const struct rows_held_key *key)
{
	struct rows_held_row *found = NULL;

	/* The newest row of a bucket is the first. */
	for (struct rows_held_row *row = held->buckets[bucket_of(key)]; row; row = row->next)
		if (is_equal(&row->key, key))
			found = row;
	return found;
}

struct rows_held_row *rows_held_oldest(const struct rows_held *held)
{
	return held->oldest;
}

bool rows_held_is_full(const struct rows_held *held)
{
	return held->count == ROWS_HELD_MAX;
}

static void free_row(struct rows_held_row *row)
{
	free(row->text);
	free(row);
}

void rows_held_remove(struct rows_held *held, struct rows_held_row *row)
{
	struct rows_held_row **link = &held->buckets[bucket_of(&row->key)];

	while (*link != row)
		link = &(*link)->next;
	*link = row->next;
	*(row->older ? &row->older->newer : &held->oldest) = row->newer;
	*(row->newer ? &row->newer->older : &held->newest) = row->older;
	held->count--;
	free_row(row);
}

void rows_held_free(struct rows_held *held)
{
	if (!held)
		return;
	for (struct rows_held_row *row = held->oldest, *newer; row; row = newer) {
		newer = row->newer;
		free_row(row);
	}
	free(held);
}
