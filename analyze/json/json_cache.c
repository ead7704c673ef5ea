/* analyze/json/json_cache.c - JSON made once for a stack, a task or a string, in bounded memory */
#include "analyze/json/json_cache.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"

/* A power of two, so that the table is at most half full. */
#define SLOTS (2 * JSON_CACHE_TEXTS)

struct slot {
	struct json_cache_key key;
	uint32_t offset, size;
	uint64_t round; /* equal to that of the cache: used */
};

struct json_cache {
	struct buffer texts;
	uint64_t round;
	size_t count;
	struct slot slots[SLOTS];
};

struct json_cache *json_cache_new(void)
{
	struct json_cache *cache = calloc(1, sizeof(*cache));

	if (!cache)
		return NULL;
	cache->round = 1;
	cache->texts.limit_bytes = JSON_CACHE_BYTES;
	return cache;
}

static size_t hash(const struct json_cache_key *key)
{
	uint64_t sum = (uint64_t)(uintptr_t)key->file;

	sum = (sum ^ key->what) * UINT64_C(0x9e3779b97f4a7c15);
	sum = (sum ^ key->id ^ sum >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
	return (size_t)(sum >> 32) % SLOTS;
}

static bool is_equal(const struct json_cache_key *a, const struct json_cache_key *b)
{
	return a->id == b->id && a->what == b->what && a->file == b->file;
}

/* Returns the number of the slot that has the key, or that is free for it. */
static size_t find_slot(const struct json_cache *cache, const struct json_cache_key *key)
{
	size_t at = hash(key);

	while (cache->slots[at].round == cache->round && !is_equal(&cache->slots[at].key, key))
		at = (at + 1) % SLOTS;
	return at;
}

struct trace_text json_cache_find(const struct json_cache *cache, const struct json_cache_key *key)
{
	const struct slot *slot;

	if (!cache)
		return (struct trace_text){NULL, 0};
	slot = &cache->slots[find_slot(cache, key)];
	if (slot->round != cache->round)
		return (struct trace_text){NULL, 0};
	return (struct trace_text){(const char *)cache->texts.data + slot->offset, slot->size};
}

void json_cache_add(struct json_cache *cache, const struct json_cache_key *key,
		    struct trace_text text)
{
	size_t offset;

	if (!cache || text.size > JSON_CACHE_BYTES / 16)
		return;
	if (cache->count == JSON_CACHE_TEXTS || cache->texts.size + text.size > JSON_CACHE_BYTES) {
		cache->round++;
		cache->count = 0;
		buffer_clear(&cache->texts);
	}
	offset = cache->texts.size;
	buffer_put(&cache->texts, text.bytes, text.size);
	if (cache->texts.failed)
		return;
	cache->slots[find_slot(cache, key)] = (struct slot){
		.key = *key,
		.offset = (uint32_t)offset,
		.size = (uint32_t)text.size,
		.round = cache->round,
	};
	cache->count++;
}

void json_cache_free(struct json_cache *cache)
{
	if (!cache)
		return;
	buffer_release(&cache->texts);
	free(cache);
}
